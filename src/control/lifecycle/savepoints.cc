#include "control/lifecycle/savepoints.h"

#include <fmt/core.h>

#include "base/failpoint.h"
#include "codec/digest.h"
#include "control/configuration/programs.h"
#include "control/configuration/settings.h"
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
  Transaction tx = TRY(context.store.begin());
  const auto version = TRY(tx.require_version(application.id, run.version));
  const auto groups = configuration::property_groups(version.configuration);
  const std::string folder = TRY(configuration::read_run_options(groups)).savepoint_directory;
  snapshot.incarnation = run.incarnation;
  snapshot.directory = snapshot_directory(context.options, application, snapshot, run.incarnation, folder);
  snapshot.trigger_id = trigger_id_of(snapshot, run.incarnation);
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

bool has_finished(engine::JobClient& job) {
  const auto details = job.details();
  return details.ok() && details->state == engine::JobState::kFinished;
}

engine::SavepointRequest request_of(const Snapshot& snapshot, bool stop) {
  return {.trigger_id = snapshot.trigger_id, .target_directory = snapshot.directory, .stop = stop, .drain = false};
}

// Whether asking once more may help: a reply was lost, or a job refuses that is restarting and will run again.
bool worth_asking_again(const Error& refused, engine::JobClient& job) {
  const auto details = job.details();
  if (!details.ok()) return true;
  switch (details->state) {
    case engine::JobState::kRestarting:
    case engine::JobState::kInitializing:
    case engine::JobState::kCreated: return true;
    case engine::JobState::kRunning: return refused.code() != ErrorCode::kInvalidRequest;
    default: return false;
  }
}

// Asks for the savepoint until the engine has heard it or says no: always with the same trigger id, so that asking
// twice makes one savepoint. Also fine when nobody answers any more: whoever waits for it finds that out.
Status ask(Context& context, engine::JobClient& job, const engine::SavepointRequest& request) {
  const int64_t deadline = context.clock.monotonic_ns() + kRestartTimeoutMs * 1'000'000;
  for (;;) {
    Status asked = job.trigger_savepoint(request);
    if (asked.ok()) return asked;
    const auto known = job.savepoint_status(request.trigger_id);
    if (known.ok() || known.error().code() != ErrorCode::kNotFound) return {};
    const bool again = worth_asking_again(asked.error(), job) && context.clock.monotonic_ns() < deadline;
    if (!again || !context.stop.pause_ms(kAskAgainMs)) return asked;
  }
}

SavepointResult failed(std::string why) { return {.outcome = SavepointOutcome::kFailed, .failure = std::move(why)}; }

// Polls until the savepoint is complete or cannot be. The engine has been asked.
Result<SavepointResult> await_savepoint(Context& context, const std::string& folder, engine::JobClient& job,
                                        const engine::SavepointRequest& request, const Operation* operation) {
  const int64_t start_ns = context.clock.monotonic_ns();
  int64_t last_answer_ns = start_ns;
  for (int64_t poll = 1;; ++poll) {
    const auto status = job.savepoint_status(request.trigger_id);
    const int64_t now_ns = context.clock.monotonic_ns();
    if (status.ok()) {
      last_answer_ns = now_ns;
      if (status->completed) return complete();
      if (status->failure) return failed(*status->failure);
    } else if (!TRY(context.engine.alive(folder))) {
      return SavepointResult{.outcome = SavepointOutcome::kWorkerGone, .failure = status.error().message()};
    } else if (now_ns - last_answer_ns > patience_ms(context, folder) * 1'000'000) {
      TRY(context.engine.kill(folder));
      return SavepointResult{.outcome = SavepointOutcome::kWorkerGone, .failure = "the worker did not answer"};
    } else if (status.error().code() == ErrorCode::kNotFound && job.trigger_savepoint(request).ok()) {
      last_answer_ns = now_ns;  // it had not heard of it, and now it has
    }
    if (now_ns - start_ns > context.options.savepoint_timeout_ms * 1'000'000) {
      // What is late may still complete, and end the job with it: nobody may go on as if it had not.
      if (request.stop) TRY(context.engine.kill(folder));
      return failed("it took too long");
    }
    const bool overtaken = operation && poll % kSupersededPolls == 0 && superseded(context, *operation);
    if (overtaken || !context.stop.pause_ms(kPollMs)) {
      return SavepointResult{.outcome = SavepointOutcome::kInterrupted, .failure = ""};
    }
  }
}

// Asks and waits, unless an earlier control plane did, and it is complete.
Result<SavepointResult> make_savepoint(Context& context, const std::string& folder, engine::JobClient& job,
                                       const engine::SavepointRequest& request, const Operation* operation) {
  FAILPOINT("control.after_intent");
  const Status asked = ask(context, job, request);
  FAILPOINT("control.after_engine_call");
  if (!asked.ok() && context.stop.stopping()) {
    return SavepointResult{.outcome = SavepointOutcome::kInterrupted, .failure = ""};
  }
  if (!asked.ok()) {
    // Unless the engine itself said no, it may have heard of the stop, or still hear of it.
    const ErrorCode code = asked.error().code();
    const bool refused = code == ErrorCode::kInvalidRequest || code == ErrorCode::kNotFound;
    if (request.stop && !refused && !has_finished(job)) TRY(context.engine.kill(folder));
    return failed(asked.error().message());
  }
  return await_savepoint(context, folder, job, request, operation);
}

}  // namespace

Result<bool> complete_on_disk(Context& context, Snapshot& snapshot) {
  if (snapshot.incarnation.value() == 0) return false;
  const auto size = context.engine.verify_savepoint(snapshot.directory);
  if (size.ok()) {
    snapshot.size_bytes = *size;
    return true;
  }
  const ErrorCode code = size.error().code();
  if (code == ErrorCode::kNotFound || code == ErrorCode::kCorrupt) return false;
  return size.error();
}

Result<SavepointResult> take_savepoint(Context& context, const Application& application, const Run& run,
                                       Snapshot& snapshot, bool stop, const Operation* operation) {
  const std::string folder = run_directory(context.options, application, run.number);
  const auto job = context.engine.job(folder);
  const bool asked_before = snapshot.incarnation == run.incarnation;
  TRY(store_attempt(context, application, run, snapshot));
  SavepointResult result = complete();
  if (!asked_before || !TRY(complete_on_disk(context, snapshot))) {
    result = TRY(make_savepoint(context, folder, *job, request_of(snapshot, stop), operation));
  }
  if (result.outcome == SavepointOutcome::kInterrupted) return result;
  if (result.outcome == SavepointOutcome::kComplete && stop) await_end(context, *job);
  // Whatever was said, what stands on disk decides: a stop that made its savepoint has stopped the job.
  if (TRY(complete_on_disk(context, snapshot))) return complete();
  if (result.outcome == SavepointOutcome::kComplete) return failed("it is damaged");
  if (result.outcome == SavepointOutcome::kFailed && has_finished(*job)) {
    result.outcome = SavepointOutcome::kJobFinished;
  }
  return result;
}

Result<SavepointResult> stop_with_savepoint(Context& context, const Application& application, Run& run,
                                            Snapshot& snapshot, const Operation& operation) {
  const std::string folder = run_directory(context.options, application, run.number);
  SavepointResult result;
  for (int attempt = 1; attempt <= kAttemptsMax; ++attempt) {
    if (!TRY(context.engine.alive(folder))) {
      if (TRY(complete_on_disk(context, snapshot))) {
        result = complete();
        break;
      }
      // The worker died under the stop. Rows since its last checkpoint must be in the snapshot: run it once more.
      const Status up = bring_up(context, application, run, nullptr);
      if (!up.ok()) {
        result = failed(up.error().message());
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
