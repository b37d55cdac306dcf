#include <fmt/core.h>

#include "control/metadata/query.h"

namespace raudal::control::metadata {
namespace {

Result<Run> read_run(const Statement& row) {
  Run run;
  run.application = ApplicationId(row.int_at(0));
  run.number = RunNumber(row.int_at(1));
  run.version = row.int_at(2);
  run.parallelism = static_cast<int>(row.int_at(3));
  run.max_parallelism = static_cast<int>(row.int_at(4));
  run.restore_path = row.text_at(5);
  run.restore_snapshot = row.optional_int_at(6);
  run.allow_non_restored_state = row.int_at(7) != 0;
  run.incarnation = Incarnation(row.int_at(8));
  return run;
}

}  // namespace

Status Transaction::insert_run(const Run& run) {
  return execute(
      "INSERT INTO runs (application, number, version, parallelism, max_parallelism, restore_path, "
      "restore_snapshot, allow_non_restored_state, incarnation) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
      run.application.value(), run.number.value(), run.version, int64_t{run.parallelism}, int64_t{run.max_parallelism},
      std::string_view(run.restore_path), run.restore_snapshot, int64_t{run.allow_non_restored_state},
      run.incarnation.value());
}

Status Transaction::update_run(const Run& run) {
  return execute("UPDATE runs SET incarnation = ?, version = ?, parallelism = ? WHERE application = ? AND number = ?",
                 run.incarnation.value(), run.version, int64_t{run.parallelism}, run.application.value(),
                 run.number.value());
}

Result<std::optional<Run>> Transaction::find_run(ApplicationId id, RunNumber number) {
  Statement rows =
      TRY(query("SELECT application, number, version, parallelism, max_parallelism, restore_path, restore_snapshot, "
                "allow_non_restored_state, incarnation FROM runs WHERE application = ? AND number = ?",
                id.value(), number.value()));
  return read_row(rows, read_run);
}

Result<Run> Transaction::require_run(ApplicationId id, RunNumber number) {
  auto found = TRY(find_run(id, number));
  if (!found) return Error(ErrorCode::kInternal, fmt::format("The store lacks run {}", number.value()));
  return *std::move(found);
}

}  // namespace raudal::control::metadata
