#include <utility>

#include "control/metadata/query.h"

namespace raudal::control::metadata {
namespace {

constexpr std::string_view kSelect =
    "SELECT sequence, id, application, kind, status, started_ms, ended_ms, version_from, version_to, error, "
    "rollback_operation, step, plan FROM operations ";

constexpr std::pair<OperationStatus, std::string_view> kNames[] = {
    {OperationStatus::kInProgress, "IN_PROGRESS"},
    {OperationStatus::kCancelled, "CANCELLED"},
    {OperationStatus::kSuccessful, "SUCCESSFUL"},
    {OperationStatus::kFailed, "FAILED"},
};

OperationStatus parse_status(std::string_view text) {
  for (const auto& [status, name] : kNames) {
    if (name == text) return status;
  }
  check_failed("the store holds only known operation states", __FILE__, __LINE__);
}

Result<Operation> read_operation(const Statement& row) {
  Operation operation;
  operation.sequence = row.int_at(0);
  operation.id = row.text_at(1);
  operation.application = ApplicationId(row.int_at(2));
  operation.kind = row.text_at(3);
  operation.status = parse_status(row.text_at(4));
  operation.started_ms = row.int_at(5);
  operation.ended_ms = row.int_at(6);
  operation.version_from = row.optional_int_at(7);
  operation.version_to = row.optional_int_at(8);
  operation.error = row.text_at(9);
  operation.rollback_operation = row.text_at(10);
  operation.step = row.text_at(11);
  operation.plan = TRY(codec::parse_json_object(row.text_at(12)));
  return operation;
}

}  // namespace

std::string_view to_string(OperationStatus status) {
  for (const auto& [value, name] : kNames) {
    if (value == status) return name;
  }
  check_failed("every operation status has a name", __FILE__, __LINE__);
}

Status Transaction::insert_operation(const Operation& operation) {
  return execute(
      "INSERT INTO operations (id, application, kind, status, started_ms, ended_ms, version_from, "
      "version_to, error, rollback_operation, step, plan) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      std::string_view(operation.id), operation.application.value(), std::string_view(operation.kind),
      to_string(operation.status), operation.started_ms, operation.ended_ms, operation.version_from,
      operation.version_to, std::string_view(operation.error), std::string_view(operation.rollback_operation),
      std::string_view(operation.step), std::string_view(codec::write_json(operation.plan)));
}

Status Transaction::update_operation(const Operation& operation) {
  return execute(
      "UPDATE operations SET status = ?, ended_ms = ?, error = ?, rollback_operation = ?, step = ?, "
      "plan = ? WHERE id = ?",
      to_string(operation.status), operation.ended_ms, std::string_view(operation.error),
      std::string_view(operation.rollback_operation), std::string_view(operation.step),
      std::string_view(codec::write_json(operation.plan)), std::string_view(operation.id));
}

Result<std::optional<Operation>> Transaction::find_operation(ApplicationId id, std::string_view operation) {
  Statement rows = TRY(query(std::string(kSelect) + "WHERE application = ? AND id = ?", id.value(), operation));
  return read_row(rows, read_operation);
}

Result<std::optional<Operation>> Transaction::operation_in_flight(ApplicationId id) {
  Statement rows = TRY(query(std::string(kSelect) + "WHERE application = ? AND status = 'IN_PROGRESS'", id.value()));
  return read_row(rows, read_operation);
}

Result<std::vector<Operation>> Transaction::list_operations(ApplicationId id, PageRequest page, std::string_view kind,
                                                            std::string_view status) {
  Statement rows = TRY(query(std::string(kSelect) +
                                 "WHERE application = ?1 AND (?2 = 0 OR sequence < ?2) AND (?3 = '' OR kind = ?3) "
                                 "AND (?4 = '' OR status = ?4) ORDER BY sequence DESC LIMIT ?5",
                             id.value(), page.before, kind, status, page.limit));
  return read_rows(rows, read_operation);
}

}  // namespace raudal::control::metadata
