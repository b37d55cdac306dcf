#include "cluster/supervisor.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "base/str.h"
#include "cluster/command_line.h"
#include "cluster/log_files.h"
#include "engine/rescaling.h"

namespace raudal::cluster {
namespace {

constexpr int64_t kStartPollMs = 50;
constexpr int64_t kWatchPollMs = 250;
constexpr int64_t kLookMs = 1'000;
constexpr int64_t kHousekeepingMs = 5'000;
constexpr int64_t kShortLifeMs = 30'000;  // a TaskManager that ends sooner counts as one that cannot start
constexpr int64_t kRespawnDelayMaxMs = 10'000;
constexpr int kShortLivesMax = 3;
constexpr int kStartFailuresMax = 3;  // of the job, before it has ever run

std::string describe(const ExitStatus& exit) {
  return exit.signal != 0 ? fmt::format("signal {}", exit.signal) : fmt::format("exit code {}", exit.code);
}

// As AWS words it: the account and the name stand in the ARN.
std::string start_timeout_text(const std::string& application_arn) {
  const std::vector<std::string> parts = split(application_arn, ':');
  const std::string account = parts.size() > 4 ? parts[4] : "";
  const std::string name = application_arn.substr(application_arn.rfind('/') + 1);
  return fmt::format(
      "Flink job did not start within a total timeout of 5 minutes for application: {} under account: {}", name,
      account);
}

void pause_ms(int64_t ms) { ::usleep(static_cast<useconds_t>(ms * 1000)); }

}  // namespace

Supervisor::Supervisor(Fs& fs, Process& process, const Clock& clock, const obs::Logger& log, ClusterSpec spec,
                       SupervisorOptions options, const volatile std::sig_atomic_t& stop)
    : fs_(fs),
      process_(process),
      clock_(clock),
      log_(log),
      spec_(std::move(spec)),
      options_(std::move(options)),
      stop_(stop),
      probe_(options_.rest, spec_.launch.flink.many_jobs ? "" : spec_.job_id()),
      keeper_(fs, checkpoints_of(spec_.run_directory, spec_.job_id()),
              spec_.restore.own_checkpoint ? spec_.restore.checkpoint_id : -1, clock.wall_us()) {
  members_.push_back({.name = "the JobManager"});
  for (int i = 1; i <= spec_.num_task_managers(); ++i) members_.push_back(task_manager(i));
}

Supervisor::Member Supervisor::task_manager(int index) {
  return {.name = fmt::format("TaskManager {}", index), .index = index};
}

Status Supervisor::spawn(Member& member) {
  ProcessSpec command = member.index == 0 ? job_manager_command(spec_) : task_manager_command(spec_, member.index);
  member.pid = TRY(process_.spawn(command));
  member.started_ms = now_ms();
  return {};
}

std::optional<ExitStatus> Supervisor::reap(Member& member) {
  if (member.pid == 0) return std::nullopt;
  Result<std::optional<ExitStatus>> ended = process_.poll(member.pid);
  if (ended.ok() && !*ended) return std::nullopt;
  member.pid = 0;
  if (now_ms() - member.started_ms < kShortLifeMs)
    ++member.num_short_lives;
  else
    member.num_short_lives = 0;
  return ended.ok() ? **ended : ExitStatus{.code = -1};
}

Status Supervisor::start() {
  began_ = log_ends(fs_, spec_.run_directory);
  for (Member& member : members_) TRY(spawn(member));
  const int64_t deadline_ms = now_ms() + options_.start_timeout_ms;
  while (now_ms() < deadline_ms) {
    if (stop_) return Error(ErrorCode::kCancelled, "The application was stopped while it started");
    if (const auto exit = reap(members_.front())) return failure_of(members_.front(), *exit);
    TRY(replace_task_managers(true));
    const JobSight sight = probe_.look();
    tell(sight);
    if (const auto verdict = judge_start(sight)) return *verdict;
    pause_ms(kStartPollMs);
  }
  std::string why = root_cause(probe_.exception());
  if (why.empty()) why = root_cause(last_failure(fs_, spec_.run_directory, began_));
  const std::string text = start_timeout_text(spec_.launch.application_arn);
  log_.error(text);
  return Error(ErrorCode::kTimeout, text + (why.empty() ? std::string() : ": " + why));
}

// Empty as long as it is open.
std::optional<Status> Supervisor::judge_start(const JobSight& sight) {
  switch (sight.phase) {
    case JobPhase::kRunning: return Status();
    case JobPhase::kFinished: return write_file_durably(fs_, join_path(spec_.run_directory, kFinishedFile), "");
    case JobPhase::kFailed: {
      std::string trace = probe_.exception();
      if (trace.empty() || is_of_python(trace)) trace = last_failure(fs_, spec_.run_directory, began_);
      return Status(explain_failure(trace, spec_.launch.flink.version));
    }
    case JobPhase::kCanceled: return Status(Error(ErrorCode::kCancelled, "The job was cancelled while it started"));
    case JobPhase::kRestarting: break;
    default: was_restarting_ = false; return std::nullopt;
  }
  // Flink restarts it every ten seconds without end. Who has never run will not run by being tried again and again; one
  // that has run before may wait for something that comes back.
  if (was_restarting_) return std::nullopt;
  was_restarting_ = true;
  if (spec_.restore.own_checkpoint || ++num_failures_at_start_ < kStartFailuresMax) return std::nullopt;
  return Status(explain_failure(probe_.exception(), spec_.launch.flink.version));
}

Error Supervisor::failure_of(const Member& member, const ExitStatus& exit) {
  const std::string trace = last_failure(fs_, spec_.run_directory, began_);
  log_.error(fmt::format("{} ended while the application started ({})", member.name, describe(exit)));
  if (exit.signal == SIGKILL) {
    return Error(ErrorCode::kEngine, fmt::format("{} was killed while the application started", member.name));
  }
  if (trace.empty()) return Error(ErrorCode::kEngine, fmt::format("{} ended ({})", member.name, describe(exit)));
  return explain_failure(trace, spec_.launch.flink.version);
}

Status Supervisor::replace_task_managers(bool starting) {
  for (Member& member : members_) {
    if (member.index == 0 || member.retired_ms != 0) continue;
    if (const auto exit = reap(member)) {
      log_.warn(fmt::format("{} ended ({}); another one takes its place", member.name, describe(*exit)));
      if (starting && member.num_short_lives >= kShortLivesMax) return failure_of(member, *exit);
      // At once the first time, later and later when it cannot stay.
      const int64_t delay_ms = member.num_short_lives < 2 ? 0 : int64_t{500} << std::min(member.num_short_lives, 6);
      member.start_after_ms = now_ms() + std::min(delay_ms, kRespawnDelayMaxMs);
    }
    if (member.pid == 0 && now_ms() >= member.start_after_ms) TRY(spawn(member));
  }
  return {};
}

// As many TaskManagers as the parallelism takes that this incarnation was asked for last.
void Supervisor::follow_scale(const JobSight& sight) {
  const auto asked = engine::read_scale_file(fs_, spec_.run_directory);
  const bool ours = asked.ok() && asked->incarnation == spec_.launch.identity.incarnation;
  if (!asked.ok() && asked.error().code() != ErrorCode::kNotFound) {
    log_.warn("The parallelism that was asked for cannot be read", asked.error());
    return;
  }
  const int wanted = ours ? spec_.num_task_managers(asked->parallelism) : spec_.num_task_managers();
  const auto present = static_cast<int>(
      std::ranges::count_if(members_, [](const Member& m) { return m.index != 0 && m.retired_ms == 0; }));
  if (present < wanted) add_task_managers(wanted - present);
  // While the job starts anew, all look idle.
  if (present > wanted && sight.phase == JobPhase::kRunning) retire_task_managers(present - wanted);
}

// The loop that replaces dead ones starts them.
void Supervisor::add_task_managers(int count) {
  const auto taken = [this](int index) {
    return std::ranges::any_of(members_, [index](const Member& member) { return member.index == index; });
  };
  if (options_.enlarge) {
    const Status enlarged = options_.enlarge(static_cast<int>(members_.size()) - 1 + count);
    if (!enlarged.ok()) {
      log_.warn("There is no room for more TaskManagers", enlarged.error());
      return;
    }
  }
  for (int index = 1; count > 0; ++index) {
    if (taken(index)) continue;
    members_.push_back(task_manager(index));
    log_.info(fmt::format("{} is added, since the job is scaled", members_.back().name));
    --count;
  }
}

// Only those without a task of the job, at two looks: it goes on without noticing.
void Supervisor::retire_task_managers(int count) {
  const std::vector<std::string> idle = probe_.idle_task_managers();
  for (auto member = members_.rbegin(); member != members_.rend(); ++member) {
    if (member->index == 0 || member->retired_ms != 0) continue;
    const bool was_idle =
        std::exchange(member->idle, std::ranges::find(idle, task_manager_id(member->index)) != idle.end());
    if (count == 0 || !was_idle || !member->idle) continue;
    log_.info(fmt::format("{} ends, since the job is scaled", member->name));
    member->retired_ms = now_ms();
    if (member->pid != 0) (void)process_.signal_group(member->pid, SIGTERM);
    --count;
  }
}

void Supervisor::bury_retired() {
  for (Member& member : members_) {
    if (member.retired_ms == 0) continue;
    (void)reap(member);
    const bool late = now_ms() - member.retired_ms > options_.stop_grace_ms;
    if (member.pid != 0 && late) (void)process_.signal_group(member.pid, SIGKILL);
  }
  std::erase_if(members_, [](const Member& member) { return member.retired_ms != 0 && member.pid == 0; });
}

void Supervisor::tell(const JobSight& sight) {
  if (sight.state.empty() || sight.state == told_state_) return;
  told_state_ = sight.state;
  log_.info("The job is " + sight.state);
}

int Supervisor::watch() {
  int64_t next_look_ms = 0, next_housekeeping_ms = 0;
  bool finished = false;
  while (!stop_) {
    if (const auto exit = reap(members_.front())) {
      log_.error(fmt::format("The JobManager ended ({}): this incarnation ends with it", describe(*exit)));
      return 1;
    }
    if (!finished) {
      bury_retired();
      if (const Status replaced = replace_task_managers(false); !replaced.ok()) {
        log_.error("A TaskManager cannot be replaced", replaced.error());
        return 1;
      }
    }
    if (now_ms() >= next_look_ms) {
      const JobSight sight = probe_.look();
      tell(sight);
      if (sight.phase == JobPhase::kFinished && !finished && !spec_.launch.flink.many_jobs) {
        finished = true;
        const Status noted = write_file_durably(fs_, join_path(spec_.run_directory, kFinishedFile), "");
        if (!noted.ok()) log_.error("That the job has finished cannot be noted", noted.error());
      }
      if (!finished) follow_scale(sight);
      next_look_ms = now_ms() + kLookMs;
    }
    if (now_ms() >= next_housekeeping_ms) {
      keep_house();
      next_housekeeping_ms = now_ms() + kHousekeepingMs;
    }
    pause_ms(kWatchPollMs);
  }
  return 0;
}

void Supervisor::keep_house() {
  for (const char* name : {engine::kWorkerLog, engine::kErrorOutput}) {
    const Status bounded = bound_log_file(fs_, join_path(spec_.run_directory, name), kLogBytesMax);
    if (!bounded.ok()) log_.warn("A log file cannot be cut", bounded.error());
  }
  const auto tidied = keeper_.tidy();
  if (!tidied.ok()) {
    log_.warn("Checkpoints of earlier incarnations stay", tidied.error());
  } else if (tidied->num_checkpoints + tidied->num_files > 0) {
    log_.info(fmt::format("Removed {} checkpoints of earlier incarnations and {} files of theirs",
                          tidied->num_checkpoints, tidied->num_files));
  }
}

void Supervisor::end_members(bool job_manager, int signal) {
  for (Member& member : members_) {
    if (member.pid != 0 && (member.index == 0) == job_manager) (void)process_.signal_group(member.pid, signal);
  }
}

bool Supervisor::await_end(int64_t deadline_ms) {
  for (;;) {
    bool any = false;
    for (Member& member : members_) {
      (void)reap(member);
      any = any || member.pid != 0;
    }
    if (!any) return true;
    if (now_ms() >= deadline_ms) return false;
    pause_ms(10);
  }
}

// The JobManager first: it would take the end of its TaskManagers for a failure.
void Supervisor::end() {
  if (members_.front().pid == 0) return;  // nothing is left to be done in order: the room is closed
  end_members(true, SIGTERM);
  const int64_t deadline_ms = now_ms() + options_.stop_grace_ms;
  while (members_.front().pid != 0 && now_ms() < deadline_ms) {
    (void)reap(members_.front());
    pause_ms(10);
  }
  end_members(false, SIGTERM);
  if (await_end(std::max(deadline_ms, now_ms() + 1'000))) return;
  end_members(true, SIGKILL);
  end_members(false, SIGKILL);
  (void)await_end(now_ms() + options_.stop_grace_ms);
}

}  // namespace raudal::cluster
