#include "runtime/checkpoint_coordinator.h"

#include <algorithm>

#include <fmt/core.h>

#include "base/failpoint.h"
#include "base/str.h"
#include "column/hash.h"
#include "obs/metric_names.h"

namespace raudal::runtime {

Status commit_sinks(const JobConfig& config, const OpenedTables& tables,
                    const std::vector<state::OperatorSnapshot>& operators) {
  FAILPOINT("commit.before");
  for (const state::OperatorSnapshot& snapshot : operators) {
    if (snapshot.committables.empty()) continue;
    const auto node = std::ranges::find(config.graph.nodes, snapshot.uid, &graph::Node::uid);
    if (node == config.graph.nodes.end()) continue;  // dropped with allow_non_restored_state
    const auto& sink = tables.sinks[static_cast<size_t>(node - config.graph.nodes.begin())];
    if (!sink) continue;
    Status committed = sink->commit(snapshot.committables);
    if (!committed.ok()) return std::move(committed).error().within("Sink cannot publish, " + node->name);
  }
  return {};
}

void CheckpointCoordinator::begin_attempt(Attempt& attempt, int64_t attempt_number, int64_t restored_sequence) {
  attempt_ = &attempt;
  attempt_number_ = attempt_number;
  sequence_ = std::max(sequence_, restored_sequence);
  builder_.reset();
  next_is_full_ = true;
  last_begin_ns_ = last_end_ns_ = now_ns();
}

void CheckpointCoordinator::end_attempt(const std::string& why) {
  attempt_ = nullptr;
  if (!pending_) return;
  context_.record->checkpoint_failed(pending_->request.sequence, why);
  if (!pending_->savepoint.trigger_id.empty() && !pending_->stands) {
    context_.record->savepoint_ended(pending_->savepoint.trigger_id,
                                     {.phase = SavepointPhase::kFailed, .failure = why});
  }
  pending_.reset();
}

int64_t CheckpointCoordinator::next_due_ns() const {
  const CheckpointOptions& options = context_.config->checkpoints;
  if (!context_.log || !options.periodic || pending_) return INT64_MAX;
  return std::max(last_begin_ns_ + options.interval_ms * 1'000'000, last_end_ns_ + options.min_pause_ms * 1'000'000);
}

int64_t CheckpointCoordinator::timeout_ns() const {
  if (!pending_) return INT64_MAX;
  return pending_->begin_ns + context_.config->checkpoints.timeout_ms * 1'000'000;
}

void CheckpointCoordinator::trigger(CheckpointPurpose purpose, const SavepointOptions& savepoint) {
  CHECK(!pending_);
  const bool is_savepoint = purpose == CheckpointPurpose::kSavepoint || purpose == CheckpointPurpose::kStop;
  ++sequence_;
  if (context_.log) sequence_ = std::max(sequence_, context_.log->next_id().value());
  Pending pending{.purpose = purpose, .savepoint = savepoint};
  pending.request = {
      .sequence = sequence_,
      .kind = next_is_full_ || is_savepoint ? state::SnapshotKind::kFull : state::SnapshotKind::kIncremental,
      .directory = is_savepoint ? savepoint.target_directory : context_.config->checkpoints.directory,
      .stop_sources = purpose == CheckpointPurpose::kStop};
  pending.request.file_prefix = fmt::format("{}/{}-{}-{}", state::CheckpointLog::kFilesFolder, sequence_,
                                            context_.config->identity.incarnation.value(), attempt_number_);
  pending.trigger_ms = context_.config->environment.clock->wall_us() / 1000;
  pending.begin_ns = last_begin_ns_ = now_ns();
  builder_.begin(pending.request);
  context_.record->checkpoint_begun({.id = sequence_,
                                     .savepoint = is_savepoint,
                                     .trigger_ms = pending.trigger_ms,
                                     .num_subtasks = builder_.num_subtasks()});
  pending_ = std::move(pending);
  attempt_->board().request(pending_->request);
  attempt_->wake();
}

Status CheckpointCoordinator::on_passed(const BarrierPassed& passed) {
  builder_.add(passed);
  return {};
}

Result<std::optional<CheckpointPurpose>> CheckpointCoordinator::on_written(const SnapshotWritten& written) {
  if (!pending_ || written.sequence != pending_->request.sequence) return std::optional<CheckpointPurpose>();
  builder_.add(written);
  context_.metrics->note_pause(written.pause);
  int64_t bytes = 0;
  for (const WrittenState& state : written.states) bytes += state.file ? state.file->length_bytes : 0;
  const PlannedTask& task = context_.plan->tasks[static_cast<size_t>(written.from.task)];
  const int vertex = context_.plan->vertex_of[static_cast<size_t>(task.nodes.front())];
  context_.record->checkpoint_acknowledged(sequence_, context_.plan->vertices[static_cast<size_t>(vertex)].id,
                                           task.parallelism, bytes);
  if (!builder_.complete()) return std::optional<CheckpointPurpose>();
  return complete();
}

state::Manifest CheckpointCoordinator::make_manifest() const {
  const JobConfig& config = *context_.config;
  state::Manifest manifest{.identity = config.identity,
                           .id = context_.log ? context_.log->next_id() : CheckpointId(sequence_),
                           .parallelism = config.parallelism,
                           .max_parallelism = config.max_parallelism,
                           .hash_id = column::kHashId,
                           .trigger_time_ms = pending_->trigger_ms,
                           .operators = builder_.operators()};
  manifest.properties[property::kSequence] = std::to_string(sequence_);
  return manifest;
}

Result<std::optional<CheckpointPurpose>> CheckpointCoordinator::complete() {
  const CheckpointPurpose purpose = pending_->purpose;
  if (log_is_unsure_) {
    // The last record may stand although its writing failed: a claim says where the log ends now.
    Status claimed = context_.log->claim(context_.config->identity);
    if (!claimed.ok() && claimed.error().code() == ErrorCode::kFenced) return std::move(claimed).error();
    if (!claimed.ok()) {
      TRY(give_up(claimed.error().message()));
      return std::optional<CheckpointPurpose>();
    }
    log_is_unsure_ = false;
  }
  state::Manifest manifest = make_manifest();
  if (purpose == CheckpointPurpose::kSavepoint)
    TRY(finish_savepoint(std::move(manifest)));
  else if (purpose == CheckpointPurpose::kStop)
    TRY(finish_stop(std::move(manifest)));
  else
    TRY(finish_checkpoint(std::move(manifest)));
  if (last_completed_ != sequence_) return std::optional<CheckpointPurpose>();  // given up; it is tried again later
  return std::optional<CheckpointPurpose>(purpose);
}

// Makes a manifest true. kFenced and errors behind the publication end the attempt; any other gives the checkpoint up.
Status CheckpointCoordinator::publish(const state::Manifest& manifest) {
  Status published = context_.log->publish(manifest);
  if (published.ok()) return {};
  if (published.error().code() != ErrorCode::kFenced) log_is_unsure_ = true;
  return published;
}

Status CheckpointCoordinator::finish_checkpoint(state::Manifest manifest) {
  if (pending_->purpose == CheckpointPurpose::kFinal) manifest.properties[property::kFinished] = "true";
  std::string path;
  if (context_.log) {
    Status published = publish(manifest);
    if (!published.ok()) {
      if (published.error().code() == ErrorCode::kFenced) return published;
      return give_up(published.error().message());
    }
    path = join_path(context_.config->checkpoints.directory, fmt::format("log/{:010}", manifest.id.value()));
  }
  builder_.keep_chains();
  next_is_full_ = false;
  note_completed(manifest, path);
  TRY(commit_sinks(*context_.config, *context_.tables, manifest.operators));
  builder_.forget_committables();
  if (context_.log) {
    Status pruned = context_.log->prune(context_.config->checkpoints.retain);
    if (!pruned.ok()) context_.config->log->warn("Old checkpoints cannot be removed", pruned.error());
  }
  return {};
}

Status CheckpointCoordinator::finish_savepoint(state::Manifest manifest) {
  manifest.savepoint = true;
  manifest.properties[property::kTriggerId] = pending_->savepoint.trigger_id;
  const std::string& target = pending_->savepoint.target_directory;
  FAILPOINT("savepoint.before_metadata");
  Status written = state::write_savepoint(*context_.config->environment.fs, target, manifest);
  if (!written.ok()) return give_up(written.error().message());
  note_completed(manifest, target);
  return {};
}

Status CheckpointCoordinator::finish_stop(state::Manifest manifest) {
  const std::string& target = pending_->savepoint.target_directory;
  manifest.savepoint = true;
  manifest.properties[property::kTriggerId] = pending_->savepoint.trigger_id;
  if (context_.log) {
    state::Manifest stop = manifest;
    stop.savepoint = false;
    stop.properties[property::kStoppedInto] = target;
    stop.properties[property::kStopManifest] = state::encode_manifest(manifest);
    for (state::OperatorSnapshot& snapshot : stop.operators) {
      snapshot.keyed.clear();  // its files are the savepoint's
      snapshot.schemas.clear();
    }
    Status published = publish(stop);
    if (!published.ok()) {
      if (published.error().code() == ErrorCode::kFenced) return published;
      return give_up(published.error().message());
    }
  }
  // From here on only forward: whoever restarts this run finishes the stop.
  pending_->stands = context_.log != nullptr;
  FAILPOINT("savepoint.before_metadata");
  TRY(state::write_savepoint(*context_.config->environment.fs, target, manifest));
  TRY(commit_sinks(*context_.config, *context_.tables, manifest.operators));
  builder_.forget_committables();
  note_completed(manifest, target);
  return {};
}

void CheckpointCoordinator::note_completed(const state::Manifest& manifest, const std::string& external_path) {
  const int64_t bytes = state_bytes(manifest.operators);
  const int64_t duration_ms = (now_ns() - pending_->begin_ns) / 1'000'000;
  context_.record->checkpoint_completed(sequence_, builder_.written_bytes(), bytes, external_path);
  if (!pending_->savepoint.trigger_id.empty()) {
    context_.record->savepoint_ended(pending_->savepoint.trigger_id,
                                     {.phase = SavepointPhase::kCompleted, .location = external_path});
  }
  namespace metric = obs::metric;
  context_.metrics->job_gauge(metric::kLastCheckpointDuration).set(duration_ms);
  context_.metrics->job_gauge(metric::kLastCheckpointSize).set(builder_.written_bytes());
  context_.metrics->job_gauge(metric::kLastCheckpointFullSize).set(bytes);
  context_.config->log->info(fmt::format("{} {} completed: {} bytes written, {} bytes of state, {} ms",
                                         manifest.savepoint ? "Savepoint" : "Checkpoint", sequence_,
                                         builder_.written_bytes(), bytes, duration_ms));
  consecutive_failures_ = 0;
  last_completed_ = sequence_;
  last_end_ns_ = now_ns();
  pending_.reset();
}

// The checkpoint comes to nothing; the job goes on, and so do sources that had stopped for it.
Status CheckpointCoordinator::give_up(const std::string& why) {
  const Pending given_up = std::move(*pending_);
  pending_.reset();
  last_end_ns_ = now_ns();
  next_is_full_ = true;
  context_.record->checkpoint_failed(given_up.request.sequence, why);
  context_.config->log->warn(fmt::format("Checkpoint {} failed: {}", given_up.request.sequence, why));
  attempt_->board().give_up(given_up.request.sequence);
  attempt_->wake();
  if (!given_up.savepoint.trigger_id.empty()) {
    context_.record->savepoint_ended(given_up.savepoint.trigger_id, {.phase = SavepointPhase::kFailed, .failure = why});
    return {};  // Flink's tolerance is about checkpoints
  }
  if (++consecutive_failures_ <= context_.config->checkpoints.tolerable_failures) return {};
  return Error(ErrorCode::kTimeout, "Exceeded checkpoint tolerable failure threshold. The last one: " + why);
}

Status CheckpointCoordinator::on_failed(const SnapshotFailed& failed) {
  if (!pending_ || failed.sequence != pending_->request.sequence) return {};
  return give_up(failed.error.message());
}

Status CheckpointCoordinator::check_timeout() {
  if (!pending_ || now_ns() < timeout_ns()) return {};
  return give_up(fmt::format("Checkpoint expired before completing: {} of {} subtasks had answered after {} ms",
                             builder_.num_acknowledged(), builder_.num_subtasks(),
                             context_.config->checkpoints.timeout_ms));
}

}  // namespace raudal::runtime
