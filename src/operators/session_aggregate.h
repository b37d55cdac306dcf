// GROUP BY on a SESSION window: rows of a key that lie no further apart than the gap belong together. A row may
// begin a session, stretch one, or join several into one. A session fires when the watermark reaches its end - 1; a
// row that finds no open session, and whose own would have fired by then, is late and dropped.
//
// State: one entry per session, keyed by the group's keys and the time of the row that began it. The sessions of a
// key are a list, which is in memory only, like the heap that says which session ends first.
#pragma once

#include <memory>
#include <queue>
#include <vector>

#include "operators/aggregate_list.h"
#include "operators/operator.h"
#include "operators/row_positions.h"

namespace raudal::operators {

class SessionAggregate final : public Operator {
 public:
  static Result<std::unique_ptr<Operator>> make(const graph::JobGraph& graph, int node);
  Status open(const OperatorContext& context) override;
  Status process(int input, column::Batch batch, Output& out) override;
  Result<bool> advance_watermark(int64_t watermark_ms, Output& out) override;
  int64_t late_rows_dropped() const override { return late_rows_dropped_; }

 private:
  // What a session's value begins with; the accumulators follow.
  struct Session {
    int64_t start_ms;
    int64_t end_ms;            // 0 and start 0: erased
    int64_t id_ms;             // the time of its first row
    state::EntryId head;       // of its key's list
    state::EntryId next;       // the next session of the key
  };
  // When a session ended as far as was known when this was noted; it may have been stretched since, or be gone.
  struct Ending {
    int64_t end_ms;
    state::EntryId entry;
    int64_t id_ms;
    bool operator>(const Ending& other) const { return end_ms > other.end_ms; }
  };

  SessionAggregate(const graph::Node& node, const graph::WindowAggregateSpec& spec, column::Schema input,
                   AggregateList aggregates);
  Session& session(state::EntryId entry) { return *reinterpret_cast<Session*>(sessions_->value(entry)); }
  state::EntryId& first_of(state::EntryId head) { return *reinterpret_cast<state::EntryId*>(heads_->value(head)); }
  void restore_lists();
  state::EntryId session_of(const column::Batch& batch, uint16_t row, state::EntryId head, uint64_t hash,
                            int64_t watermark_ms);
  state::EntryId begin_session(const column::Batch& batch, uint16_t row, state::EntryId head, uint64_t hash,
                               int64_t time_ms);
  void join(state::EntryId into, state::EntryId from);
  void unlink(state::EntryId entry);
  void erase(state::EntryId entry);
  void add_pending(const column::Batch& batch);
  void collect_due(int64_t watermark_ms);
  column::Batch results(std::span<const state::EntryId> entries);

  graph::WindowAggregateSpec spec_;
  column::Schema input_;
  column::Schema output_;
  AggregateList aggregates_;
  KeyHashes key_hashes_;
  int64_t gap_ms_;
  state::KeyedState* state_ = nullptr;
  state::KeyedTable* sessions_ = nullptr;
  std::unique_ptr<state::KeyedState> head_state_;
  state::KeyedTable* heads_ = nullptr;
  std::priority_queue<Ending, std::vector<Ending>, std::greater<>> endings_;
  size_t batch_rows_max_ = column::kBatchRowsMax;
  int64_t fired_ms_ = INT64_MIN;
  int64_t late_rows_dropped_ = 0;

  std::vector<state::EntryId> due_;       // sessions that fire, in the order of their ends
  size_t next_due_ = 0;
  RowPositions positions_;
  std::vector<state::EntryId> row_heads_;
  std::vector<uint16_t> pending_rows_;    // rows whose session is known, not yet in its accumulators
  std::vector<state::EntryId> pending_sessions_;
};

}  // namespace raudal::operators
