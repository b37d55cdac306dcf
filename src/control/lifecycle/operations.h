// How an operation ends: its row, the application's state and whatever else changes are one transaction. An operation
// that a Force stop has cancelled meanwhile is superseded; its work ends without a trace in the store.
#pragma once

#include <functional>
#include <string>

#include "control/lifecycle/context.h"

namespace raudal::control::lifecycle {

inline constexpr std::string_view kStartApplication = "StartApplication";
inline constexpr std::string_view kStopApplication = "StopApplication";
inline constexpr std::string_view kUpdateApplication = "UpdateApplication";
inline constexpr std::string_view kDeleteApplication = "DeleteApplication";
inline constexpr std::string_view kRollbackApplication = "RollbackApplication";

// A new operation in progress, not stored yet.
metadata::Operation begin_operation(const Context& context, metadata::ApplicationId application, std::string_view kind);

// Whether somebody else has ended the operation. Errors of the store count as no.
bool superseded(Context& context, const metadata::Operation& operation);

// What else an ending changes.
using Change = std::function<Status(metadata::Transaction&, metadata::Application&)>;

// Ends the operation with this status and applies the change in one transaction; nothing happens if it is superseded.
// The error may be empty.
Status end_operation(Context& context, metadata::Operation operation, metadata::OperationStatus status,
                     const std::string& error, const Change& change);

template <metadata::ApplicationStatus from, metadata::ApplicationStatus to>
Status succeed(Context& context, const metadata::Operation& operation, const Change& change = nullptr) {
  return end_operation(context, operation, metadata::OperationStatus::kSuccessful, "",
                       [&](metadata::Transaction& tx, metadata::Application& application) -> Status {
                         if (change) TRY(change(tx, application));
                         return tx.move<from, to>(application);
                       });
}

template <metadata::ApplicationStatus from, metadata::ApplicationStatus to>
Status fail(Context& context, const metadata::Operation& operation, const Error& cause,
            const Change& change = nullptr) {
  return end_operation(context, operation, metadata::OperationStatus::kFailed, cause.message(),
                       [&](metadata::Transaction& tx, metadata::Application& application) -> Status {
                         if (change) TRY(change(tx, application));
                         return tx.move<from, to>(application);
                       });
}

// Shows what an operation in progress is busy with; its end takes the place of it.
void tell_progress(Context& context, metadata::Operation operation, const std::string& text);

// Stores where the operation stands: another process goes on from there.
Status store_step(Context& context, metadata::Operation& operation, std::string step, const Change& change);

}  // namespace raudal::control::lifecycle
