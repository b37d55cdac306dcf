#include "runtime/job_fakes.h"

#include <fmt/core.h>
#include <algorithm>
#include <cstdio>
#include <thread>

#include "base/str.h"
#include "column/builder.h"

namespace raudal::runtime::fakes {
namespace {

constexpr int kSplits = 4;

std::mutex g_worlds_mutex;
std::map<std::string, std::unique_ptr<World>> g_worlds;

int64_t option(const connector::Table& table, const std::string& name) {
  return parse_int(table.options.at(name)).value();
}

column::Batch two_columns(const std::vector<int64_t>& first, const std::vector<int64_t>& second) {
  column::ColumnBuilder a{column::Type(column::TypeKind::kBigInt)};
  column::ColumnBuilder b{column::Type(column::TypeKind::kBigInt)};
  for (size_t i = 0; i < first.size(); ++i) {
    a.append(first[i]);
    b.append(second[i]);
  }
  column::Batch batch{.num_rows = first.size()};
  batch.columns.push_back(a.finish());
  batch.columns.push_back(b.finish());
  return batch;
}

// Split s gives the ids s, s + 4, …; its item is "s:<next id>".
class NumbersReader final : public connector::SourceReader {
 public:
  explicit NumbersReader(const connector::Table& table)
      : world_(world(table.options.at("world"))),
        rows_(option(table, "rows")),
        keys_(option(table, "keys")),
        bounded_(table.options.at("bounded") == "true") {}

  Status open(const connector::SourceContext& context) override {
    rows_max_ = std::min<size_t>(context.batch_rows_max, 100);
    for (int split = context.subtask; split < kSplits; split += context.parallelism) next_[split] = split;
    for (const std::string& item : context.restored) {
      const std::vector<std::string> parts = split(item, ':');
      const int id = static_cast<int>(parse_int(parts.at(0)).value());
      if (next_.contains(id)) next_[id] = parse_int(parts.at(1)).value();
    }
    return {};
  }

  Result<connector::ReadResult> read() override {
    std::vector<int64_t> ids;
    std::vector<int64_t> keys;
    bool end = true;
    for (auto& [split, next] : next_) {
      const int64_t until = std::min(rows_, world_.rows_allowed.load());
      while (next < until && ids.size() < rows_max_) {
        ids.push_back(next);
        keys.push_back(next % keys_);
        next += kSplits;
      }
      end = end && next >= rows_;
    }
    world_.rows_read.fetch_add(static_cast<int64_t>(ids.size()));
    if (!ids.empty()) {
      return connector::ReadResult{.state = connector::ReadState::kBatch, .batch = two_columns(ids, keys)};
    }
    if (end && bounded_) return connector::ReadResult{.state = connector::ReadState::kEnd};
    return connector::ReadResult{.state = connector::ReadState::kNothing, .idle_ms = 1};
  }

  Result<std::vector<std::string>> snapshot() override {
    std::vector<std::string> items;
    for (const auto& [split, next] : next_) items.push_back(fmt::format("{}:{}", split, next));
    return items;
  }

 private:
  World& world_;
  const int64_t rows_;
  const int64_t keys_;
  const bool bounded_;
  size_t rows_max_ = 100;
  std::map<int, int64_t> next_;
};

class NumbersSource final : public connector::Source {
 public:
  explicit NumbersSource(connector::Table table) : table_(std::move(table)) {}
  bool bounded() const override { return table_.options.at("bounded") == "true"; }
  std::unique_ptr<connector::SourceReader> make_reader() const override {
    return std::make_unique<NumbersReader>(table_);
  }

 private:
  const connector::Table table_;
};

// Writes ".part-…" durably at each barrier; a commit renames it.
class PartsWriter final : public connector::SinkWriter {
 public:
  PartsWriter(Fs& fs, const connector::Table& table)
      : fs_(fs), path_(table.options.at("path")), world_(world(table.options.at("world"))) {}

  Status open(const connector::SinkContext& context) override {
    subtask_ = context.subtask;
    prefix_ = fmt::format("part-{}-{}-{}", context.identity.run.value(), context.identity.incarnation.value(),
                          context.subtask);
    return fs_.make_directories(path_);
  }

  Status write(const column::Batch& batch) override {
    if (world_.failures_left.load() > 0) {
      world_.failures_left.fetch_sub(1);
      return Error(ErrorCode::kConnector, "The sink was told to fail");
    }
    while (subtask_ == 0 && world_.sink_is_slow.load()) std::this_thread::yield();
    const column::Batch rows = column::flatten(batch);
    for (size_t row = 0; row < rows.num_rows; ++row) {
      text_ += fmt::format("{},{}\n", rows.columns[0].data<int64_t>()[row], rows.columns[1].data<int64_t>()[row]);
    }
    return {};
  }

  Result<std::vector<std::string>> prepare_commit(CheckpointId checkpoint) override {
    if (text_.empty()) return std::vector<std::string>();
    const std::string name = fmt::format("{}-{}", prefix_, ++count_);
    TRY(write_file_durably(fs_, join_path(path_, "." + name), text_));
    text_.clear();
    return std::vector<std::string>{name};
  }

 private:
  Fs& fs_;
  const std::string path_;
  World& world_;
  int subtask_ = 0;
  std::string prefix_;
  std::string text_;
  int count_ = 0;
};

class PartsSink final : public connector::Sink {
 public:
  PartsSink(Fs& fs, connector::Table table) : fs_(fs), table_(std::move(table)), path_(table_.options.at("path")) {}

  connector::Delivery delivery() const override { return connector::Delivery::kExactlyOnce; }
  bool accepts_updates() const override { return true; }
  std::unique_ptr<connector::SinkWriter> make_writer() const override {
    return std::make_unique<PartsWriter>(fs_, table_);
  }
  Status commit(const std::vector<std::string>& committables) override {
    for (const std::string& name : committables) {
      Status moved = fs_.rename(join_path(path_, "." + name), join_path(path_, name));
      if (!moved.ok() && moved.error().code() != ErrorCode::kNotFound) return moved;
    }
    return {};
  }
  Status recover(const connector::SinkContext& context, const std::vector<std::string>& keep) override {
    TRY(fs_.make_directories(path_));
    for (const FileInfo& info : TRY(fs_.list(path_))) {
      if (!info.name.starts_with(".") || std::ranges::find(keep, info.name.substr(1)) != keep.end()) continue;
      TRY(fs_.remove(join_path(path_, info.name)));
    }
    return {};
  }

 private:
  Fs& fs_;
  const connector::Table table_;
  const std::string path_;
};

class PassOperator final : public operators::Operator {
 public:
  Status open(const operators::OperatorContext& context) override { return {}; }
  Status process(int input, column::Batch batch, operators::Output& out) override {
    out.emit(std::move(batch));
    return {};
  }
};

class WatermarkOperator final : public operators::Operator {
 public:
  Status open(const operators::OperatorContext& context) override { return {}; }
  Status process(int input, column::Batch batch, operators::Output& out) override {
    for (size_t row = 0; row < batch.num_rows; ++row)
      greatest_ = std::max(greatest_, batch.columns[0].data<int64_t>()[row]);
    out.emit(std::move(batch));
    out.emit_watermark(greatest_);
    return {};
  }

 private:
  int64_t greatest_ = INT64_MIN;
};

// COUNT(*) by the column key: gives (key, count) for each row.
class CountOperator final : public operators::Operator {
 public:
  Status open(const operators::OperatorContext& context) override {
    state::StateSchema schema{
        .keys = {column::Type(column::TypeKind::kBigInt)}, .value_width = 8, .description = "key BIGINT; count BIGINT"};
    state_ = TRY(context.state->keyed_state("count", schema));
    return {};
  }

  Status process(int input, column::Batch batch, operators::Output& out) override {
    const column::Batch rows = column::flatten(batch);
    const std::span<const column::Column> keys(&rows.columns[1], 1);
    std::vector<uint64_t> hashes(rows.num_rows);
    if (rows.hashes)
      std::copy_n(rows.hashes->as<uint64_t>(), rows.num_rows, hashes.begin());
    else
      column::hash_rows(keys, rows.num_rows, hashes.data());
    std::vector<state::EntryId> entries(rows.num_rows);
    state::KeyedTable& table = state_->table(0);
    table.find_or_insert(keys, hashes.data(), rows.num_rows, entries.data(), nullptr);
    std::vector<int64_t> key_values;
    std::vector<int64_t> counts;
    for (size_t row = 0; row < rows.num_rows; ++row) {
      table.touch(entries[row]);
      int64_t& count = *reinterpret_cast<int64_t*>(table.value(entries[row]));
      key_values.push_back(keys[0].data<int64_t>()[row]);
      counts.push_back(++count);
    }
    out.emit(two_columns(key_values, counts));
    return {};
  }

 private:
  state::KeyedState* state_ = nullptr;
};

}  // namespace

World& world(const std::string& name) {
  std::lock_guard lock(g_worlds_mutex);
  auto& found = g_worlds[name];
  if (!found) found = std::make_unique<World>();
  return *found;
}

void forget_world(const std::string& name) {
  std::lock_guard lock(g_worlds_mutex);
  g_worlds.erase(name);
}

void register_fakes(connector::Registry& registry) {
  const auto options = [](std::vector<std::string> names) {
    std::vector<connector::OptionSpec> specs;
    for (std::string& name : names) specs.push_back({.name = std::move(name)});
    return specs;
  };
  registry.add(connector::Connector{
      .name = "numbers",
      .options = options({"world", "rows", "keys", "bounded"}),
      .make_source = [](const connector::Table& table, const column::Schema&,
                        const connector::Environment&) -> Result<std::unique_ptr<connector::Source>> {
        return std::unique_ptr<connector::Source>(std::make_unique<NumbersSource>(table));
      }});
  registry.add(connector::Connector{
      .name = "parts",
      .options = options({"world", "path"}),
      .make_sink = [](const connector::Table& table,
                      const connector::Environment& environment) -> Result<std::unique_ptr<connector::Sink>> {
        return std::unique_ptr<connector::Sink>(std::make_unique<PartsSink>(*environment.fs, table));
      }});
}

Result<std::unique_ptr<operators::Operator>> make_fake_operator(const graph::JobGraph& graph, int node) {
  const graph::Spec& spec = graph.nodes[static_cast<size_t>(node)].spec;
  std::unique_ptr<operators::Operator> made;
  if (std::holds_alternative<graph::CalcSpec>(spec))
    made = std::make_unique<PassOperator>();
  else if (std::holds_alternative<graph::WatermarkSpec>(spec))
    made = std::make_unique<WatermarkOperator>();
  else if (std::holds_alternative<graph::GroupAggregateSpec>(spec))
    made = std::make_unique<CountOperator>();
  else
    return Error(ErrorCode::kSqlUnsupported, "There is no fake of this operator");
  return made;
}

graph::JobGraph count_graph(const CountJob& job) {
  const column::Type bigint(column::TypeKind::kBigInt);
  const column::Schema numbers = {{"id", bigint}, {"key", bigint}};
  graph::JobGraph graph{.name = "count"};
  graph::Node counted{.uid = "union#0", .name = "Union", .spec = graph::UnionSpec{}, .output = numbers};
  for (int i = 0; i < job.sources; ++i) {
    connector::Table table{.name = "numbers", .columns = numbers};
    table.options = {{"connector", "numbers"},
                     {"world", job.world},
                     {"rows", std::to_string(job.rows)},
                     {"keys", std::to_string(job.keys)},
                     {"bounded", job.bounded ? "true" : "false"}};
    graph.nodes.push_back({.uid = fmt::format("source#{}", i),
                           .name = fmt::format("Source {}", i),
                           .spec = graph::SourceSpec{table, numbers},
                           .output = numbers});
    graph.nodes.push_back({.uid = fmt::format("calc#{}", i),
                           .name = "Calc",
                           .spec = graph::CalcSpec{},
                           .inputs = {{.node = 2 * i}},
                           .output = numbers});
    counted.inputs.push_back({.node = 2 * i + 1});
  }
  graph.nodes.push_back(counted);
  const int all = static_cast<int>(graph.nodes.size()) - 1;
  graph.nodes.push_back({.uid = "count#0",
                         .name = "GroupAggregate",
                         .spec = graph::GroupAggregateSpec{.keys = {1}},
                         .inputs = {{.node = all, .exchange = graph::Exchange::kHash, .keys = {1}}},
                         .output = numbers});
  connector::Table parts{.name = "parts", .columns = numbers};
  parts.options = {{"connector", "parts"}, {"path", job.directory + "/out"}, {"world", job.world}};
  graph.nodes.push_back({.uid = "sink#0",
                         .name = "Sink",
                         .spec = graph::SinkSpec{parts},
                         .inputs = {{.node = all + 1}},
                         .output = numbers});
  return graph;
}

std::vector<std::string> published(const std::string& directory) {
  const std::unique_ptr<Fs> fs = posix_fs();
  std::vector<std::string> rows;
  const auto files = fs->list(directory + "/out");
  if (!files.ok()) return rows;
  for (const FileInfo& info : *files) {
    if (info.name.starts_with(".")) continue;
    for (std::string& row : split(*read_file(*fs, directory + "/out/" + info.name), '\n')) {
      if (!row.empty()) rows.push_back(std::move(row));
    }
  }
  std::ranges::sort(rows);
  return rows;
}

std::vector<std::string> expected(const CountJob& job) {
  std::map<int64_t, int64_t> counts;
  std::vector<std::string> rows;
  for (int source = 0; source < job.sources; ++source) {
    for (int64_t id = 0; id < job.rows; ++id)
      rows.push_back(fmt::format("{},{}", id % job.keys, ++counts[id % job.keys]));
  }
  std::ranges::sort(rows);
  return rows;
}

int num_unpublished(const std::string& directory) {
  const std::unique_ptr<Fs> fs = posix_fs();
  int count = 0;
  const auto files = fs->list(directory + "/out");
  if (!files.ok()) return 0;
  for (const FileInfo& info : *files) count += info.name.starts_with(".") ? 1 : 0;
  return count;
}

}  // namespace raudal::runtime::fakes
