#include "connectors/filesystem/file_sink.h"

#include <algorithm>
#include <set>

#include <fmt/core.h>

#include "base/check.h"
#include "base/failpoint.h"
#include "base/rng.h"
#include "codec/digest.h"
#include "connector/options.h"
#include "connectors/filesystem/part_writer.h"
#include "connectors/filesystem/partition.h"
#include "connectors/filesystem/sink_options.h"
#include "connectors/filesystem/table_files.h"

namespace raudal::connectors::filesystem {
namespace {

constexpr size_t kOpenPartsMax = 128;    // of a subtask; beyond, the one idle the longest is finished

// A table opened for writing.
struct Plan {
  connector::Table table;
  std::string root;
  SinkOptions options;
  column::Schema consumed;               // the columns that stand in the files
  std::vector<size_t> file_columns;      // their positions in a batch
  std::vector<size_t> partition_columns;
  const connector::Format* format = nullptr;
  connector::Options format_options;
  Fs* fs = nullptr;

  Error located(Error error) const {
    return std::move(error).within(fmt::format("Table '{}' in {}", table.name, root));
  }
};

// Makes a folder and those above it, and their names durable up to the table's own.
Status make_folder(const Plan& plan, const std::string& folder) {
  if (exists(*plan.fs, folder)) return {};
  TRY(plan.fs->make_directories(folder));
  std::string above = folder;
  do {
    above = parent_directory(above);
    TRY(plan.fs->sync_directory(above));
  } while (above.size() > plan.root.size());
  return {};
}

class FileSinkWriter final : public connector::SinkWriter {
 public:
  FileSinkWriter(std::shared_ptr<const Plan> plan, std::unique_ptr<connector::Encoder> encoder)
      : plan_(std::move(plan)), encoder_(std::move(encoder)) {}

  Status open(const connector::SinkContext& context) override {
    clock_ = context.clock;
    names_.emplace(context.identity, context.uid, context.subtask, secure_random_hex(4));
    last_check_ns_ = clock_->monotonic_ns();
    return locate(make_folder(*plan_, plan_->root));
  }

  Status write(const column::Batch& batch) override { return locate(write_batch(batch)); }

  Status tick() override {
    const int64_t now_ns = clock_->monotonic_ns();
    if (now_ns - last_check_ns_ < plan_->options.check_interval_ms * 1'000'000) return {};
    last_check_ns_ = now_ns;
    return locate(roll_if([&](const PartWriter& part) {
      return now_ns - part.created_ns() >= plan_->options.rollover_interval_ms * 1'000'000 ||
             now_ns - part.last_write_ns() >= plan_->options.inactivity_interval_ms * 1'000'000;
    }));
  }

  Result<std::vector<std::string>> prepare_commit(CheckpointId) override {
    std::vector<std::string> committables;
    const Status prepared = locate(prepare(&committables));
    if (!prepared.ok()) return prepared.error();
    return committables;
  }

 private:
  Status locate(Status status) const {
    if (status.ok()) return status;
    return plan_->located(std::move(status).error());
  }

  Status write_batch(const column::Batch& batch) {
    if (batch.num_selected() == 0) return {};
    column::Batch rows = batch;
    rows.columns.clear();
    for (const size_t column : plan_->file_columns) rows.columns.push_back(batch.columns[column]);
    if (plan_->partition_columns.empty()) return append("", rows);
    for (auto& [folders, selected] : rows_of_partitions(batch)) {
      rows.selection.rows = column::Buffer::allocate(selected.size() * sizeof(uint16_t));
      rows.selection.size = selected.size();
      std::ranges::copy(selected, rows.selection.rows->as<uint16_t>());
      TRY(append(folders, rows));
    }
    return {};
  }

  std::map<std::string, std::vector<uint16_t>> rows_of_partitions(const column::Batch& batch) const {
    std::vector<const column::Column*> keys;
    for (const size_t column : plan_->partition_columns) keys.push_back(&batch.columns[column]);
    std::map<std::string, std::vector<uint16_t>> rows;
    const uint16_t* selected = batch.selection.rows ? batch.selection.rows->as<uint16_t>() : nullptr;
    for (size_t i = 0; i < batch.num_selected(); ++i) {
      const auto row = static_cast<uint16_t>(selected ? selected[i] : i);
      rows[partition_folders(plan_->table.partition_keys, keys, row, plan_->options.default_partition)].push_back(row);
    }
    return rows;
  }

  Status append(const std::string& folders, const column::Batch& rows) {
    PartWriter* part = TRY(part_of(folders));
    TRY(encoder_->encode(rows, part->buffer()));
    TRY(part->written(clock_->monotonic_ns()));
    if (part->length_bytes() < plan_->options.file_size_bytes) return {};
    return finish(open_parts_.find(folders));
  }

  Result<PartWriter*> part_of(const std::string& folders) {
    const auto found = open_parts_.find(folders);
    if (found != open_parts_.end()) return found->second.get();
    if (open_parts_.size() >= kOpenPartsMax) {
      TRY(finish(std::ranges::min_element(open_parts_, {}, [](const auto& entry) {
        return entry.second->last_write_ns();
      })));
    }
    const PartNames::Pair names = names_->next();
    std::unique_ptr<PartWriter> part =
        TRY(PartWriter::create(*plan_->fs, join_path(plan_->root, names.unpublished),
                               join_path(join_path(plan_->root, folders), names.published), clock_->monotonic_ns()));
    return open_parts_.emplace(folders, std::move(part)).first->second.get();
  }

  using OpenParts = std::map<std::string, std::unique_ptr<PartWriter>>;

  // The part takes no more rows; it waits for the next checkpoint.
  Status finish(OpenParts::iterator part) {
    TRY(part->second->flush());
    finished_.push_back(std::move(part->second));
    open_parts_.erase(part);
    return {};
  }

  template <class Predicate>
  Status roll_if(Predicate is_due) {
    for (auto part = open_parts_.begin(); part != open_parts_.end();) {
      const auto here = part++;
      if (is_due(*here->second)) TRY(finish(here));
    }
    return {};
  }

  Status prepare(std::vector<std::string>* committables) {
    TRY(roll_if([](const PartWriter&) { return true; }));
    if (finished_.empty()) return {};
    for (const auto& part : finished_) committables->push_back(encode_part(TRY(part->release())));
    finished_.clear();
    return plan_->fs->sync_directory(plan_->root);
  }

  const std::shared_ptr<const Plan> plan_;
  const std::unique_ptr<connector::Encoder> encoder_;
  const Clock* clock_ = nullptr;
  std::optional<PartNames> names_;
  OpenParts open_parts_;                               // by the folders of the partition
  std::vector<std::unique_ptr<PartWriter>> finished_;
  int64_t last_check_ns_ = 0;
};

// A writer whose format refused its options says so when it opens.
class FailedWriter final : public connector::SinkWriter {
 public:
  explicit FailedWriter(Error error) : error_(std::move(error)) {}
  Status open(const connector::SinkContext&) override { return error_; }
  Status write(const column::Batch&) override { return error_; }
  Result<std::vector<std::string>> prepare_commit(CheckpointId) override { return error_; }

 private:
  const Error error_;
};

class FileSink final : public connector::Sink {
 public:
  explicit FileSink(std::shared_ptr<const Plan> plan) : plan_(std::move(plan)) {}
  connector::Delivery delivery() const override { return connector::Delivery::kExactlyOnce; }
  bool accepts_updates() const override { return false; }

  std::unique_ptr<connector::SinkWriter> make_writer() const override {
    auto encoder = plan_->format->make_encoder(plan_->table, plan_->consumed, plan_->format_options);
    if (!encoder.ok()) return std::make_unique<FailedWriter>(std::move(encoder).error());
    return std::make_unique<FileSinkWriter>(plan_, std::move(encoder).value());
  }

  Status commit(const std::vector<std::string>& committables) override {
    std::set<std::string> folders;
    for (const std::string& committable : committables) {
      const PendingPart part = TRY(decode_part(committable));
      const Status published = publish(part);
      if (!published.ok()) return plan_->located(std::move(published).error());
      folders.insert(parent_directory(part.published));
    }
    for (const std::string& folder : folders) TRY(settle(folder));
    return {};
  }

  Status recover(const connector::SinkContext& context, const std::vector<std::string>& keep) override {
    std::set<std::string> kept;
    for (const std::string& committable : keep) {
      const PendingPart part = TRY(decode_part(committable));
      TRY(verify(part));
      kept.insert(part.unpublished);
    }
    const Result<std::vector<FileInfo>> files = plan_->fs->list(plan_->root);
    if (!files.ok()) {
      if (files.error().code() == ErrorCode::kNotFound) return {};
      return plan_->located(files.error());
    }
    for (const FileInfo& file : *files) {
      const std::string path = join_path(plan_->root, file.name);
      if (!is_left_behind(file.name, context.identity, context.uid) || kept.contains(path)) continue;
      TRY(plan_->fs->remove(path));
    }
    return {};
  }

 private:
  // A part that is not there was published before, or published and then removed by whoever reads the folder.
  Status publish(const PendingPart& part) {
    FAILPOINT("sink.before_commit");
    const Result<FileInfo> info = plan_->fs->info(part.unpublished);
    if (!info.ok() && info.error().code() == ErrorCode::kNotFound) return {};
    if (!info.ok()) return info.error();
    if (info->size_bytes != part.length_bytes) return damaged(part);
    TRY(make_folder(*plan_, parent_directory(part.published)));
    TRY(plan_->fs->rename(part.unpublished, part.published));
    FAILPOINT("sink.after_rename");
    return {};
  }

  // The renames are durable, and whoever waits for the success file may read.
  Status settle(const std::string& folder) {
    const Status synced = plan_->fs->sync_directory(folder);
    if (!synced.ok() && synced.error().code() == ErrorCode::kNotFound) return {};
    TRY(synced);
    if (folder == plan_->root) return {};
    TRY(plan_->fs->sync_directory(plan_->root));
    if (plan_->options.success_file.empty()) return {};
    const std::string path = join_path(folder, plan_->options.success_file);
    if (exists(*plan_->fs, path)) return {};
    return write_file_durably(*plan_->fs, path, "");
  }

  // After a crash: what the disk kept of the part is what the checkpoint says.
  Status verify(const PendingPart& part) {
    const Result<std::unique_ptr<File>> file = plan_->fs->open(part.unpublished, OpenMode::kRead);
    if (!file.ok()) {
      if (file.error().code() == ErrorCode::kNotFound) return {};
      return file.error();
    }
    std::string block(size_t{1} << 20, '\0');
    uint32_t crc = 0;
    int64_t length = 0;
    while (true) {
      const size_t got = TRY((*file)->read_at(length, block));
      if (got == 0) break;
      crc = codec::crc32c(std::string_view(block).substr(0, got), crc);
      length += static_cast<int64_t>(got);
    }
    if (length != part.length_bytes || crc != part.crc32c) return damaged(part);
    return {};
  }

  Error damaged(const PendingPart& part) const {
    return Error(ErrorCode::kCorrupt, fmt::format("A part that a checkpoint names is damaged: {}", part.unpublished));
  }

  const std::shared_ptr<const Plan> plan_;
};

Status divide_columns(Plan& plan) {
  for (const std::string& key : plan.table.partition_keys) {
    const auto field = std::ranges::find(plan.table.columns, key, &column::Field::name);
    CHECK(field != plan.table.columns.end());
    if (!can_be_partition(field->type)) {
      return Error(ErrorCode::kSqlUnsupported, fmt::format("A partition column of type {} is not supported: {}",
                                                           field->type.to_string(), key));
    }
    plan.partition_columns.push_back(field - plan.table.columns.begin());
  }
  for (size_t i = 0; i < plan.table.columns.size(); ++i) {
    if (std::ranges::find(plan.partition_columns, i) != plan.partition_columns.end()) continue;
    plan.file_columns.push_back(i);
    plan.consumed.push_back(plan.table.columns[i]);
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<connector::Sink>> make_file_sink(const connector::Table& table,
                                                        const connector::Environment& environment) {
  auto plan = std::make_shared<Plan>();
  plan->table = table;
  plan->root = TRY(local_path(table));
  plan->options = TRY(read_sink_options(table.options));
  TRY(divide_columns(*plan));
  const auto [format, format_options] = TRY(environment.registry->format_of(table));
  if (!format->make_encoder) {
    return Error(ErrorCode::kSqlUnsupported, fmt::format("Format '{}' cannot be written", format->name));
  }
  plan->format = format;
  plan->format_options = format_options;
  plan->fs = environment.fs;
  TRY(format->make_encoder(plan->table, plan->consumed, format_options));   // refuses wrong options now
  return std::unique_ptr<connector::Sink>(std::make_unique<FileSink>(std::move(plan)));
}

}  // namespace raudal::connectors::filesystem
