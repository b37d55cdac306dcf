// Runs an operator on a script of events and prints what it emits: rows, watermarks, snapshots in, printed batches
// out. For tests. Every script runs in four ways that must agree: as it stands; one row a batch; with a snapshot and
// a restore before every event; and restored again and again at another parallelism, rows going where their key
// group lives.
//
//   +I 1 apple 1.20        a row; -U, +U, -D likewise; NULL; TIMESTAMP in ms; consecutive rows are one batch
//   +I 1 apple 1.20 @500   the watermark in effect when it arrived (Batch::row_watermarks)
//   --                     ends a batch
//   watermark 1000         or "max"
//   tick 200               so many ms pass, then tick()
#pragma once

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/check.h"
#include "base/str.h"
#include "column/builder.h"
#include "column/print.h"
#include "operators/operator.h"

namespace raudal::operators::script {

// Keyed states by name, for one subtask.
class States final : public StateProvider {
 public:
  States(column::KeyGroupRange range, int max_parallelism) : range_(range), max_parallelism_(max_parallelism) {}
  Result<state::KeyedState*> keyed_state(const std::string& name, state::StateSchema schema) override {
    auto state = std::make_unique<state::KeyedState>(std::move(schema), range_, max_parallelism_);
    for (const std::string& chunk : restored[name]) TRY(state->restore_chunk(chunk));
    return (states[name] = std::move(state)).get();
  }
  std::map<std::string, std::unique_ptr<state::KeyedState>> states;
  std::map<std::string, std::vector<std::string>> restored;

 private:
  column::KeyGroupRange range_;
  int max_parallelism_;
};

// Keeps the chunks of a snapshot.
class Chunks final : public state::ChunkWriter {
 public:
  explicit Chunks(std::vector<std::string>* out) : out_(out) {}
  Status write_chunk(std::string_view bytes) override {
    out_->emplace_back(bytes);
    return {};
  }

 private:
  std::vector<std::string>* out_;
};

// Collects what is emitted. It has room for one batch at a time, so that firing is resumed.
class Printed final : public Output {
 public:
  void emit(column::Batch batch) override {
    EXPECT_FALSE(batch.selection.rows) << "operators give dense batches";
    EXPECT_LE(batch.num_rows, column::kBatchRowsMax);
    for (size_t row = 0; row < batch.num_rows; ++row) {
      std::string line(column::print_change_kind(batch.change_kind(row)));
      for (const column::Column& column : batch.columns) line += " " + column::print_value(column, row);
      if (batch.row_watermarks && show_row_watermarks) {
        const int64_t watermark = batch.row_watermarks->as<int64_t>()[row];
        line += watermark == INT64_MIN ? " @none" : fmt::format(" @{}", watermark);
      }
      lines.push_back(line);
    }
    --room;
  }
  void emit_watermark(int64_t watermark_ms) override { lines.push_back(fmt::format("watermark {}", watermark_ms)); }
  void emit_idle(bool idle) override { lines.push_back(idle ? "idle" : "active"); }
  bool has_room() const override { return room > 0; }

  std::vector<std::string> lines;
  bool show_row_watermarks = false;
  int room = 1;
};

inline std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  for (const std::string& line : split(text, '\n')) {
    if (!trim(line).empty()) lines.emplace_back(trim(line));
  }
  return lines;
}

// How a script is run.
struct Way {
  bool single_rows = false;
  bool restores = false;
  std::vector<int> parallelism = {1};   // of the first incarnation, the second, …, then again from the first
  size_t batch_rows_max = column::kBatchRowsMax;
};

// Runs one script one way.
class Runner {
 public:
  Runner(const graph::JobGraph& graph, int node, std::vector<int> keys, Way way)
      : graph_(graph), node_(node), keys_(std::move(keys)), way_(std::move(way)) {
    input_ = graph.nodes[static_cast<size_t>(graph.nodes[static_cast<size_t>(node)].inputs[0].node)].output;
    printed_.show_row_watermarks = std::holds_alternative<graph::WatermarkSpec>(
        graph.nodes[static_cast<size_t>(node)].spec);
    start();
  }

  std::vector<std::string> run(std::string_view text) {
    for (const std::string& line : lines_of(text)) {
      const bool is_row = line[0] == '+' || (line[0] == '-' && line != "--");
      if (!is_row || way_.single_rows) flush();
      if (is_row) pending_.push_back(line);
      else if (line.starts_with("watermark ")) advance(line.substr(10));
      else if (line.starts_with("tick ")) tick(*parse_int(line.substr(5)));
      else CHECK(line == "--");
    }
    flush();
    return std::move(printed_.lines);
  }

  int64_t late_rows_dropped() const {
    int64_t total = late_before_;
    for (const auto& task : tasks_) total += task->late_rows_dropped();
    return total;
  }

 private:
  void start() {
    parallelism_ = way_.parallelism[incarnation_++ % way_.parallelism.size()];
    tasks_.clear();
    states_.clear();
    for (int i = 0; i < parallelism_; ++i) {
      const auto range = column::key_groups_of_subtask(i, parallelism_, 128);
      states_.push_back(std::make_unique<States>(range, 128));
      states_.back()->restored = snapshot_;
      auto made = make_operator(graph_, node_);
      ASSERT_TRUE(made.ok()) << made.error().message();
      tasks_.push_back(std::move(made).value());
      const Status opened = tasks_.back()->open({.subtask = i, .parallelism = parallelism_, .key_groups = range,
                                                 .clock = &clock_, .state = states_.back().get(),
                                                 .batch_rows_max = way_.batch_rows_max,
                                                 .restored_watermark_ms = watermark_ms_});
      ASSERT_TRUE(opened.ok()) << opened.error().message();
    }
  }

  void snapshot_and_restore() {
    if (!way_.restores) return;
    snapshot_.clear();
    for (const auto& states : states_) {
      for (const auto& [name, state] : states->states) {
        Chunks chunks(&snapshot_[name]);
        state->begin_snapshot(state::SnapshotKind::kFull);
        while (!state->drain(chunks, 1000).value()) {
        }
      }
    }
    for (const auto& task : tasks_) late_before_ += task->late_rows_dropped();
    start();
  }

  static void append_cell(const std::string& cell, column::ColumnBuilder* builder) {
    const column::Type& type = builder->type();
    const auto number = [&] { return parse_int(cell).value_or(0); };
    if (cell == "NULL") return builder->append_null();
    if (type.kind() == column::TypeKind::kDecimal) {
      std::string digits = cell;
      std::erase(digits, '.');
      if (type.storage() == column::Storage::kInt64) return builder->append(*parse_int(digits));
      return builder->append(static_cast<__int128>(*parse_int(digits)));
    }
    if (type.is_timestamp()) return builder->append(number() * 1000);
    switch (type.storage()) {
      case column::Storage::kInt8: return builder->append(static_cast<int8_t>(number()));
      case column::Storage::kInt32: return builder->append(static_cast<int32_t>(number()));
      case column::Storage::kInt64: return builder->append(number());
      case column::Storage::kFloat: return builder->append(static_cast<float>(*parse_double(cell)));
      case column::Storage::kDouble: return builder->append(*parse_double(cell));
      default: return builder->append_string(cell);
    }
  }

  void flush() {
    if (pending_.empty()) return;
    snapshot_and_restore();
    std::vector<column::ColumnBuilder> builders;
    for (const column::Field& field : input_) builders.emplace_back(field.type);
    column::Batch batch{.num_rows = pending_.size(), .change_kinds = column::Buffer::allocate(pending_.size())};
    std::vector<int64_t> watermarks;
    bool updates = false;
    for (size_t row = 0; row < pending_.size(); ++row) {
      const std::vector<std::string> cells = split(pending_[row], ' ');
      static const std::vector<std::string> kKinds = {"+I", "-U", "+U", "-D"};
      const auto kind = static_cast<uint8_t>(std::ranges::find(kKinds, cells[0]) - kKinds.begin());
      batch.change_kinds->as<uint8_t>()[row] = kind;
      updates = updates || kind != 0;
      for (size_t i = 0; i < input_.size(); ++i) append_cell(cells[i + 1], &builders[i]);
      if (cells.size() > input_.size() + 1) watermarks.push_back(*parse_int(cells.back().substr(1)));
    }
    for (column::ColumnBuilder& builder : builders) batch.columns.push_back(builder.finish());
    if (!updates) batch.change_kinds.reset();
    if (!watermarks.empty()) {
      CHECK(watermarks.size() == pending_.size());
      batch.row_watermarks = column::Buffer::allocate(watermarks.size() * 8);
      std::ranges::copy(watermarks, batch.row_watermarks->as<int64_t>());
    }
    pending_.clear();
    distribute(batch);
    // A barrier never comes between a batch and the watermark behind it.
    if (way_.restores && !watermarks.empty()) advance(fmt::format("{}", std::ranges::max(watermarks)));
  }

  void distribute(const column::Batch& batch) {
    std::vector<uint64_t> hashes(batch.num_rows);
    std::vector<column::Column> keys;
    for (const int key : keys_) keys.push_back(batch.columns[static_cast<size_t>(key)]);
    column::hash_rows(keys, batch.num_rows, hashes.data());
    for (int i = 0; i < parallelism_; ++i) {
      column::Batch mine = batch;
      mine.selection.rows = column::Buffer::allocate(batch.num_rows * 2);
      for (size_t row = 0; row < batch.num_rows; ++row) {
        if (column::subtask_of_key_group(column::key_group_of(hashes[row], 128), parallelism_, 128) != i) continue;
        mine.selection.rows->as<uint16_t>()[mine.selection.size++] = static_cast<uint16_t>(row);
      }
      if (parallelism_ == 1 && incarnation_ % 2 == 1) mine.selection = {};
      const Status processed = tasks_[static_cast<size_t>(i)]->process(0, std::move(mine), printed_);
      if (!processed.ok()) printed_.lines.push_back("ERROR " + processed.error().message());
    }
  }

  void advance(const std::string& text) {
    watermark_ms_ = std::max(watermark_ms_, text == "max" ? INT64_MAX : *parse_int(text));
    for (const auto& task : tasks_) {
      for (printed_.room = 0; !task->advance_watermark(watermark_ms_, printed_).value(); printed_.room = 1) {
      }
    }
    snapshot_and_restore();
  }

  void tick(int64_t ms) {
    clock_.advance_us(ms * 1000);
    for (const auto& task : tasks_) ASSERT_TRUE(task->tick(printed_).ok());
  }

  const graph::JobGraph& graph_;
  int node_;
  std::vector<int> keys_;
  Way way_;
  column::Schema input_;
  ManualClock clock_{1'000'000};
  std::vector<std::unique_ptr<States>> states_;
  std::vector<std::unique_ptr<Operator>> tasks_;
  std::map<std::string, std::vector<std::string>> snapshot_;
  std::vector<std::string> pending_;
  Printed printed_;
  size_t incarnation_ = 0;
  int parallelism_ = 1;
  int64_t watermark_ms_ = INT64_MIN;
  int64_t late_before_ = 0;
};
// A graph of a source with columns and the operator under test.
inline graph::JobGraph graph_of(column::Schema input, graph::Spec spec, column::Schema output,
                                bool append_only = true) {
  graph::JobGraph graph;
  graph.nodes.push_back({.uid = "source", .name = "Source", .output = std::move(input), .append_only = append_only});
  graph.nodes.push_back({.uid = "tested", .name = "Tested", .spec = std::move(spec), .inputs = {{.node = 0}},
                         .output = std::move(output)});
  return graph;
}

// Expects the output of a script, in all ways. Rows spread over subtasks are compared without their order.
inline void expect_output(const graph::JobGraph& graph, const std::vector<int>& keys, std::string_view events,
                          std::string_view expected_text, std::optional<int64_t> late_rows = {}) {
  const std::vector<std::string> expected = lines_of(expected_text);
  std::vector<std::string> sorted = expected;
  std::ranges::sort(sorted);
  const auto check = [&](const char* name, const Way& way, bool ordered) {
    SCOPED_TRACE(name);
    Runner runner(graph, 1, keys, way);
    std::vector<std::string> lines = runner.run(events);
    if (!ordered) std::ranges::sort(lines);
    EXPECT_EQ(join(lines, "\n"), join(ordered ? expected : sorted, "\n"));
    if (late_rows) EXPECT_EQ(runner.late_rows_dropped(), *late_rows);
  };
  check("as it stands", {}, true);
  check("batches of one row", {.single_rows = true}, true);
  check("output batches of two rows", {.batch_rows_max = 2}, true);
  check("restored before every batch", {.restores = true}, true);
  check("restored before every row", {.single_rows = true, .restores = true}, true);
  if (!keys.empty()) check("restored at another parallelism", {.restores = true, .parallelism = {2, 3, 1}}, false);
}

}  // namespace raudal::operators::script
