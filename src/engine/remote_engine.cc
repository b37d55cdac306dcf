#include "engine/remote_engine.h"

#include <unistd.h>

#include <algorithm>
#include <map>
#include <mutex>

#include <fmt/core.h>

#include "base/rng.h"
#include "base/str.h"
#include "codec/digest.h"
#include "codec/json.h"
#include "engine/engine_router.h"
#include "engine/flink_rest_client.h"
#include "engine/flink_rest_connection.h"
#include "flinkrest/checkpoints.h"

namespace raudal::engine {
namespace {

constexpr char kStateFile[] = "remote.json";
constexpr int kPollUs = 100'000;
constexpr int64_t kNoteEveryNs = 2'000'000'000;  // the newest checkpoint's path

// What remote.json holds.
struct RemoteState {
  int64_t attempt = 1;
  std::string checkpoint;  // the newest one that the cluster has shown; empty: none
};

Result<RemoteState> read_state(Fs& fs, const std::string& run) {
  const std::string path = join_path(run, kStateFile);
  if (!exists(fs, path)) return RemoteState();
  const auto json = TRY(codec::parse_json_object(TRY(read_file(fs, path))));
  return RemoteState{.attempt = TRY(codec::require_int(json, "attempt")),
                     .checkpoint = TRY(codec::require_string(json, "checkpoint"))};
}

Status write_state(Fs& fs, const std::string& run, const RemoteState& state) {
  const codec::JsonObject json{{"attempt", state.attempt}, {"checkpoint", state.checkpoint}};
  return write_file_durably(fs, join_path(run, kStateFile), codec::write_json(json));
}

// The first attempt has the run's own id, as everywhere.
std::string attempt_job_id(const RunIdentity& identity, int64_t attempt) {
  if (attempt == 1) return job_id_of(identity);
  return codec::sha256_hex(fmt::format("{}/{}/{}", identity.application, identity.run.value(), attempt)).substr(0, 32);
}

bool has_ended(JobState state) {
  return state == JobState::kFailed || state == JobState::kCancelled || state == JobState::kFinished;
}

// One call's view of a run: its launch file, its state, its cluster.
struct RemoteRun {
  std::string directory;
  LaunchFile launch;
  RemoteState state;
  RestEndpoint endpoint;
  std::string job_id;
};

codec::JsonObject flink_configuration(const LaunchFile& launch) {
  codec::JsonObject options;
  for (const auto& [key, value] : launch.engine_options) options[key] = value;
  if (!launch.checkpointing_enabled) return options;
  options["execution.checkpointing.interval"] = fmt::format("{} ms", launch.checkpoint_interval_ms);
  options["execution.checkpointing.min-pause"] = fmt::format("{} ms", launch.min_pause_between_checkpoints_ms);
  options["state.checkpoints.num-retained"] = "3";
  options["execution.checkpointing.externalized-checkpoint-retention"] = "RETAIN_ON_CANCELLATION";
  return options;
}

// The bodies of Flink before 1.17 have no flinkConfiguration, and an unknown member is refused.
bool takes_configuration(const std::string& version) {
  return !version.starts_with("1.1") || version == "1.17" || version == "1.18" || version == "1.19";
}

// The newest checkpoint of the job that wrote this one, where its folder can be seen from here: a cluster may have made
// some, and removed this one, after it was seen last.
std::string newest_beside(Fs& fs, const std::string& checkpoint) {
  constexpr std::string_view kScheme = "file:";
  constexpr std::string_view kPrefix = "chk-";
  if (!checkpoint.starts_with(kScheme)) return checkpoint;
  const std::string folder = parent_directory(checkpoint.substr(checkpoint.find_first_not_of('/', kScheme.size()) - 1));
  const auto entries = fs.list(folder);
  int64_t newest = -1;
  for (const FileInfo& entry : entries.ok() ? *entries : std::vector<FileInfo>()) {
    if (!entry.name.starts_with(kPrefix) || !exists(fs, folder + "/" + entry.name + "/_metadata")) continue;
    newest = std::max(newest, parse_int(entry.name.substr(kPrefix.size())).value_or(-1));
  }
  return newest < 0 ? checkpoint : fmt::format("{}/{}{}", folder, kPrefix, newest);
}

class RemoteEngine final : public Engine {
 public:
  RemoteEngine(Fs& fs, const Clock& clock, RemoteEngineOptions options) : fs_(fs), clock_(clock), options_(options) {}

  Status check(const std::string& run_directory) override {
    const RemoteRun run = TRY(open(run_directory));
    const auto overview = TRY(FlinkRestConnection(run.endpoint).call({.target = "/overview"}));
    const std::string theirs(codec::find_string(overview, "flink-version").value_or(""));
    if (theirs.starts_with(run.launch.flink.version + ".")) return {};
    return Error(ErrorCode::kInvalidApplicationConfiguration,
                 fmt::format("The cluster at {} is Flink {}, and the application's runtime is Flink {}",
                             run.launch.flink.remote_address, theirs, run.launch.flink.version));
  }

  Status start(const std::string& run_directory, const Progress& progress) override {
    TRY(check(run_directory));
    TRY(kill(run_directory));
    const RemoteRun run = TRY(open(run_directory));
    TRY(change_state(run_directory, [](RemoteState&) {}));  // from now on a job may run
    const int64_t deadline_ns = clock_.monotonic_ns() + int64_t{options_.start_timeout_ms} * 1'000'000;
    if (progress) progress("Uploading the JAR to " + run.launch.flink.remote_address);
    const std::string jar = TRY(upload(run));
    Status started = submit(run, jar, deadline_ns);
    if (started.ok()) started = await_running(run, deadline_ns);
    (void)FlinkRestConnection(run.endpoint).call({.method = "DELETE", .target = "/jars/" + jar});
    if (!started.ok()) TRY(kill(run_directory));
    return started;
  }

  // Also true while the cluster does not answer: its jobs may go on.
  Result<bool> alive(const std::string& run_directory) override {
    if (!exists(fs_, join_path(run_directory, kStateFile))) return false;
    const RemoteRun run = TRY(open(run_directory));
    const auto details = client(run)->details();
    if (!details.ok()) return details.error().code() != ErrorCode::kNotFound;
    note_checkpoint_now_and_then(run);
    return true;
  }

  std::optional<ExitReport> exit_report(const std::string&) override { return std::nullopt; }

  // Cancels the job and waits for its end. An error where the cluster does not answer: nobody may start another then.
  Status kill(const std::string& run_directory) override {
    if (!exists(fs_, join_path(run_directory, kStateFile))) return {};
    const RemoteRun run = TRY(open(run_directory));
    const auto job = client(run);
    const int64_t deadline_ns = clock_.monotonic_ns() + int64_t{options_.cancel_timeout_ms} * 1'000'000;
    for (bool asked = false;; ::usleep(kPollUs)) {
      const auto details = job->details();
      if (!details.ok() && details.error().code() == ErrorCode::kNotFound) return {};
      if (details.ok() && has_ended(details->state)) break;
      if (details.ok() && !asked) {
        note_checkpoint(run);
        asked = job->cancel().ok();
      }
      if (clock_.monotonic_ns() < deadline_ns) continue;
      return Error(ErrorCode::kTimeout, "The cluster does not say that the job has ended: " +
                                            run.launch.flink.remote_address + "/jobs/" + run.job_id);
    }
    note_checkpoint(run);
    return change_state(run_directory, [&](RemoteState& state) {
      if (state.attempt == run.state.attempt) ++state.attempt;
    });
  }

  std::unique_ptr<JobClient> job(const std::string& run_directory) override {
    const auto run = open(run_directory);
    return run.ok() ? client(*run) : flink_rest_client({.unix_directory = run_directory}, "");
  }

  Result<int64_t> verify_savepoint(const std::string& savepoint_directory) override {
    return Error(ErrorCode::kUnsupportedOperation, "Savepoints are verified where they lie: " + savepoint_directory);
  }

 private:
  Result<RemoteRun> open(const std::string& run_directory) {
    RemoteRun run{.directory = run_directory,
                  .launch = TRY(read_launch_file(fs_, run_directory)),
                  .state = TRY(read_state(fs_, run_directory)),
                  .endpoint = {},
                  .job_id = ""};
    run.endpoint = {.base_url = run.launch.flink.remote_address, .timeout_ms = options_.rest_timeout_ms};
    run.job_id = attempt_job_id(run.launch.identity, run.state.attempt);
    return run;
  }

  static std::unique_ptr<JobClient> client(const RemoteRun& run) { return flink_rest_client(run.endpoint, run.job_id); }

  // The JAR's id on the cluster.
  Result<std::string> upload(const RemoteRun& run) {
    const std::string path = join_path(join_path(run.directory, kCodeDirectory), run.launch.program_file);
    const std::string boundary = "raudal" + secure_random_hex(16);
    std::string body = fmt::format(
        "--{}\r\nContent-Disposition: form-data; name=\"jarfile\"; filename=\"{}\"\r\n"
        "Content-Type: application/x-java-archive\r\n\r\n",
        boundary, run.launch.program_file);
    body += TRY(read_file(fs_, path));
    body += "\r\n--" + boundary + "--\r\n";
    const auto answer = TRY(FlinkRestConnection(run.endpoint)
                                .call({.method = "POST",
                                       .target = "/jars/upload",
                                       .headers = {{"content-type", "multipart/form-data; boundary=" + boundary}},
                                       .body = std::move(body),
                                       .timeout_ms = options_.start_timeout_ms}));
    const std::string jar = base_name(codec::find_string(answer, "filename").value_or(""));
    if (jar.empty()) return Error(ErrorCode::kEngine, "The cluster does not say where the JAR is");
    return jar;
  }

  // What the job begins from: its newest own checkpoint, else the run's starting snapshot.
  Result<std::string> restore_path(const RemoteRun& run) {
    if (!run.state.checkpoint.empty()) return newest_beside(fs_, run.state.checkpoint);
    if (run.launch.restore_path.empty()) return std::string();
    return find_flink_savepoint(fs_, run.launch.restore_path);
  }

  Status submit(const RemoteRun& run, const std::string& jar, int64_t deadline_ns) {
    const LaunchFile& launch = run.launch;
    codec::JsonObject body{{"jobId", run.job_id},
                           {"parallelism", launch.parallelism},
                           {"allowNonRestoredState", launch.allow_non_restored_state}};
    const std::string from = TRY(restore_path(run));
    if (!from.empty()) body["savepointPath"] = from;
    if (!launch.flink.main_class.empty()) body["entryClass"] = launch.flink.main_class;
    if (takes_configuration(launch.flink.version)) body["flinkConfiguration"] = flink_configuration(launch);
    for (;;) {
      const int64_t left_ms = (deadline_ns - clock_.monotonic_ns()) / 1'000'000;
      if (left_ms <= 0) return Error(ErrorCode::kTimeout, "The cluster did not take the job in time");
      const auto answer = FlinkRestConnection(run.endpoint)
                              .call({.method = "POST",
                                     .target = "/jars/" + jar + "/run",
                                     .headers = {{"content-type", "application/json"}},
                                     .body = codec::write_json(body),
                                     .timeout_ms = static_cast<int>(left_ms)});
      if (answer.ok()) return {};
      // A lost answer, or one that refuses a job which is there already: what the cluster knows decides.
      const auto details = client(run)->details();
      if (details.ok()) return {};
      if (details.error().code() != ErrorCode::kNotFound) {
        ::usleep(kPollUs);
        continue;
      }
      const bool lost =
          answer.error().code() == ErrorCode::kTimeout || answer.error().code() == ErrorCode::kServiceUnavailable;
      if (!lost) return Error(ErrorCode::kInvalidApplicationConfiguration, answer.error().message());
    }
  }

  Status await_running(const RemoteRun& run, int64_t deadline_ns) {
    const auto job = client(run);
    while (clock_.monotonic_ns() < deadline_ns) {
      const auto details = job->details();
      if (details.ok() && details->state == JobState::kRunning) {
        bool all = true;
        for (const VertexDetails& vertex : details->vertices) {
          all = all && (vertex.status == "RUNNING" || vertex.status == "FINISHED");
        }
        if (all) return {};
      }
      if (details.ok() && details->state == JobState::kFinished) return {};
      if (details.ok() && has_ended(details->state)) {
        const auto cause = job->exceptions();
        return Error(ErrorCode::kInvalidApplicationConfiguration,
                     cause.ok() && !cause->empty() ? *cause : "The job has ended before it ran");
      }
      ::usleep(kPollUs);
    }
    const auto cause = job->exceptions();
    return Error(ErrorCode::kTimeout, "The job did not run in time on the cluster" +
                                          (cause.ok() && !cause->empty() ? ": " + *cause : std::string()));
  }

  // Keeps the path of the newest checkpoint, which the cluster forgets when it dies.
  void note_checkpoint(const RemoteRun& run) {
    const auto answer = FlinkRestConnection(run.endpoint).call({.target = "/jobs/" + run.job_id + "/checkpoints"});
    if (!answer.ok()) return;
    const auto checkpoints = flinkrest::checkpoints_from_json(*answer);
    if (!checkpoints.latest_completed || checkpoints.latest_completed->external_path.empty()) return;
    const std::string& path = checkpoints.latest_completed->external_path;
    if (run.state.checkpoint == path) return;
    // What cannot be written now is noted at the next look.
    (void)change_state(run.directory, [&](RemoteState& state) {
      if (state.attempt == run.state.attempt) state.checkpoint = path;
    });
  }

  // Kills come from threads of their own.
  template <class Change>
  Status change_state(const std::string& run_directory, const Change& change) {
    std::lock_guard lock(mutex_);
    RemoteState state = TRY(read_state(fs_, run_directory));
    change(state);
    return write_state(fs_, run_directory, state);
  }

  void note_checkpoint_now_and_then(const RemoteRun& run) {
    {
      std::lock_guard lock(mutex_);
      int64_t& last_ns = noted_ns_[run.directory];
      const int64_t now_ns = clock_.monotonic_ns();
      if (last_ns != 0 && now_ns - last_ns < kNoteEveryNs) return;
      last_ns = now_ns;
    }
    note_checkpoint(run);
  }

  Fs& fs_;
  const Clock& clock_;
  const RemoteEngineOptions options_;
  std::mutex mutex_;
  std::map<std::string, int64_t> noted_ns_;  // by run directory
};

}  // namespace

std::unique_ptr<Engine> remote_engine(Fs& fs, const Clock& clock, RemoteEngineOptions options) {
  return std::make_unique<RemoteEngine>(fs, clock, options);
}

}  // namespace raudal::engine
