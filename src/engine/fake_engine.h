// An engine without processes, for tests of the control plane: runs "live" in memory under their directories, and a
// test scripts what they do. It outlives a control plane under test, as real workers do. Savepoints are real folders
// with a file MANIFEST in them, so that files and answers can be compared.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/fs.h"
#include "engine/engine.h"

namespace raudal::engine {

class FakeEngine final : public Engine {
 public:
  explicit FakeEngine(Fs& fs) : fs_(fs) {}

  // ---- what a test scripts
  void fail_next_starts(int count, Error error);  // each leaves no process
  void hold_starts(bool hold);                    // start() waits until released or killed
  void say_while_starting(std::string text);      // each start, before it may be held
  void fail_checks(std::optional<Error> error);
  void fail_savepoints(bool fail);
  void hold_savepoints(bool hold);    // they stay in progress
  void lose_next_replies(int count);  // to triggers, which are heard
  void refuse_triggers(bool refuse);
  void forget_triggers(const std::string& run_directory);
  void write_held_savepoints(const std::string& run_directory);  // complete on disk, and nobody says so
  void fail_verifications(std::optional<Error> error);           // of savepoints
  void die(const std::string& run_directory);   // the process is gone; savepoints in progress stay incomplete
  void hang(const std::string& run_directory);  // it lives and answers nothing
  void set_state(const std::string& run_directory, JobState state);
  void complete_checkpoint(const std::string& run_directory);
  void allow_rescaling(bool allow);
  void hold_rescaling(bool hold);  // it is asked for, and the job stays as it is

  // ---- what a test looks at
  std::vector<LaunchFile> launches(const std::string& run_directory);  // one for each start that was tried
  int num_kills(const std::string& run_directory);
  int num_living();
  int num_triggered_savepoints();  // by different trigger ids
  int num_verifications();
  int num_rescalings();  // asked for, and not done yet when they were

  Status check(const std::string& run_directory) override;
  Status start(const std::string& run_directory, const Progress& progress) override;
  Result<bool> alive(const std::string& run_directory) override;
  std::optional<ExitReport> exit_report(const std::string& run_directory) override;
  Status kill(const std::string& run_directory) override;
  std::unique_ptr<JobClient> job(const std::string& run_directory) override;
  Status check_rescale(const std::string& run_directory, int parallelism) override;
  Result<bool> rescale(const std::string& run_directory, int parallelism) override;
  Result<int64_t> verify_savepoint(const std::string& savepoint_directory) override;

 private:
  friend class FakeJobClient;

  struct Run {
    std::vector<LaunchFile> launches;
    bool alive = false;
    bool hanging = false;
    JobState state = JobState::kInitializing;
    int parallelism = 1;
    int num_kills = 0;
    int64_t num_checkpoints = 0;
    std::map<std::string, SavepointRequest> savepoints;  // by trigger id; of the living process
  };

  Status write_savepoint(const SavepointRequest& request);

  Fs& fs_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, Run> runs_;
  std::vector<Error> start_errors_;
  std::optional<Error> check_error_;
  std::string progress_;
  bool hold_starts_ = false;
  bool fail_savepoints_ = false;
  bool hold_savepoints_ = false;
  std::set<std::string> triggered_;  // ids
  int replies_to_lose_ = 0;
  bool refuse_triggers_ = false;
  std::optional<Error> verify_error_;
  int num_verifications_ = 0;
  bool allow_rescaling_ = false;
  bool hold_rescaling_ = false;
  int num_rescalings_ = 0;
};

}  // namespace raudal::engine
