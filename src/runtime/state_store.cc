#include "runtime/state_store.h"

#include <fmt/core.h>

#include "base/failpoint.h"
#include "base/str.h"

namespace raudal::runtime {

Result<state::KeyedState*> StateStore::keyed_state(const std::string& name, state::StateSchema schema) {
  CHECK(!states_.contains(name));
  CHECK(name.find('/') == std::string::npos);
  if (options_.restored) {
    const auto& schemas = options_.restored->snapshot.schemas;
    const auto kept = schemas.find(name);
    if (kept != schemas.end() && kept->second != schema.description) {
      return Error(ErrorCode::kStateIncompatible,
                   fmt::format("State of {} has another shape than the program needs. Start without the snapshot, or "
                               "keep keys and aggregates as they were. Snapshot: {}. Program: {}",
                               options_.operator_name, kept->second, schema.description));
    }
  }
  auto made = std::make_unique<state::KeyedState>(std::move(schema), options_.key_groups, options_.max_parallelism);
  state::KeyedState* const result = made.get();
  states_[name] = std::move(made);
  if (options_.restored) TRY(restore(name, *result));
  return result;
}

// Applies the chains "name/<old subtask>" that hold key groups of ours, each oldest first.
Status StateStore::restore(const std::string& name, state::KeyedState& state) {
  const state::OperatorSnapshot& snapshot = options_.restored->snapshot;
  for (const auto& [key, chain] : snapshot.keyed) {
    const size_t slash = key.rfind('/');
    if (slash == std::string::npos || key.substr(0, slash) != name) continue;
    const std::optional<int64_t> old_subtask = parse_int(std::string_view(key).substr(slash + 1));
    if (!old_subtask || *old_subtask < 0 || *old_subtask >= snapshot.parallelism) {
      return Error(ErrorCode::kCorrupt, "Checkpoint names a subtask that it does not have: " + key);
    }
    const column::KeyGroupRange held =
        column::key_groups_of_subtask(static_cast<int>(*old_subtask), snapshot.parallelism, options_.max_parallelism);
    if (held.begin >= options_.key_groups.end || options_.key_groups.begin >= held.end) continue;
    for (const state::FileRef& file : chain) {
      TRY(state::read_state_file(*options_.fs, options_.restored->directory, file,
                                 [&](std::string_view chunk) { return state.restore_chunk(chunk); }));
      FAILPOINT("restore.state_file");
    }
  }
  return {};
}

Status StateStore::check_all_restored() const {
  if (!options_.restored || options_.allow_non_restored) return {};
  for (const auto& [name, schema] : options_.restored->snapshot.schemas) {
    if (states_.contains(name)) continue;
    return Error(ErrorCode::kStateIncompatible,
                 fmt::format("Snapshot has state of {} that the program has no use for; allow non-restored state to "
                             "drop it: {}",
                             options_.operator_name, name));
  }
  return {};
}

size_t StateStore::memory_bytes() const {
  size_t bytes = 0;
  for (const auto& [name, state] : states_) bytes += state->memory_bytes();
  return bytes;
}

}  // namespace raudal::runtime
