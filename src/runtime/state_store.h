// The keyed state of one subtask of one operator: made when the operator opens, filled from the checkpoint that the
// job restores. Any parallelism: each subtask reads the chains whose key groups meet its own, and keeps its own.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "base/fs.h"
#include "column/hash.h"
#include "operators/operator.h"
#include "state/checkpoint_log.h"
#include "state/keyed_state.h"

namespace raudal::runtime {

// An operator's part of a checkpoint or savepoint, and where its files are.
struct RestoredOperator {
  state::OperatorSnapshot snapshot;
  std::string directory;
};

// See the head of this file. Used by the subtask's slot only.
class StateStore final : public operators::StateProvider {
 public:
  struct Options {
    std::string operator_name;  // for messages
    column::KeyGroupRange key_groups;
    int max_parallelism = 128;
    Fs* fs = nullptr;
    const RestoredOperator* restored = nullptr;  // null: nothing to restore
    bool allow_non_restored = false;
  };

  explicit StateStore(Options options) : options_(std::move(options)) {}

  Result<state::KeyedState*> keyed_state(const std::string& name, state::StateSchema schema) override;

  // After the operator has opened: kStateIncompatible when the checkpoint has state that nobody asked for.
  Status check_all_restored() const;
  const std::map<std::string, std::unique_ptr<state::KeyedState>>& states() const { return states_; }
  size_t memory_bytes() const;

 private:
  Status restore(const std::string& name, state::KeyedState& state);

  const Options options_;
  std::map<std::string, std::unique_ptr<state::KeyedState>> states_;
};

}  // namespace raudal::runtime
