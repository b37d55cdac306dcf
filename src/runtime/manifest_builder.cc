#include "runtime/manifest_builder.h"

#include <algorithm>

#include <fmt/core.h>

#include "runtime/restore_point.h"

namespace raudal::runtime {

void ManifestBuilder::reset() {
  chains_.clear();
  committables_.clear();
  generation_ = 0;
}

void ManifestBuilder::begin(const BarrierRequest& request) {
  request_ = request;
  passed_.clear();
  written_.clear();
  items_.clear();
  watermarks_.clear();
  schemas_.clear();
  files_.clear();
  written_bytes_ = 0;
}

void ManifestBuilder::add(const BarrierPassed& passed) {
  for (const NodeSnapshot& snapshot : passed.nodes) {
    auto& prepared = committables_[snapshot.node];
    prepared.insert(prepared.end(), snapshot.committables.begin(), snapshot.committables.end());
  }
  if (passed.sequence != request_.sequence) return;
  passed_.insert(passed.from);
  for (const NodeSnapshot& snapshot : passed.nodes) {
    auto& items = items_[snapshot.node];
    items.insert(items.end(), snapshot.items.begin(), snapshot.items.end());
    const auto [at, first] = watermarks_.emplace(snapshot.node, snapshot.watermark_ms);
    if (!first) at->second = std::min(at->second, snapshot.watermark_ms);
  }
}

void ManifestBuilder::add(const SnapshotWritten& written) {
  if (written.sequence != request_.sequence) return;
  written_.insert(written.from);
  for (const WrittenState& state : written.states) {
    schemas_[state.node][state.name] = state.schema;
    files_[state.node][fmt::format("{}/{}", state.name, written.from.subtask)] = state.file;
    if (state.file) written_bytes_ += state.file->length_bytes;
  }
}

int ManifestBuilder::num_subtasks() const {
  int sum = 0;
  for (const PlannedTask& task : plan_.tasks) sum += task.parallelism;
  return sum;
}

bool ManifestBuilder::complete() const {
  return static_cast<int>(written_.size()) == num_subtasks() && passed_.size() == written_.size();
}

// A full snapshot begins a chain; an incremental one continues it, and what is older than a whole round of ranges has
// been written anew since.
ManifestBuilder::Chains ManifestBuilder::extended(int node) const {
  Chains chains;
  const bool incremental = request_.kind == state::SnapshotKind::kIncremental;
  if (incremental) {
    if (const auto kept = chains_.find(node); kept != chains_.end()) chains = kept->second;
  }
  const auto written = files_.find(node);
  if (written == files_.end()) return chains;
  const int64_t generation = generation_ + 1;
  for (const auto& [key, file] : written->second) {
    std::vector<ChainFile>& chain = chains[key];
    std::erase_if(chain, [&](const ChainFile& each) {
      return each.generation <= generation - state::KeyedState::kChainLengthMax;
    });
    if (file) chain.push_back({generation, *file});
  }
  return chains;
}

std::vector<state::OperatorSnapshot> ManifestBuilder::operators() const {
  std::vector<state::OperatorSnapshot> operators;
  for (size_t n = 0; n < graph_.nodes.size(); ++n) {
    const int node = static_cast<int>(n);
    state::OperatorSnapshot snapshot{.uid = graph_.nodes[n].uid,
                                     .kind = std::string(kind_of(graph_.nodes[n].spec)),
                                     .parallelism = plan_.parallelism_of[n]};
    for (const auto& [key, chain] : extended(node)) {
      auto& files = snapshot.keyed[key];
      for (const ChainFile& each : chain) files.push_back(each.file);
    }
    if (const auto found = schemas_.find(node); found != schemas_.end()) snapshot.schemas = found->second;
    if (const auto found = items_.find(node); found != items_.end()) snapshot.items = found->second;
    if (const auto found = committables_.find(node); found != committables_.end())
      snapshot.committables = found->second;
    if (const auto found = watermarks_.find(node); found != watermarks_.end()) snapshot.watermark_ms = found->second;
    const bool stateless = snapshot.schemas.empty() && snapshot.items.empty() && snapshot.committables.empty();
    if (!stateless || keeps_watermark(graph_.nodes[n].spec)) operators.push_back(std::move(snapshot));
  }
  return operators;
}

void ManifestBuilder::keep_chains() {
  std::map<int, Chains> kept;
  for (const auto& [node, files] : files_) kept[node] = extended(node);
  chains_ = std::move(kept);
  ++generation_;
}

int64_t state_bytes(const std::vector<state::OperatorSnapshot>& operators) {
  int64_t sum = 0;
  for (const state::OperatorSnapshot& snapshot : operators) {
    for (const auto& [key, chain] : snapshot.keyed) {
      for (const state::FileRef& file : chain) sum += file.length_bytes;
    }
  }
  return sum;
}

}  // namespace raudal::runtime
