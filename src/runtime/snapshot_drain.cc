#include "runtime/snapshot_drain.h"

#include <time.h>

#include <algorithm>
#include <optional>

#include <fmt/core.h>

namespace raudal::runtime {
namespace {

constexpr size_t kStepBytesMin = 8 << 10;
constexpr size_t kStepBytesMax = 1 << 20;

int64_t thread_cpu_ns() {
  timespec now = {};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

}  // namespace

PauseWatch::PauseWatch(const Clock& clock)
    : clock_(clock), begin_wall_ns_(clock.monotonic_ns()), begin_cpu_ns_(thread_cpu_ns()) {}

int64_t PauseWatch::wall_ns() const { return clock_.monotonic_ns() - begin_wall_ns_; }

void PauseWatch::note(CheckpointPause* longest) const {
  longest->wall_us = std::max(longest->wall_us, wall_ns() / 1000);
  longest->cpu_us = std::max(longest->cpu_us, (thread_cpu_ns() - begin_cpu_ns_) / 1000);
}

// Used by the I/O thread only, once the drain is made.
struct SnapshotDrain::Files {
  std::vector<std::unique_ptr<state::StateFileWriter>> writers;  // null: nothing written yet
  std::vector<std::string> names;
  std::optional<Error> error;
};

// Hands the chunks of one state to the I/O thread.
class SnapshotDrain::FileWriter final : public state::ChunkWriter {
 public:
  FileWriter(SnapshotDrain& drain, size_t index) : drain_(drain), index_(index) {}

  Status write_chunk(std::string_view bytes) override {
    drain_.environment_.io->post(
        static_cast<int64_t>(bytes.size()), [files = drain_.files_, index = index_, chunk = std::string(bytes),
                                             fs = drain_.environment_.fs, directory = drain_.request_->directory] {
          if (files->error) return;
          auto& writer = files->writers[index];
          if (!writer) writer = std::make_unique<state::StateFileWriter>(*fs, directory, files->names[index]);
          Status written = writer->append(chunk);
          if (!written.ok()) files->error = std::move(written).error();
        });
    return {};
  }

 private:
  SnapshotDrain& drain_;
  const size_t index_;
};

SnapshotDrain::SnapshotDrain(const DrainEnvironment& environment, std::shared_ptr<const BarrierRequest> request,
                             SubtaskId from, std::vector<DrainedState> states, CheckpointPause barrier_pause)
    : environment_(environment),
      request_(std::move(request)),
      from_(from),
      states_(std::move(states)),
      files_(std::make_shared<Files>()),
      longest_(barrier_pause) {
  files_->writers.resize(states_.size());
  for (const DrainedState& drained : states_) {
    files_->names.push_back(
        fmt::format("{}-{}-{}-{}", request_->file_prefix, drained.node, drained.name, from_.subtask));
  }
}

SnapshotDrain::~SnapshotDrain() {
  for (size_t i = next_; i < states_.size(); ++i) states_[i].state->abandon_snapshot();
}

bool SnapshotDrain::step(int64_t budget_ns) {
  const PauseWatch watch(*environment_.clock);
  int64_t spent_ns = 0;
  while (next_ < states_.size()) {
    if (spent_ns >= budget_ns || !environment_.io->has_room()) {
      watch.note(&longest_);
      return false;
    }
    FileWriter writer(*this, next_);
    Result<bool> done = states_[next_].state->drain(writer, step_bytes_);
    if (!done.ok()) {
      fail(std::move(done).error());
      return true;
    }
    if (*done) ++next_;
    const int64_t call_ns = watch.wall_ns() - spent_ns;
    // A call should take a fraction of the step, so that the step ends in time.
    if (call_ns > budget_ns / 4)
      step_bytes_ = std::max(step_bytes_ / 2, kStepBytesMin);
    else if (call_ns < budget_ns / 16)
      step_bytes_ = std::min(step_bytes_ * 2, kStepBytesMax);
    spent_ns += call_ns;
  }
  watch.note(&longest_);
  SnapshotWritten written{.from = from_, .sequence = request_->sequence, .pause = longest_};
  for (const DrainedState& drained : states_) {
    written.states.push_back(
        {.node = drained.node, .name = drained.name, .schema = drained.state->schema().description});
  }
  environment_.io->post(0, [files = files_, written = std::move(written), events = environment_.events,
                            attempt = environment_.attempt]() mutable {
    for (size_t i = 0; i < files->writers.size() && !files->error; ++i) {
      if (!files->writers[i]) continue;
      Result<state::FileRef> file = files->writers[i]->finish();
      if (file.ok())
        written.states[i].file = std::move(file).value();
      else
        files->error = std::move(file).error();
    }
    if (files->error)
      events->push({attempt, SnapshotFailed{written.sequence, *files->error}});
    else
      events->push({attempt, std::move(written)});
  });
  return true;
}

void SnapshotDrain::fail(Error error) {
  environment_.events->push({environment_.attempt, SnapshotFailed{request_->sequence, std::move(error)}});
}

}  // namespace raudal::runtime
