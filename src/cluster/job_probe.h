// Looks at a cluster's job over Flink's REST API: whether it runs, has ended, or why it does not come to run. Used by
// the supervisor while it starts, and once a second after.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "net/http_client.h"

namespace raudal::cluster {

enum class JobPhase {
  kAbsent,    // REST does not answer yet, or knows no job: main() has not come to execute()
  kStarting,  // created, waits for slots, deploys
  kRunning,   // all tasks run (or have finished already)
  kRestarting,
  kFinished,
  kFailed,
  kCanceled,
};

// What one look at the job shows.
struct JobSight {
  JobPhase phase = JobPhase::kAbsent;
  std::string state;  // Flink's own word: "RUNNING"
};

// Asks one JobManager, over one kept connection.
class JobProbe {
 public:
  // `job_id` empty: any job of the cluster; with several, the last one listed that has not finished.
  JobProbe(net::HttpClientOptions rest, std::string job_id) : http_(std::move(rest)), job_id_(std::move(job_id)) {}

  JobSight look();
  // Ids of the TaskManagers none of whose slots is in use. Empty when nobody answers.
  std::vector<std::string> idle_task_managers();
  // The newest exception with its stack trace; empty when there is none.
  std::string exception();

 private:
  struct Listed {
    std::string id;
    std::string state;
  };

  Result<std::string> get(const std::string& target);
  Result<Listed> find_job();

  net::HttpClient http_;
  const std::string job_id_;
};

}  // namespace raudal::cluster
