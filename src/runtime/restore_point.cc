#include "runtime/restore_point.h"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "column/hash.h"

namespace raudal::runtime {
namespace {

// In the order of graph::Spec's alternatives.
constexpr std::array<std::string_view, 10> kKinds = {
    "source",           "values",          "calc",  "watermark", "window_table_function",
    "window_aggregate", "group_aggregate", "union", "sink",      "collect"};
static_assert(kKinds.size() == std::variant_size_v<graph::Spec>);

bool has_state(const state::OperatorSnapshot& snapshot) {
  return !snapshot.keyed.empty() || !snapshot.schemas.empty() || !snapshot.items.empty() ||
         !snapshot.committables.empty();
}

Status check_format(const state::Manifest& manifest, int max_parallelism) {
  const bool keyed = std::ranges::any_of(manifest.operators, [](const auto& each) { return !each.keyed.empty(); });
  if (!keyed) return {};
  if (manifest.max_parallelism != max_parallelism) {
    return Error(ErrorCode::kStateIncompatible,
                 fmt::format("Maximum parallelism cannot change while state is kept: {} in the snapshot, {} asked for",
                             manifest.max_parallelism, max_parallelism));
  }
  if (manifest.hash_id != column::kHashId) {
    return Error(ErrorCode::kStateIncompatible, fmt::format("Snapshot hashes keys in a way that this version does not "
                                                            "know: {}",
                                                            manifest.hash_id));
  }
  return {};
}

}  // namespace

std::string_view kind_of(const graph::Spec& spec) { return kKinds[spec.index()]; }

bool keeps_watermark(const graph::Spec& spec) {
  return std::holds_alternative<graph::WatermarkSpec>(spec) ||
         std::holds_alternative<graph::WindowAggregateSpec>(spec) ||
         std::holds_alternative<graph::GroupAggregateSpec>(spec);
}

Result<RestoredNodes> match_operators(const graph::JobGraph& graph, const RestorePoint& point, int max_parallelism,
                                      bool allow_non_restored) {
  TRY(check_format(point.manifest, max_parallelism));
  RestoredNodes restored;
  for (const state::OperatorSnapshot& snapshot : point.manifest.operators) {
    const auto node = std::ranges::find(graph.nodes, snapshot.uid, &graph::Node::uid);
    if (node == graph.nodes.end()) {
      if (allow_non_restored || !has_state(snapshot)) continue;
      return Error(ErrorCode::kStateIncompatible,
                   fmt::format("Snapshot has state of an operator that the program does not have. Restore into a "
                               "program that has it, or allow non-restored state: {}",
                               snapshot.uid));
    }
    if (kind_of(node->spec) != snapshot.kind) {
      return Error(ErrorCode::kStateIncompatible,
                   fmt::format("Operator {} is a {} in the program, but a {} in the snapshot", snapshot.uid,
                               kind_of(node->spec), snapshot.kind));
    }
    restored[static_cast<int>(node - graph.nodes.begin())] = {snapshot, point.directory};
  }
  return restored;
}

}  // namespace raudal::runtime
