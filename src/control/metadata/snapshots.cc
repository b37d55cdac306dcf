#include <utility>

#include "control/metadata/query.h"

namespace raudal::control::metadata {
namespace {

constexpr std::string_view kSelect =
    "SELECT id, application, name, status, version, runtime, created_ms, directory, trigger_id, incarnation, "
    "size_bytes, max_parallelism, automatic FROM snapshots ";

constexpr std::pair<SnapshotStatus, std::string_view> kNames[] = {
    {SnapshotStatus::kCreating, "CREATING"},
    {SnapshotStatus::kReady, "READY"},
    {SnapshotStatus::kDeleting, "DELETING"},
    {SnapshotStatus::kFailed, "FAILED"},
};

SnapshotStatus parse_status(std::string_view text) {
  for (const auto& [status, name] : kNames) {
    if (name == text) return status;
  }
  check_failed("the store holds only known snapshot states", __FILE__, __LINE__);
}

Result<Snapshot> read_snapshot(const Statement& row) {
  Snapshot snapshot;
  snapshot.id = row.int_at(0);
  snapshot.application = ApplicationId(row.int_at(1));
  snapshot.name = row.text_at(2);
  snapshot.status = parse_status(row.text_at(3));
  snapshot.version = row.int_at(4);
  snapshot.runtime = row.text_at(5);
  snapshot.created_ms = row.int_at(6);
  snapshot.directory = row.text_at(7);
  snapshot.trigger_id = row.text_at(8);
  snapshot.incarnation = Incarnation(row.int_at(9));
  snapshot.size_bytes = row.int_at(10);
  snapshot.max_parallelism = static_cast<int>(row.int_at(11));
  snapshot.automatic = row.int_at(12) != 0;
  return snapshot;
}

}  // namespace

std::string_view to_string(SnapshotStatus status) {
  for (const auto& [value, name] : kNames) {
    if (value == status) return name;
  }
  check_failed("every snapshot status has a name", __FILE__, __LINE__);
}

Status Transaction::insert_snapshot(Snapshot& snapshot) {
  TRY(
      execute("INSERT INTO snapshots (application, name, status, version, runtime, created_ms, directory, trigger_id, "
              "incarnation, size_bytes, max_parallelism, automatic) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
              snapshot.application.value(), std::string_view(snapshot.name), to_string(snapshot.status),
              snapshot.version, std::string_view(snapshot.runtime), snapshot.created_ms,
              std::string_view(snapshot.directory), std::string_view(snapshot.trigger_id), snapshot.incarnation.value(),
              snapshot.size_bytes, int64_t{snapshot.max_parallelism}, int64_t{snapshot.automatic}));
  snapshot.id = database_->last_row_id();
  return {};
}

Status Transaction::update_snapshot(const Snapshot& snapshot) {
  return execute(
      "UPDATE snapshots SET status = ?, directory = ?, trigger_id = ?, incarnation = ?, size_bytes = ?, "
      "max_parallelism = ? WHERE id = ?",
      to_string(snapshot.status), std::string_view(snapshot.directory), std::string_view(snapshot.trigger_id),
      snapshot.incarnation.value(), snapshot.size_bytes, int64_t{snapshot.max_parallelism}, snapshot.id);
}

Status Transaction::remove_snapshot(int64_t id) { return execute("DELETE FROM snapshots WHERE id = ?", id); }

Result<std::optional<Snapshot>> Transaction::find_snapshot(ApplicationId id, std::string_view name) {
  Statement rows = TRY(query(std::string(kSelect) + "WHERE application = ? AND name = ?", id.value(), name));
  return read_row(rows, read_snapshot);
}

Result<std::optional<Snapshot>> Transaction::find_snapshot(int64_t id) {
  Statement rows = TRY(query(std::string(kSelect) + "WHERE id = ?", id));
  return read_row(rows, read_snapshot);
}

Result<std::optional<Snapshot>> Transaction::newest_ready_snapshot(ApplicationId id) {
  Statement rows = TRY(
      query(std::string(kSelect) + "WHERE application = ? AND status = 'READY' ORDER BY id DESC LIMIT 1", id.value()));
  return read_row(rows, read_snapshot);
}

Result<std::vector<Snapshot>> Transaction::list_snapshots(ApplicationId id, PageRequest page) {
  Statement rows = TRY(query(std::string(kSelect) + "WHERE application = ?1 AND (?2 = 0 OR id < ?2) "
                                                    "ORDER BY id DESC LIMIT ?3",
                             id.value(), page.before, page.limit));
  return read_rows(rows, read_snapshot);
}

Result<std::vector<Snapshot>> Transaction::snapshots_in(ApplicationId id, SnapshotStatus status) {
  Statement rows = TRY(
      query(std::string(kSelect) + "WHERE application = ? AND status = ? ORDER BY id", id.value(), to_string(status)));
  return read_rows(rows, read_snapshot);
}

Result<int64_t> Transaction::count_snapshots(ApplicationId id) {
  Statement rows = TRY(query("SELECT count(*) FROM snapshots WHERE application = ?", id.value()));
  TRY(rows.step());
  return rows.int_at(0);
}

}  // namespace raudal::control::metadata
