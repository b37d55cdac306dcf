#include <fmt/core.h>

#include "control/metadata/query.h"

namespace raudal::control::metadata {
namespace {

constexpr std::string_view kSelect =
    "SELECT number, created_ms, runtime, role, configuration, logging_options, inline_code, conditional_token, "
    "final_status, updated_from, rolled_back_from, rolled_back_to FROM versions ";

Result<Version> read_version(const Statement& row) {
  Version version;
  version.number = row.int_at(0);
  version.created_ms = row.int_at(1);
  version.runtime = row.text_at(2);
  version.role = row.text_at(3);
  version.configuration = TRY(codec::parse_json_object(row.text_at(4)));
  const codec::Json options = TRY(codec::parse_json(row.text_at(5)));
  CHECK(options.is_array());
  version.logging_options = options.get_array();
  version.inline_code = row.text_at(6);
  version.conditional_token = row.text_at(7);
  version.final_status = row.text_at(8);
  version.updated_from = row.optional_int_at(9);
  version.rolled_back_from = row.optional_int_at(10);
  version.rolled_back_to = row.optional_int_at(11);
  return version;
}

}  // namespace

Status Transaction::insert_version(ApplicationId id, const Version& version) {
  return execute("INSERT INTO versions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", id.value(), version.number,
                 version.created_ms, std::string_view(version.runtime), std::string_view(version.role),
                 std::string_view(codec::write_json(version.configuration)),
                 std::string_view(codec::write_json(version.logging_options)), std::string_view(version.inline_code),
                 std::string_view(version.conditional_token), std::string_view(version.final_status),
                 version.updated_from, version.rolled_back_from, version.rolled_back_to);
}

Result<std::optional<Version>> Transaction::find_version(ApplicationId id, int64_t number) {
  Statement rows = TRY(query(std::string(kSelect) + "WHERE application = ? AND number = ?", id.value(), number));
  return read_row(rows, read_version);
}

Result<Version> Transaction::require_version(ApplicationId id, int64_t number) {
  auto found = TRY(find_version(id, number));
  if (!found) return Error(ErrorCode::kResourceNotFound, fmt::format("Application version not found: {}", number));
  return *std::move(found);
}

Result<std::vector<Version>> Transaction::list_versions(ApplicationId id, PageRequest page) {
  Statement rows = TRY(query(std::string(kSelect) + "WHERE application = ?1 AND (?2 = 0 OR number < ?2) "
                                                    "ORDER BY number DESC LIMIT ?3",
                             id.value(), page.before, page.limit));
  return read_rows(rows, read_version);
}

Status Transaction::set_final_status(ApplicationId id, int64_t number, std::string_view status) {
  return execute("UPDATE versions SET final_status = ? WHERE application = ? AND number = ?", status, id.value(),
                 number);
}

}  // namespace raudal::control::metadata
