// Brings each application from where it is to where it should be: carries out the operations that actions have stored,
// finishes those of a control plane that was killed, and supervises what runs. Actions store an intent and wake it;
// it alone talks to the engine.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "control/lifecycle/context.h"
#include "control/lifecycle/scheduler.h"
#include "control/lifecycle/states.h"

namespace raudal::control::lifecycle {

class Lifecycle {
 public:
  // The context must outlive it, also where stop() answers false.
  explicit Lifecycle(Context& context);
  ~Lifecycle();  // stop() must have been called

  // Takes up what was left behind, and goes on.
  Status start();
  // Leaves applications running. False when a thread still waits for the engine: then the process must end.
  bool stop(int64_t timeout_ms);

  // Something about the application was stored: work on it now.
  void wake(metadata::ApplicationId id) { scheduler_.wake(id); }
  // Kills the newest run's processes at once, even while the application is being worked on.
  void interrupt(const metadata::Application& application);

 private:
  void work(metadata::ApplicationId id);
  Status drive(metadata::ApplicationId id);
  Status drive_operation(const metadata::Application& application, const metadata::Operation& operation);
  Watch& watch_of(metadata::ApplicationId id);
  void tick_loop();

  Context& context_;
  std::mutex mutex_;
  std::map<metadata::ApplicationId, Watch> watches_;         // each used by the one thread that works on it
  std::map<metadata::ApplicationId, std::string> troubles_;  // what went wrong the last time, and was logged
  Scheduler scheduler_;
  std::thread ticker_;
};

}  // namespace raudal::control::lifecycle
