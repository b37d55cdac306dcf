// The states of an application and the transitions between them: the whole state machine is the table below. A
// transition is written by move<from, to>() (metadata/store.h), and one that is not in the table does not compile.
// What happens in each state, and after a crash in it: docs/design/lifecycle.md.
#pragma once

#include <optional>
#include <string_view>

namespace raudal::control::metadata {

enum class ApplicationStatus {
  kDeleting,
  kStarting,
  kStopping,
  kReady,
  kRunning,
  kUpdating,
  kAutoscaling,
  kForceStopping,
  kRollingBack,
  kMaintenance,
  kRolledBack,
};

// As the API spells it: "FORCE_STOPPING".
std::string_view to_string(ApplicationStatus status);
std::optional<ApplicationStatus> parse_application_status(std::string_view text);

// An edge of the state machine and who takes it.
struct Transition {
  ApplicationStatus from;
  ApplicationStatus to;
};

inline constexpr Transition kTransitions[] = {
    {ApplicationStatus::kReady, ApplicationStatus::kStarting},          // StartApplication
    {ApplicationStatus::kStarting, ApplicationStatus::kRunning},        // the job runs
    {ApplicationStatus::kStarting, ApplicationStatus::kReady},          // it could not be started
    {ApplicationStatus::kStarting, ApplicationStatus::kForceStopping},  // StopApplication with Force, here and below
    {ApplicationStatus::kRunning, ApplicationStatus::kReady},           // a bounded job has finished
    {ApplicationStatus::kRunning, ApplicationStatus::kStopping},        // StopApplication
    {ApplicationStatus::kRunning, ApplicationStatus::kUpdating},        // UpdateApplication
    {ApplicationStatus::kRunning, ApplicationStatus::kForceStopping},
    {ApplicationStatus::kRunning, ApplicationStatus::kDeleting},  // DeleteApplication
    {ApplicationStatus::kStopping, ApplicationStatus::kReady},    // the snapshot is complete, the job gone
    {ApplicationStatus::kStopping, ApplicationStatus::kRunning},  // the snapshot failed, the job goes on
    {ApplicationStatus::kStopping, ApplicationStatus::kForceStopping},
    {ApplicationStatus::kUpdating, ApplicationStatus::kRunning},      // the new version runs, or the old one still
    {ApplicationStatus::kUpdating, ApplicationStatus::kReady},        // the new version could not be started
    {ApplicationStatus::kUpdating, ApplicationStatus::kRollingBack},  // the same, and rollback is enabled
    {ApplicationStatus::kUpdating, ApplicationStatus::kForceStopping},
    {ApplicationStatus::kRollingBack, ApplicationStatus::kRunning},  // the former version runs again
    {ApplicationStatus::kRollingBack, ApplicationStatus::kReady},    // it does not
    {ApplicationStatus::kForceStopping, ApplicationStatus::kReady},  // the processes are gone
    {ApplicationStatus::kReady, ApplicationStatus::kDeleting},
};

constexpr bool is_legal(ApplicationStatus from, ApplicationStatus to) {
  for (const Transition& transition : kTransitions) {
    if (transition.from == from && transition.to == to) return true;
  }
  return false;
}

}  // namespace raudal::control::metadata
