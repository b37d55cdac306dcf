#include "runtime/snapshot_drain.h"

#include <algorithm>
#include <optional>

#include <fmt/core.h>

namespace raudal::runtime {

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
                             SubtaskId from, std::vector<DrainedState> states, int64_t barrier_pause_us)
    : environment_(environment),
      request_(std::move(request)),
      from_(from),
      states_(std::move(states)),
      files_(std::make_shared<Files>()),
      longest_pause_us_(barrier_pause_us) {
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
  const int64_t begin_ns = environment_.clock->monotonic_ns();
  int64_t now_ns = begin_ns;
  while (next_ < states_.size()) {
    if (now_ns - begin_ns >= budget_ns || !environment_.io->has_room()) {
      longest_pause_us_ = std::max(longest_pause_us_, (now_ns - begin_ns) / 1000);
      return false;
    }
    FileWriter writer(*this, next_);
    Result<bool> done = states_[next_].state->drain(writer, step_bytes_);
    if (!done.ok()) {
      fail(std::move(done).error());
      return true;
    }
    if (*done) ++next_;
    const int64_t after_ns = environment_.clock->monotonic_ns();
    // A call should take a fraction of the step, so that the step ends in time.
    if (after_ns - now_ns > budget_ns / 2)
      step_bytes_ = std::max<size_t>(step_bytes_ / 2, 8 << 10);
    else if (after_ns - now_ns < budget_ns / 8)
      step_bytes_ = std::min<size_t>(step_bytes_ * 2, 1 << 20);
    now_ns = after_ns;
  }
  longest_pause_us_ = std::max(longest_pause_us_, (now_ns - begin_ns) / 1000);
  SnapshotWritten written{.from = from_, .sequence = request_->sequence, .longest_pause_us = longest_pause_us_};
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
