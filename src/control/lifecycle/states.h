// What is done for an application in each of its states; one file per state. Each function goes on from what the store
// says, so it serves the first attempt and the one after a crash alike, and may be called any number of times. An
// error means: nothing more can be done now, call again later.
#pragma once

#include <map>
#include <mutex>
#include <string>

#include "control/lifecycle/context.h"

namespace raudal::control::lifecycle {

// What is known of a running application only while this process lives.
struct Watch {
  int64_t answered_ns = 0;  // when its worker last answered; 0: not watched yet
  bool answered = false;
  int64_t launched_ns = 0;
  int64_t next_launch_ns = 0;
  int num_failures = 0;   // incarnations that failed one after another
  std::string told;       // the failure of its job that was logged last
  bool adopting = false;  // it ran before this process did, and has not been seen well yet
};

Status drive_starting(Context& context, const metadata::Application& application, metadata::Operation operation);
Status drive_stopping(Context& context, const metadata::Application& application, metadata::Operation operation);
Status drive_force_stopping(Context& context, const metadata::Application& application, metadata::Operation operation);
Status drive_updating(Context& context, const metadata::Application& application, metadata::Operation operation);
Status drive_rolling_back(Context& context, const metadata::Application& application, metadata::Operation operation);
Status drive_deleting(Context& context, const metadata::Application& application);
// RUNNING without an operation: supervises the worker.
Status drive_running(Context& context, const metadata::Application& application, Watch& watch);
// Snapshots that are being created or deleted, in whatever state.
Status drive_snapshots(Context& context, const metadata::Application& application);

}  // namespace raudal::control::lifecycle
