#include <algorithm>

#include <fmt/core.h>

#include "control/lifecycle/operations.h"
#include "control/lifecycle/runs.h"
#include "control/lifecycle/states.h"

namespace raudal::control::lifecycle {
namespace {

using metadata::Application;
using metadata::ApplicationStatus;
using metadata::Run;
using metadata::Transaction;

constexpr int64_t kStableMs = 10'000;  // an incarnation that lived so long ends a series of failures
constexpr int64_t kFirstDelayMs = 100;
constexpr int kDoublingsMax = 20;

// What a look at the worker says.
enum class Sight { kWell, kRestarting, kSilent, kGone, kFailed, kFinished };

struct Observation {
  Sight sight = Sight::kWell;
  std::string reason;
};

Observation judge(const engine::JobDetails& details, engine::JobClient& job) {
  switch (details.state) {
    case engine::JobState::kFinished: return {.sight = Sight::kFinished, .reason = ""};
    case engine::JobState::kFailed:
    case engine::JobState::kCancelled:
    case engine::JobState::kSuspended: {
      const auto cause = job.exceptions();
      return {.sight = Sight::kFailed,
              .reason = fmt::format("the job is {}: {}", engine::to_string(details.state),
                                    cause.ok() ? *cause : cause.error().message())};
    }
    case engine::JobState::kRestarting:
    case engine::JobState::kFailing: {
      const auto cause = job.exceptions();
      return {.sight = Sight::kRestarting, .reason = cause.ok() ? *cause : cause.error().message()};
    }
    default: return {};
  }
}

// A worker that restarts its job by itself is left alone, but people must hear of it: once for each cause.
void tell(Context& context, const Application& application, const std::string& folder, Watch& watch,
          const std::string& cause) {
  if (cause.empty() || watch.told == cause) return;
  watch.told = cause;
  context.log.warn(fmt::format("{}: the job fails and restarts: {} (see {})", application.name, cause,
                               join_path(folder, engine::kWorkerLog)));
}

Result<Observation> look(Context& context, const std::string& folder, Watch& watch) {
  const int64_t now_ns = context.clock.monotonic_ns();
  if (!TRY(context.engine.alive(folder))) {
    std::string reason = "the worker is gone";
    if (const auto report = context.engine.exit_report(folder)) {
      reason = fmt::format("the worker ended (exit code {}, signal {})", report->code, report->signal);
    }
    return Observation{.sight = Sight::kGone, .reason = reason};
  }
  if (watch.answered_ns == 0) watch.answered_ns = now_ns;
  const auto job = context.engine.job(folder);
  const auto details = job->details();
  if (details.ok()) {
    watch.answered_ns = context.clock.monotonic_ns();
    watch.answered = true;
    return judge(*details, *job);
  }
  const int64_t silent_ms = (context.clock.monotonic_ns() - watch.answered_ns) / 1'000'000;
  if (silent_ms < patience_ms(context, folder)) return Observation{};
  return Observation{.sight = Sight::kSilent,
                     .reason = fmt::format("the worker has not answered for {} ms", silent_ms)};
}

// Whether this incarnation has done something that a successor need not do again: then the next failure is a first one.
bool makes_progress(engine::JobClient& job) {
  const auto checkpoints = job.checkpoints();
  return checkpoints.ok() && checkpoints->completed > 0;
}

// A bounded job has done its work.
Status finish(Context& context, const Application& application) {
  TRY(bring_down(context, application, application.run));
  Transaction tx = TRY(context.store.begin());
  auto stored = TRY(tx.find_application(application.id));
  if (!stored || stored->status != ApplicationStatus::kRunning || stored->run != application.run) return {};
  TRY((tx.move<ApplicationStatus::kRunning, ApplicationStatus::kReady>(*stored)));
  TRY(tx.commit());
  context.log.info(fmt::format("{}: the job has finished", application.name));
  return {};
}

// The next incarnation, at once after a first failure, later and later after more of them.
Status replace(Context& context, const Application& application, Run& run, Watch& watch, const std::string& reason) {
  const int64_t now_ns = context.clock.monotonic_ns();
  if (watch.next_launch_ns == 0) {
    context.log.warn(fmt::format("{}: {}", application.name, reason));
    TRY(bring_down(context, application, application.run));
    if (now_ns - watch.launched_ns > kStableMs * 1'000'000) watch.num_failures = 0;
    const int64_t delay_ms =
        std::min(kFirstDelayMs << std::min(watch.num_failures, kDoublingsMax), context.options.relaunch_delay_max_ms);
    watch.next_launch_ns = now_ns + (watch.num_failures == 0 ? 0 : delay_ms * 1'000'000);
    ++watch.num_failures;
  }
  if (now_ns < watch.next_launch_ns) return {};
  watch.next_launch_ns = 0;
  watch.answered_ns = 0;
  watch.answered = false;
  watch.adopting = false;
  watch.launched_ns = now_ns;
  const Status up = launch(context, application, run, nullptr);
  if (!up.ok() && !context.stop.stopping()) {
    context.log.warn(fmt::format("{}: the worker could not be replaced", application.name), up.error());
  }
  return {};
}

}  // namespace

Status drive_running(Context& context, const Application& application, Watch& watch) {
  Transaction tx = TRY(context.store.begin());
  Run run = TRY(tx.require_run(application.id, application.run));
  TRY(tx.commit());
  const std::string folder = run_directory(context.options, application, run.number);
  const Observation seen = TRY(look(context, folder, watch));
  if (watch.adopting && watch.answered) {
    watch.adopting = false;
    context.log.info(fmt::format("{}: adopted the worker of run {}", application.name, run.number.value()));
  }
  switch (seen.sight) {
    case Sight::kWell:
      watch.next_launch_ns = 0;
      if (watch.num_failures > 0 && makes_progress(*context.engine.job(folder))) watch.num_failures = 0;
      return {};
    case Sight::kRestarting: tell(context, application, folder, watch, seen.reason); return {};
    case Sight::kFinished: return finish(context, application);
    case Sight::kSilent:
    case Sight::kGone:
    case Sight::kFailed: return replace(context, application, run, watch, seen.reason);
  }
  return {};
}

}  // namespace raudal::control::lifecycle
