#include "runtime/job_status.h"

namespace raudal::runtime {

std::string_view to_string(JobState state) {
  switch (state) {
    case JobState::kInitializing: return "INITIALIZING";
    case JobState::kCreated: return "CREATED";
    case JobState::kRunning: return "RUNNING";
    case JobState::kRestarting: return "RESTARTING";
    case JobState::kFailing: return "FAILING";
    case JobState::kFailed: return "FAILED";
    case JobState::kCancelling: return "CANCELLING";
    case JobState::kCanceled: return "CANCELED";
    case JobState::kFinished: return "FINISHED";
  }
  return "";
}

}  // namespace raudal::runtime
