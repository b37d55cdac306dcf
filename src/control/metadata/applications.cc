#include <fmt/core.h>

#include "control/metadata/query.h"

namespace raudal::control::metadata {
namespace {

constexpr std::string_view kSelect =
    "SELECT id, name, created_ms, updated_ms, status, version, run, description, mode, maintenance_start, "
    "run_configuration FROM applications ";

Result<Application> read_application(const Statement& row) {
  Application application;
  application.id = ApplicationId(row.int_at(0));
  application.name = row.text_at(1);
  application.created_ms = row.int_at(2);
  application.updated_ms = row.int_at(3);
  const auto status = parse_application_status(row.text_at(4));
  CHECK(status.has_value());
  application.status = *status;
  application.version = row.int_at(5);
  application.run = RunNumber(row.int_at(6));
  application.description = row.optional_text_at(7);
  application.mode = row.text_at(8);
  application.maintenance_start = row.text_at(9);
  if (!row.null_at(10)) application.run_configuration = TRY(codec::parse_json_object(row.text_at(10)));
  return application;
}

Result<ApplicationId> read_id(const Statement& row) { return ApplicationId(row.int_at(0)); }

std::optional<std::string> run_configuration_text(const Application& application) {
  if (!application.run_configuration) return std::nullopt;
  return codec::write_json(*application.run_configuration);
}

}  // namespace

Result<std::optional<Application>> Transaction::find_application(std::string_view name) {
  Statement rows = TRY(query(std::string(kSelect) + "WHERE name = ?", name));
  return read_row(rows, read_application);
}

Result<std::optional<Application>> Transaction::find_application(ApplicationId id) {
  Statement rows = TRY(query(std::string(kSelect) + "WHERE id = ?", id.value()));
  return read_row(rows, read_application);
}

Result<Application> Transaction::require_application(std::string_view name) {
  auto found = TRY(find_application(name));
  if (!found) return Error(ErrorCode::kResourceNotFound, fmt::format("Application not found: {}", name));
  return *std::move(found);
}

Result<std::vector<Application>> Transaction::list_applications(std::string_view after, int64_t limit) {
  Statement rows = TRY(query(std::string(kSelect) + "WHERE name > ? ORDER BY name LIMIT ?", after, limit));
  return read_rows(rows, read_application);
}

Result<std::vector<ApplicationId>> Transaction::all_applications() {
  Statement rows = TRY(query("SELECT id FROM applications ORDER BY id"));
  return read_rows(rows, read_id);
}

Result<std::vector<ApplicationId>> Transaction::applications_to_watch() {
  Statement rows =
      TRY(query("SELECT id FROM applications WHERE status <> 'READY' UNION "
                "SELECT application FROM snapshots WHERE status IN ('CREATING', 'DELETING')"));
  return read_rows(rows, read_id);
}

Result<int64_t> Transaction::count_applications() {
  Statement rows = TRY(query("SELECT count(*) FROM applications"));
  TRY(rows.step());
  return rows.int_at(0);
}

Status Transaction::insert_application(Application& application) {
  TRY(execute(
      "INSERT INTO applications (name, created_ms, updated_ms, status, version, run, description, mode, "
      "maintenance_start, run_configuration) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      std::string_view(application.name), application.created_ms, application.updated_ms, to_string(application.status),
      application.version, application.run.value(), application.description, std::string_view(application.mode),
      std::string_view(application.maintenance_start), run_configuration_text(application)));
  application.id = ApplicationId(database_->last_row_id());
  return {};
}

Status Transaction::update_application(const Application& application) {
  return execute(
      "UPDATE applications SET updated_ms = ?, version = ?, run = ?, description = ?, maintenance_start = ?, "
      "run_configuration = ? WHERE id = ?",
      application.updated_ms, application.version, application.run.value(), application.description,
      std::string_view(application.maintenance_start), run_configuration_text(application), application.id.value());
}

Status Transaction::remove_application(ApplicationId id) {
  return execute("DELETE FROM applications WHERE id = ?", id.value());
}

Status Transaction::set_status(Application& application, ApplicationStatus to) {
  TRY(execute("UPDATE applications SET status = ? WHERE id = ?", to_string(to), application.id.value()));
  application.status = to;
  return {};
}

Status Transaction::insert_tags(ApplicationId id, const std::vector<Tag>& tags) {
  int64_t position = 0;
  for (const Tag& tag : tags) {
    TRY(execute("INSERT INTO tags (application, position, key, value) VALUES (?, ?, ?, ?)", id.value(), ++position,
                std::string_view(tag.key), tag.value));
  }
  return {};
}

Result<std::vector<Tag>> Transaction::list_tags(ApplicationId id) {
  Statement rows = TRY(query("SELECT key, value FROM tags WHERE application = ? ORDER BY position", id.value()));
  std::vector<Tag> tags;
  while (TRY(rows.step())) tags.push_back({.key = rows.text_at(0), .value = rows.optional_text_at(1)});
  return tags;
}

}  // namespace raudal::control::metadata
