// Where a job begins: nothing, a checkpoint of its own log, or a savepoint; and which part of it belongs to which node.
// Parts are matched by operator uid. Pure functions; the reading is done by the caller.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "graph/job_graph.h"
#include "runtime/state_store.h"
#include "state/checkpoint_log.h"

namespace raudal::runtime {

// A manifest, and where its files are.
struct RestorePoint {
  state::Manifest manifest;
  std::string directory;
};

// Each node's part of the restore point.
using RestoredNodes = std::map<int, RestoredOperator>;

// kStateIncompatible where the program does not fit: another kind of operator under the same uid, another maximum
// parallelism, or state without an operator (unless allow_non_restored).
Result<RestoredNodes> match_operators(const graph::JobGraph& graph, const RestorePoint& point, int max_parallelism,
                                      bool allow_non_restored);

// "window_aggregate": the kind of a node, as manifests name it.
std::string_view kind_of(const graph::Spec& spec);
// Whether a node's watermark goes into checkpoints.
bool keeps_watermark(const graph::Spec& spec);

// Names in the properties of a manifest.
namespace property {
inline constexpr const char* kFinished = "job.finished";  // "true": all rows were read; nothing to do
inline constexpr const char* kSequence = "job.barrier_sequence";
inline constexpr const char* kTriggerId = "savepoint.trigger_id";
inline constexpr const char* kStoppedInto = "job.stopped_into";    // folder of the savepoint that ended the job
inline constexpr const char* kStopManifest = "job.stop_manifest";  // that savepoint's manifest, encoded
}  // namespace property

}  // namespace raudal::runtime
