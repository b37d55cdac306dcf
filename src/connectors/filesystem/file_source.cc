#include "connectors/filesystem/file_source.h"

#include <algorithm>
#include <deque>
#include <unordered_set>

#include <fmt/core.h>

#include "base/check.h"
#include "base/rng.h"
#include "connector/options.h"
#include "connectors/filesystem/file_window.h"
#include "connectors/filesystem/partition.h"
#include "connectors/filesystem/read_progress.h"
#include "connectors/filesystem/table_files.h"

namespace raudal::connectors::filesystem {
namespace {

constexpr int kFilesAStepMax = 16;                 // empty ones, before the slot has its turn
constexpr int64_t kBatchBytesMax = 1 << 20;        // of a file
constexpr int kIdleMsMax = 1000;
constexpr int64_t kLineSearchBytesMax = 256 << 20;  // how much is read again to tell an error's line

// A table opened for reading.
struct Plan {
  connector::Table table;
  std::string root;
  std::string pattern;
  std::optional<int64_t> monitor_interval_ms;
  std::string default_partition;
  column::Schema produced;
  column::Schema decoded;            // of them, those that stand in the files
  const connector::Format* format = nullptr;
  connector::Options format_options;
  Fs* fs = nullptr;

  bool is_partition(const std::string& column) const {
    return std::ranges::find(table.partition_keys, column) != table.partition_keys.end();
  }
};

// Which subtask reads a file: a pure function of its path.
int owner_of(const std::string& path, int parallelism) {
  uint64_t hash = 0xCBF29CE484222325ull;
  for (const unsigned char byte : path) hash = (hash ^ byte) * 0x100000001B3ull;
  return static_cast<int>(random_at(hash, 0) % static_cast<uint64_t>(parallelism));
}

// The number of the line that begins at the offset; nullopt where the file cannot tell.
std::optional<int64_t> line_at(Fs& fs, const std::string& path, int64_t offset) {
  const auto file = fs.open(path, OpenMode::kRead);
  if (!file.ok() || offset > kLineSearchBytesMax) return std::nullopt;
  std::string block(FileWindow::kBlockBytes, '\0');
  int64_t line = 1;
  for (int64_t at = 0; at < offset;) {
    const size_t wanted = std::min<int64_t>(offset - at, block.size());
    const auto got = (*file)->read_at(at, std::span(block.data(), wanted));
    if (!got.ok() || *got == 0) return std::nullopt;
    line += std::count(block.begin(), block.begin() + *got, '\n');
    at += static_cast<int64_t>(*got);
  }
  return line;
}

class FileSourceReader final : public connector::SourceReader {
 public:
  FileSourceReader(std::shared_ptr<const Plan> plan, std::unique_ptr<connector::Decoder> decoder)
      : plan_(std::move(plan)), decoder_(std::move(decoder)) {}

  Status open(const connector::SourceContext& context) override {
    context_ = context;
    last_scan_ns_ = context_.clock->monotonic_ns();
    if (!context.is_restored) return scan();
    ReadProgress progress = TRY(decode_progress(context.restored));
    for (FileProgress& file : progress.pending) {
      if (!is_mine(file.file.path)) continue;
      known_.insert(file.file.path);
      pending_.push_back(std::move(file));
    }
    for (const std::string& path : progress.done) {
      if (!is_mine(path)) continue;
      known_.insert(path);
      done_.push_back(path);
    }
    if (plan_->monitor_interval_ms) return scan();
    return {};
  }

  Result<connector::ReadResult> read() override {
    for (int i = 0; i < kFilesAStepMax; ++i) {
      if (pending_.empty()) return nothing_pending();
      TRY(open_front());
      TRY(read_rows());
      const bool ended = window_.at_end() && window_.bytes().empty();
      std::string path = pending_.front().file.path;
      if (ended) finish_front();
      if (decoder_->rows_ready() > 0) return batch_of(path);
    }
    return connector::ReadResult{.idle_ms = 0};
  }

  Result<std::vector<std::string>> snapshot() override {
    return encode_progress({.pending = {pending_.begin(), pending_.end()}, .done = done_});
  }

  connector::DecodeCounts counts() const override { return decoder_->counts(); }

 private:
  bool is_mine(const std::string& path) const { return owner_of(path, context_.parallelism) == context_.subtask; }

  // Takes the files that were not there before, oldest first.
  Status scan() {
    last_scan_ns_ = context_.clock->monotonic_ns();
    for (FoundFile& file : TRY(find_files(*plan_->fs, plan_->root, plan_->pattern, plan_->table.name))) {
      if (!is_mine(file.path) || !has_partitions(file.path) || !known_.insert(file.path).second) continue;
      pending_.push_back({.file = std::move(file)});
    }
    return {};
  }

  // Files of a partitioned table lie in a folder for each key; others are not of the table.
  bool has_partitions(const std::string& path) const {
    if (plan_->table.partition_keys.empty()) return true;
    const PartitionValues values = partition_values(path.substr(plan_->root.size()));
    return std::ranges::all_of(plan_->table.partition_keys,
                               [&](const std::string& key) { return values.contains(key); });
  }

  Result<connector::ReadResult> nothing_pending() {
    connector::ReadResult result;
    if (!plan_->monitor_interval_ms) {
      result.state = connector::ReadState::kEnd;
      return result;
    }
    const int64_t passed_ms = (context_.clock->monotonic_ns() - last_scan_ns_) / 1'000'000;
    const int64_t left_ms = *plan_->monitor_interval_ms - passed_ms;
    if (left_ms <= 0) TRY(scan());
    result.idle_ms = pending_.empty() ? static_cast<int>(std::clamp<int64_t>(left_ms, 1, kIdleMsMax)) : 0;
    return result;
  }

  Status open_front() {
    if (window_.is_open()) return {};
    const FileProgress& front = pending_.front();
    return window_.open(*plan_->fs, front.file.path, front.offset, front.file.size_bytes);
  }

  // Decodes until a batch is full or the file has ended.
  Status read_rows() {
    const int64_t begin = window_.offset();
    while (decoder_->rows_ready() < context_.batch_rows_max && window_.offset() - begin < kBatchBytesMax) {
      TRY(window_.fill());
      if (window_.bytes().empty()) break;
      Result<size_t> consumed = decoder_->decode(window_.bytes(), window_.at_end(), context_.batch_rows_max);
      if (!consumed.ok()) {
        if (decoder_->rows_ready() > 0) break;   // they go first; the record is met again
        return located(std::move(consumed).error());
      }
      window_.consume(*consumed);
      if (*consumed > 0) continue;
      CHECK(!window_.at_end());
      TRY(window_.extend());
    }
    pending_.front().offset = window_.offset();
    return {};
  }

  Error located(Error error) {
    const std::string& path = pending_.front().file.path;
    const std::optional<int64_t> line = line_at(*plan_->fs, path, window_.offset());
    const std::string place = line ? fmt::format(", line {}", *line) : "";
    return std::move(error).within(fmt::format("Table '{}', file {}{}, byte {}", plan_->table.name, path, place,
                                               window_.offset()));
  }

  void finish_front() {
    if (plan_->monitor_interval_ms) done_.push_back(pending_.front().file.path);
    pending_.pop_front();
    window_.close();
  }

  Result<connector::ReadResult> batch_of(const std::string& path) {
    connector::ReadResult result;
    result.state = connector::ReadState::kBatch;
    result.batch = decoder_->take();
    if (plan_->decoded.size() == plan_->produced.size()) return result;
    const PartitionValues values = partition_values(path.substr(plan_->root.size()));
    std::vector<column::Column> columns;
    size_t decoded = 0;
    for (const column::Field& field : plan_->produced) {
      columns.push_back(plan_->is_partition(field.name)
                            ? TRY(constant_column(field.type, values.at(field.name), plan_->default_partition,
                                                  result.batch.num_rows))
                            : std::move(result.batch.columns[decoded++]));
    }
    result.batch.columns = std::move(columns);
    return result;
  }

  const std::shared_ptr<const Plan> plan_;
  const std::unique_ptr<connector::Decoder> decoder_;
  connector::SourceContext context_;
  std::deque<FileProgress> pending_;            // the first is being read
  std::vector<std::string> done_;               // kept only if new files are looked for
  std::unordered_set<std::string> known_;       // pending and done
  FileWindow window_;
  int64_t last_scan_ns_ = 0;
};

// A reader whose format refused its options says so when it opens.
class FailedReader final : public connector::SourceReader {
 public:
  explicit FailedReader(Error error) : error_(std::move(error)) {}
  Status open(const connector::SourceContext&) override { return error_; }
  Result<connector::ReadResult> read() override { return error_; }
  Result<std::vector<std::string>> snapshot() override { return error_; }

 private:
  const Error error_;
};

class FileSource final : public connector::Source {
 public:
  explicit FileSource(std::shared_ptr<const Plan> plan) : plan_(std::move(plan)) {}
  bool bounded() const override { return !plan_->monitor_interval_ms; }

  std::unique_ptr<connector::SourceReader> make_reader() const override {
    auto decoder = plan_->format->make_decoder(plan_->table, plan_->decoded, plan_->format_options);
    if (!decoder.ok()) return std::make_unique<FailedReader>(std::move(decoder).error());
    return std::make_unique<FileSourceReader>(plan_, std::move(decoder).value());
  }

 private:
  const std::shared_ptr<const Plan> plan_;
};

Status read_partition_keys(Plan& plan) {
  for (const std::string& key : plan.table.partition_keys) {
    const auto field = std::ranges::find(plan.table.columns, key, &column::Field::name);
    if (field == plan.table.columns.end() || can_be_partition(field->type)) continue;
    return Error(ErrorCode::kSqlUnsupported, fmt::format("A partition column of type {} is not supported: {}",
                                                         field->type.to_string(), key));
  }
  std::erase_if(plan.table.columns, [&](const column::Field& field) { return plan.is_partition(field.name); });
  return {};
}

}  // namespace

Result<std::unique_ptr<connector::Source>> make_file_source(const connector::Table& table,
                                                            const column::Schema& produced,
                                                            const connector::Environment& environment) {
  auto plan = std::make_shared<Plan>();
  plan->table = table;
  plan->root = TRY(local_path(table));
  plan->pattern = connector::option(table.options, "source.path.regex-pattern").value_or("");
  TRY(check_pattern(plan->pattern));
  plan->monitor_interval_ms = TRY(connector::duration_option(table.options, "source.monitor-interval"));
  if (plan->monitor_interval_ms && *plan->monitor_interval_ms <= 0) {
    return connector::option_error("source.monitor-interval", table.options.at("source.monitor-interval"),
                                   "longer than nothing");
  }
  plan->default_partition =
      connector::option(table.options, "partition.default-name").value_or("__DEFAULT_PARTITION__");
  plan->produced = produced;
  for (const column::Field& field : produced) {
    if (!plan->is_partition(field.name)) plan->decoded.push_back(field);
  }
  TRY(read_partition_keys(*plan));   // from here on the table's columns are those of its files
  const auto [format, format_options] = TRY(environment.registry->format_of(table));
  if (!format->make_decoder) {
    return Error(ErrorCode::kSqlUnsupported, fmt::format("Format '{}' cannot be read", format->name));
  }
  plan->format = format;
  plan->format_options = format_options;
  plan->fs = environment.fs;
  TRY(format->make_decoder(plan->table, plan->decoded, format_options));   // refuses wrong options now
  return std::unique_ptr<connector::Source>(std::make_unique<FileSource>(std::move(plan)));
}

}  // namespace raudal::connectors::filesystem
