#include "control/lifecycle/savepoints.h"

#include <fmt/core.h>

#include "base/failpoint.h"
#include "codec/digest.h"
#include "control/lifecycle/operations.h"
#include "control/lifecycle/runs.h"

namespace raudal::control::lifecycle {
namespace {

using metadata::Application;
using metadata::Operation;
using metadata::Run;
using metadata::Snapshot;
using metadata::Transaction;

constexpr int kAttemptsMax = 5;
constexpr int64_t kPollMs = 10;
constexpr int64_t kAskAgainMs = 100;
constexpr int64_t kRestartTimeoutMs = 30'000;  // for a job that is restarting to run again
constexpr size_t kTriggerIdDigits = 32;
constexpr int64_t kSupersededPolls = 20;      // polls between two looks into the store
constexpr int64_t kFinishTimeoutMs = 30'000;  // for the sinks to commit after the savepoint

SavepointResult complete() { return {.outcome = SavepointOutcome::kComplete, .failure = ""}; }

// In the form of Flink's: 32 hex digits. One for each attempt.
std::string trigger_id_of(const Snapshot& snapshot, Incarnation incarnation) {
  const std::string attempt = fmt::format("{}/{}/{}", snapshot.name, snapshot.id, incarnation.value());
  return codec::sha256_hex(attempt).substr(0, kTriggerIdDigits);
}

// Stores which attempt is under way, unless this incarnation was asked already.
Status store_attempt(Context& context, const Application& application, const Run& run, Snapshot& snapshot) {
  if (snapshot.incarnation == run.incarnation) return {};
  snapshot.incarnation = run.incarnation;
  snapshot.directory = snapshot_directory(context.options, application, snapshot, run.incarnation);
  snapshot.trigger_id = trigger_id_of(snapshot, run.incarnation);
  Transaction tx = TRY(context.store.begin());
  TRY(tx.update_snapshot(snapshot));
  return tx.commit();
}

// Waits until the job has ended, so that its sinks have committed what the savepoint holds.
void await_end(Context& context, engine::JobClient& job) {
  const int64_t deadline = context.clock.monotonic_ns() + kFinishTimeoutMs * 1'000'000;
  while (context.clock.monotonic_ns() < deadline) {
    const auto details = job.details();
    if (!details.ok() || details->state == engine::JobState::kFinished) return;
    if (!context.stop.pause_ms(kPollMs)) return;
  }
}

// Whether an earlier attempt did complete, though nobody was there to hear of it.
bool already_complete(Context& context, Snapshot& snapshot) {
  if (snapshot.incarnation.value() == 0) return false;
  const auto size = context.engine.verify_savepoint(snapshot.directory);
  if (size.ok()) snapshot.size_bytes = *size;
  return size.ok();
}

bool has_finished(engine::JobClient& job) {
  const auto details = job.details();
  return details.ok() && details->state == engine::JobState::kFinished;
}

// Asks for the savepoint. A job that is restarting refuses; it is asked again when it runs.
Status ask(Context& context, engine::JobClient& job, const Snapshot& snapshot, bool stop) {
  const int64_t deadline = context.clock.monotonic_ns() + kRestartTimeoutMs * 1'000'000;
  for (;;) {
    Status asked = job.trigger_savepoint(
        {.trigger_id = snapshot.trigger_id, .target_directory = snapshot.directory, .stop = stop, .drain = false});
    if (asked.ok()) return asked;
    const auto details = job.details();
    const bool comes_back = details.ok() && (details->state == engine::JobState::kRestarting ||
                                             details->state == engine::JobState::kInitializing ||
                                             details->state == engine::JobState::kCreated);
    if (!comes_back || context.clock.monotonic_ns() > deadline || !context.stop.pause_ms(kAskAgainMs)) return asked;
  }
}

// Polls until the savepoint is complete or cannot be. The worker has been asked.
Result<SavepointResult> await_savepoint(Context& context, const std::string& folder, engine::JobClient& job,
                                        const Snapshot& snapshot, const Operation* operation) {
  const int64_t start_ns = context.clock.monotonic_ns();
  int64_t last_answer_ns = start_ns;
  for (int64_t poll = 1;; ++poll) {
    const auto status = job.savepoint_status(snapshot.trigger_id);
    const int64_t now_ns = context.clock.monotonic_ns();
    if (status.ok()) {
      last_answer_ns = now_ns;
      if (status->completed) return complete();
      if (status->failure) return SavepointResult{.outcome = SavepointOutcome::kFailed, .failure = *status->failure};
    } else if (!TRY(context.engine.alive(folder))) {
      return SavepointResult{.outcome = SavepointOutcome::kWorkerGone, .failure = status.error().message()};
    } else if (now_ns - last_answer_ns > context.options.unresponsive_ms * 1'000'000) {
      TRY(context.engine.kill(folder));
      return SavepointResult{.outcome = SavepointOutcome::kWorkerGone, .failure = "the worker did not answer"};
    }
    if (now_ns - start_ns > context.options.savepoint_timeout_ms * 1'000'000) {
      return SavepointResult{.outcome = SavepointOutcome::kFailed, .failure = "it took too long"};
    }
    const bool overtaken = operation && poll % kSupersededPolls == 0 && superseded(context, *operation);
    if (overtaken || !context.stop.pause_ms(kPollMs)) {
      return SavepointResult{.outcome = SavepointOutcome::kInterrupted, .failure = ""};
    }
  }
}

}  // namespace

Result<SavepointResult> take_savepoint(Context& context, const Application& application, const Run& run,
                                       Snapshot& snapshot, bool stop, const Operation* operation) {
  const std::string folder = run_directory(context.options, application, run.number);
  const auto job = context.engine.job(folder);
  TRY(store_attempt(context, application, run, snapshot));
  FAILPOINT("control.after_intent");
  const Status asked = ask(context, *job, snapshot, stop);
  FAILPOINT("control.after_engine_call");
  SavepointResult result;
  if (asked.ok() || !job->details().ok()) {
    result = TRY(await_savepoint(context, folder, *job, snapshot, operation));
  } else {
    result = {.outcome = SavepointOutcome::kFailed, .failure = asked.error().message()};
  }
  switch (result.outcome) {
    case SavepointOutcome::kComplete:
      if (stop) await_end(context, *job);
      snapshot.size_bytes = TRY(context.engine.verify_savepoint(snapshot.directory));
      break;
    case SavepointOutcome::kWorkerGone:
      if (already_complete(context, snapshot)) return complete();
      break;
    case SavepointOutcome::kFailed:
      if (!has_finished(*job)) break;
      if (already_complete(context, snapshot)) return complete();
      result.outcome = SavepointOutcome::kJobFinished;
      break;
    case SavepointOutcome::kJobFinished:
    case SavepointOutcome::kInterrupted: break;
  }
  return result;
}

Result<SavepointResult> stop_with_savepoint(Context& context, const Application& application, Run& run,
                                            Snapshot& snapshot, const Operation& operation) {
  const std::string folder = run_directory(context.options, application, run.number);
  SavepointResult result;
  for (int attempt = 1; attempt <= kAttemptsMax; ++attempt) {
    if (!TRY(context.engine.alive(folder))) {
      if (already_complete(context, snapshot)) {
        result = complete();
        break;
      }
      // The worker died under the stop. Rows since its last checkpoint must be in the snapshot: run it once more.
      const Status up = bring_up(context, application, run, nullptr);
      if (!up.ok()) {
        result = {.outcome = SavepointOutcome::kFailed, .failure = up.error().message()};
        break;
      }
    }
    result = TRY(take_savepoint(context, application, run, snapshot, true, &operation));
    if (result.outcome != SavepointOutcome::kWorkerGone) break;
    context.log.warn(fmt::format("{}: the worker died while it made the snapshot {}: {}", application.name,
                                 snapshot.name, result.failure));
    result.outcome = SavepointOutcome::kFailed;
    if (superseded(context, operation) || context.stop.stopping()) result.outcome = SavepointOutcome::kInterrupted;
    if (result.outcome == SavepointOutcome::kInterrupted) break;
  }
  if (result.outcome == SavepointOutcome::kComplete || result.outcome == SavepointOutcome::kJobFinished) {
    TRY(bring_down(context, application, run.number));
  }
  return result;
}

}  // namespace raudal::control::lifecycle
