#include "control/lifecycle/operations.h"

#include <fmt/core.h>

#include "base/rng.h"

namespace raudal::control::lifecycle {
namespace {

using metadata::Application;
using metadata::Operation;
using metadata::OperationStatus;
using metadata::Transaction;

constexpr int kIdBytes = 16;

// Runs `change` and stores the operation, unless it is superseded.
Status change_operation(Context& context, const Operation& operation, const Change& change) {
  Transaction tx = TRY(context.store.begin());
  const auto stored = TRY(tx.find_operation(operation.application, operation.id));
  if (!stored || stored->status != OperationStatus::kInProgress) return {};
  auto application = TRY(tx.find_application(operation.application));
  CHECK(application.has_value());
  if (change) TRY(change(tx, *application));
  TRY(tx.update_operation(operation));
  return tx.commit();
}

}  // namespace

Operation begin_operation(const Context& context, metadata::ApplicationId application, std::string_view kind) {
  Operation operation;
  operation.id = secure_random_hex(kIdBytes);
  operation.application = application;
  operation.kind = kind;
  operation.started_ms = context.now_ms();
  operation.ended_ms = operation.started_ms;
  return operation;
}

bool superseded(Context& context, const Operation& operation) {
  auto tx = context.store.begin();
  if (!tx.ok()) return false;
  const auto stored = tx->find_operation(operation.application, operation.id);
  return stored.ok() && (!*stored || (*stored)->status != OperationStatus::kInProgress);
}

Status end_operation(Context& context, Operation operation, OperationStatus status, const std::string& error,
                     const Change& change) {
  operation.status = status;
  operation.error = error;
  operation.ended_ms = context.now_ms();
  std::string name;
  TRY(change_operation(context, operation, [&](Transaction& tx, Application& application) -> Status {
    name = application.name;
    return change ? change(tx, application) : Status();
  }));
  if (name.empty()) return {};  // superseded: what came after it has told how it ended
  std::string line = fmt::format("{}: {} {} {}{}{}", name, operation.kind, operation.id, to_string(status),
                                 error.empty() ? "" : ": ", error);
  if (status == OperationStatus::kFailed)
    context.log.warn(std::move(line));
  else
    context.log.info(std::move(line));
  return {};
}

void tell_progress(Context& context, Operation operation, const std::string& text) {
  operation.error = text;
  const Status stored = change_operation(context, operation, nullptr);
  if (!stored.ok()) context.log.warn("The progress of an operation could not be stored", stored.error());
}

Status store_step(Context& context, Operation& operation, std::string step, const Change& change) {
  operation.step = std::move(step);
  return change_operation(context, operation, change);
}

}  // namespace raudal::control::lifecycle
