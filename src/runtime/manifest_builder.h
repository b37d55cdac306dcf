// Collects what all subtasks say of one checkpoint and makes its manifest. Remembers over checkpoints: the chains of
// incremental state files, and what sinks have prepared that no manifest names yet. Used by the coordinator only.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "graph/job_graph.h"
#include "runtime/barrier_board.h"
#include "runtime/job_event.h"
#include "runtime/task_plan.h"
#include "state/checkpoint_log.h"

namespace raudal::runtime {

// See the head of this file.
class ManifestBuilder {
 public:
  ManifestBuilder(const graph::JobGraph& graph, const TaskPlan& plan) : graph_(graph), plan_(plan) {}

  // A new attempt: the files and committables of the last one are settled.
  void reset();

  void begin(const BarrierRequest& request);
  // What sinks prepared is kept, also when it belongs to a checkpoint that was given up.
  void add(const BarrierPassed& passed);
  void add(const SnapshotWritten& written);
  bool complete() const;
  int num_acknowledged() const { return static_cast<int>(written_.size()); }
  int num_subtasks() const;

  // The operators of the checkpoint that is complete.
  std::vector<state::OperatorSnapshot> operators() const;
  int64_t written_bytes() const { return written_bytes_; }

  // The checkpoint stands: its files are what the next incremental one builds on.
  void keep_chains();
  // What was prepared so far is published, or will be by whoever restores.
  void forget_committables() { committables_.clear(); }

 private:
  struct ChainFile {
    int64_t generation = 0;
    state::FileRef file;
  };
  // A state of one subtask of one node: its chain up to and with this checkpoint.
  using Chains = std::map<std::string, std::vector<ChainFile>>;  // "name/subtask" → oldest first

  Chains extended(int node) const;

  const graph::JobGraph& graph_;
  const TaskPlan& plan_;
  BarrierRequest request_;
  int64_t generation_ = 0;                                // of the chains; grows with each kept checkpoint
  std::map<int, Chains> chains_;                          // by node
  std::map<int, std::vector<std::string>> committables_;  // by node
  // Of the checkpoint that is being collected:
  std::set<SubtaskId> passed_;
  std::set<SubtaskId> written_;
  std::map<int, std::vector<std::string>> items_;
  std::map<int, int64_t> watermarks_;
  std::map<int, std::map<std::string, std::string>> schemas_;
  std::map<int, std::map<std::string, std::optional<state::FileRef>>> files_;  // node → "name/subtask"
  int64_t written_bytes_ = 0;
};

// Bytes of all files that a restore from these operators reads.
int64_t state_bytes(const std::vector<state::OperatorSnapshot>& operators);

}  // namespace raudal::runtime
