#include "control/lifecycle/lifecycle.h"

#include <utility>

#include <fmt/core.h>

#include "control/lifecycle/operations.h"

namespace raudal::control::lifecycle {

using metadata::Application;
using metadata::ApplicationId;
using metadata::ApplicationStatus;
using metadata::Operation;
using metadata::Transaction;

Lifecycle::Lifecycle(Context& context)
    : context_(context), scheduler_(context.options.num_threads, [this](ApplicationId id) { work(id); }) {}

Lifecycle::~Lifecycle() { CHECK(!ticker_.joinable()); }

Status Lifecycle::start() {
  Transaction tx = TRY(context_.store.begin());
  for (const ApplicationId id : TRY(tx.all_applications())) {
    const auto application = TRY(tx.find_application(id));
    TRY(context_.fs.remove_all(join_path(application_directory(context_.options, *application), "incoming")));
    watch_of(id).adopting = application->status == ApplicationStatus::kRunning;
    scheduler_.wake(id);
  }
  TRY(tx.commit());
  ticker_ = std::thread([this] { tick_loop(); });
  return {};
}

bool Lifecycle::stop(int64_t timeout_ms) {
  context_.stop.stop();
  if (ticker_.joinable()) ticker_.join();
  return scheduler_.stop(timeout_ms);
}

void Lifecycle::interrupt(const Application& application) {
  const std::string folder = run_directory(context_.options, application, application.run);
  scheduler_.run_urgent([this, folder] {
    const Status killed = context_.engine.kill(folder);
    if (!killed.ok()) context_.log.warn("A worker could not be killed", killed.error());
  });
}

void Lifecycle::tick_loop() {
  obs::set_thread_name("lifecycle-tick");
  while (context_.stop.pause_ms(context_.options.tick_ms)) {
    auto tx = context_.store.begin();
    if (!tx.ok()) continue;
    const auto ids = tx->applications_to_watch();
    if (!ids.ok()) continue;
    for (const ApplicationId id : *ids) scheduler_.wake(id);
  }
}

void Lifecycle::work(ApplicationId id) {
  const Status done = drive(id);
  const std::string trouble = done.ok() || context_.stop.stopping() ? "" : done.error().message();
  {
    std::lock_guard lock(mutex_);
    if (std::exchange(troubles_[id], trouble) == trouble) return;  // told before
  }
  if (!trouble.empty()) {
    context_.log.error("An application could not be worked on; it is tried again", done.error());
  }
}

Status Lifecycle::drive(ApplicationId id) {
  Transaction tx = TRY(context_.store.begin());
  const auto application = TRY(tx.find_application(id));
  if (!application) return {};
  const auto operation = TRY(tx.operation_in_flight(id));
  TRY(tx.commit());
  if (operation) {
    TRY(drive_operation(*application, *operation));
    watch_of(id) = Watch();
    return {};
  }
  TRY(drive_snapshots(context_, *application));
  if (application->status == ApplicationStatus::kRunning) return drive_running(context_, *application, watch_of(id));
  return {};
}

Status Lifecycle::drive_operation(const Application& application, const Operation& operation) {
  switch (application.status) {
    case ApplicationStatus::kStarting: return drive_starting(context_, application, operation);
    case ApplicationStatus::kStopping: return drive_stopping(context_, application, operation);
    case ApplicationStatus::kForceStopping: return drive_force_stopping(context_, application, operation);
    case ApplicationStatus::kUpdating: return drive_updating(context_, application, operation);
    case ApplicationStatus::kRollingBack: return drive_rolling_back(context_, application, operation);
    case ApplicationStatus::kDeleting: return drive_deleting(context_, application);
    default:
      return Error(ErrorCode::kInternal, fmt::format("{} is {} with an operation in flight: {}", application.name,
                                                     to_string(application.status), operation.kind));
  }
}

Watch& Lifecycle::watch_of(ApplicationId id) {
  std::lock_guard lock(mutex_);
  return watches_[id];
}

}  // namespace raudal::control::lifecycle
