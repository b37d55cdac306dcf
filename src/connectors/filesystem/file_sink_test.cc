#include "connectors/filesystem/file_sink.h"

#include <functional>

#include "base/rng.h"
#include "column/builder.h"
#include "connectors/filesystem/table_files.h"
#include "connectors/filesystem/table_folder.h"

namespace raudal::connectors::filesystem {
namespace {

using column::ColumnBuilder;
using column::Type;
using column::TypeKind;
using Names = std::vector<std::string>;

const Type kBigInt(TypeKind::kBigInt);

column::Batch numbers(std::vector<int64_t> values) {
  ColumnBuilder builder(kBigInt);
  for (const int64_t value : values) builder.append(value);
  column::Batch batch{.num_rows = values.size()};
  batch.columns.push_back(builder.finish());
  return batch;
}

// A disk on which files can be made but hold nothing.
class FullDisk final : public Fs {
 public:
  explicit FullDisk(Fs& under) : under_(under) {}
  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override {
    return std::unique_ptr<File>(std::make_unique<FullFile>(TRY(under_.open(path, mode))));
  }
  Result<FileInfo> info(const std::string& path) override { return under_.info(path); }
  Result<std::vector<FileInfo>> list(const std::string& directory) override { return under_.list(directory); }
  Status make_directories(const std::string& path) override { return under_.make_directories(path); }
  Status rename(const std::string& from, const std::string& to) override { return under_.rename(from, to); }
  Status link(const std::string& from, const std::string& to) override { return under_.link(from, to); }
  Status remove(const std::string& path) override { return under_.remove(path); }
  Status remove_all(const std::string& path) override { return under_.remove_all(path); }
  Status sync_directory(const std::string& path) override { return under_.sync_directory(path); }

 private:
  class FullFile final : public File {
   public:
    explicit FullFile(std::unique_ptr<File> under) : under_(std::move(under)) {}
    Result<size_t> read_at(int64_t offset, std::span<char> buffer) override { return under_->read_at(offset, buffer); }
    Status append(std::string_view) override { return Error(ErrorCode::kDiskFull, "write failed"); }
    Status truncate(int64_t size_bytes) override { return under_->truncate(size_bytes); }
    Status sync() override { return under_->sync(); }
    Result<int64_t> size() override { return under_->size(); }

   private:
    std::unique_ptr<File> under_;
  };

  Fs& under_;
};

class FileSink : public TableFolder {
 protected:
  Result<std::unique_ptr<connector::Sink>> sink(const connector::Table& table) {
    return TRY(registry_.connector_of(table))->make_sink(table, environment());
  }

  connector::SinkContext context(int64_t run, int64_t incarnation, const std::string& application = "app") {
    return {.clock = &clock_,
            .identity = {.application = application, .run = RunNumber(run), .incarnation = Incarnation(incarnation)},
            .uid = "sink:t#0"};
  }

  std::unique_ptr<connector::SinkWriter> writer(connector::Sink& sink, const connector::SinkContext& context) {
    auto made = sink.make_writer();
    EXPECT_TRUE(made->open(context).ok());
    return made;
  }

  // Names in the folder, unpublished ones as ".".
  Names names(const std::string& below = "") {
    Names names;
    for (const FileInfo& file : *fs_->list(join_path(folder_, below))) {
      names.push_back(file.name.starts_with('.') ? "." : file.name.substr(0, file.name.find('-')));
    }
    return names;
  }

  // All published rows, sorted as text.
  Names rows() {
    Names rows = *read(table());
    std::ranges::sort(rows);
    return rows;
  }
};

TEST_F(FileSink, shows_rows_only_after_the_commit) {
  const auto opened = sink(table());
  EXPECT_EQ((*opened)->delivery(), connector::Delivery::kExactlyOnce);
  EXPECT_FALSE((*opened)->accepts_updates());
  const auto out = writer(**opened, context(1, 1));
  ASSERT_TRUE(out->write(numbers({1, 2})).ok());
  EXPECT_EQ(names(), Names{"."});
  const auto committables = out->prepare_commit(CheckpointId(1));
  ASSERT_EQ(committables->size(), 1u);
  EXPECT_EQ(names(), Names{"."});
  EXPECT_EQ(rows(), Names{});
  ASSERT_TRUE((*opened)->commit(*committables).ok());
  EXPECT_EQ(names(), Names{"part"});
  EXPECT_EQ(rows(), (Names{"1", "2"}));
  EXPECT_TRUE(out->prepare_commit(CheckpointId(2))->empty());
}

TEST_F(FileSink, commits_twice_without_harm) {
  const auto opened = sink(table());
  const auto out = writer(**opened, context(1, 1));
  ASSERT_TRUE(out->write(numbers({1})).ok());
  const auto committables = *out->prepare_commit(CheckpointId(1));
  ASSERT_TRUE((*opened)->commit(committables).ok());
  ASSERT_TRUE((*opened)->commit(committables).ok());
  EXPECT_EQ(rows(), Names{"1"});
  // A reader took the part away: it does not come back.
  ASSERT_TRUE(fs_->remove(join_path(folder_, (*fs_->list(folder_))[0].name)).ok());
  ASSERT_TRUE((*opened)->commit(committables).ok());
  EXPECT_EQ(rows(), Names{});
}

TEST_F(FileSink, removes_what_a_killed_predecessor_left_but_not_what_a_manifest_names) {
  const auto opened = sink(table());
  std::unique_ptr<connector::SinkWriter> killed = writer(**opened, context(1, 1));
  ASSERT_TRUE(killed->write(numbers({1})).ok());
  const auto kept = *killed->prepare_commit(CheckpointId(1));
  ASSERT_TRUE(killed->write(numbers({2})).ok());
  const auto lost = *killed->prepare_commit(CheckpointId(2));
  const auto other_job = writer(**opened, context(1, 1, "other"));
  ASSERT_TRUE(other_job->write(numbers({3})).ok());
  write(".hidden", "of somebody else");
  ASSERT_EQ(names().size(), 4u);
  ASSERT_TRUE((*opened)->recover(context(1, 2), kept).ok());
  EXPECT_EQ(names().size(), 3u);
  ASSERT_TRUE((*opened)->commit(kept).ok());
  EXPECT_EQ(rows(), Names{"1"});
  // A later run removes it too, an earlier one does not touch it.
  ASSERT_TRUE((*opened)->recover(context(0, 9, "other"), {}).ok());
  EXPECT_EQ(names().size(), 3u);
  ASSERT_TRUE((*opened)->recover(context(2, 1, "other"), {}).ok());
  EXPECT_EQ(names().size(), 2u);
}

TEST_F(FileSink, refuses_a_damaged_part) {
  const auto opened = sink(table());
  const auto out = writer(**opened, context(1, 1));
  ASSERT_TRUE(out->write(numbers({1, 2})).ok());
  const auto committables = *out->prepare_commit(CheckpointId(1));
  const std::string path = join_path(folder_, (*fs_->list(folder_))[0].name);
  ASSERT_TRUE((*fs_->open(path, OpenMode::kCreate))->append("1\n3\n").ok());
  EXPECT_EQ((*opened)->recover(context(1, 2), committables).error().code(), ErrorCode::kCorrupt);
  ASSERT_TRUE((*fs_->open(path, OpenMode::kCreate))->append("1\n").ok());
  EXPECT_EQ((*opened)->commit(committables).error().code(), ErrorCode::kCorrupt);
  EXPECT_EQ((*opened)->commit({"?"}).error().code(), ErrorCode::kCorrupt);
}

TEST_F(FileSink, rolls_by_size_and_by_time) {
  const auto opened = sink(table({{"sink.rolling-policy.file-size", "10b"},
                                  {"sink.rolling-policy.rollover-interval", "10 s"},
                                  {"sink.rolling-policy.inactivity-interval", "3 s"},
                                  {"sink.rolling-policy.check-interval", "1 s"}}));
  ASSERT_TRUE(opened.ok()) << opened.error().message();
  const auto out = writer(**opened, context(1, 1));
  ASSERT_TRUE(out->write(numbers({100'000, 200'000})).ok());   // 14 bytes: rolled by size
  ASSERT_TRUE(out->write(numbers({1})).ok());
  const auto pass_seconds = [&](int seconds) {
    clock_.advance_us(seconds * 1'000'000);
    EXPECT_TRUE(out->tick().ok());
  };
  pass_seconds(2);
  ASSERT_TRUE(out->write(numbers({2})).ok());
  pass_seconds(3);                                              // rolled: inactive
  ASSERT_TRUE(out->write(numbers({3})).ok());
  for (int i = 0; i < 5; ++i) {
    pass_seconds(2);                                            // rolled at last: old
    ASSERT_TRUE(out->write(numbers({4})).ok());
    ASSERT_TRUE(out->write(column::Batch()).ok());
  }
  EXPECT_EQ(out->prepare_commit(CheckpointId(1))->size(), 4u);
}

TEST_F(FileSink, divides_rows_among_the_folders_of_their_partitions) {
  connector::Table partitioned = table({{"sink.partition-commit.policy.kind", "success-file"}});
  partitioned.columns = {{"v", kBigInt}, {"kind", Type::string()}, {"day", Type(TypeKind::kDate)}};
  partitioned.partition_keys = {"day", "kind"};
  const auto opened = sink(partitioned);
  ASSERT_TRUE(opened.ok()) << opened.error().message();
  const auto out = writer(**opened, context(1, 1));
  column::Batch batch = numbers({1, 2, 3});
  ColumnBuilder kind(Type::string());
  kind.append_string("a/b");
  kind.append_null();
  kind.append_string("a/b");
  ColumnBuilder day{Type(TypeKind::kDate)};
  for (int i = 0; i < 3; ++i) day.append<int32_t>(0);
  batch.columns.push_back(kind.finish());
  batch.columns.push_back(day.finish());
  ASSERT_TRUE(out->write(batch).ok());
  const auto committables = out->prepare_commit(CheckpointId(1));
  ASSERT_EQ(committables->size(), 2u);
  ASSERT_TRUE((*opened)->commit(*committables).ok());
  EXPECT_EQ(names("day=1970-01-01/kind=a%2Fb"), (Names{"_SUCCESS", "part"}));
  EXPECT_EQ(names("day=1970-01-01/kind=__DEFAULT_PARTITION__"), (Names{"_SUCCESS", "part"}));
  Names read_back = *read(partitioned);
  std::ranges::sort(read_back);
  EXPECT_EQ(read_back, (Names{"1\ta/b\t1970-01-01", "2\t<NULL>\t1970-01-01", "3\ta/b\t1970-01-01"}));
}

TEST_F(FileSink, a_full_disk_is_named_and_leaves_nothing_behind) {
  FullDisk full(*fs_);
  connector::Environment on_full_disk = environment();
  on_full_disk.fs = &full;
  const connector::Table target = table();
  const auto opened = registry_.find_connector("filesystem")->make_sink(target, on_full_disk);
  auto out = writer(**opened, context(1, 1));
  ASSERT_TRUE(out->write(numbers({1})).ok());
  const auto prepared = out->prepare_commit(CheckpointId(1));
  ASSERT_FALSE(prepared.ok());
  EXPECT_EQ(prepared.error().code(), ErrorCode::kDiskFull);
  EXPECT_NE(prepared.error().message().find("'t' in " + folder_), std::string::npos);
  out.reset();
  EXPECT_EQ(names(), Names{});
}

TEST_F(FileSink, keeps_the_parts_of_two_writers_apart) {
  const auto opened = sink(table());
  // The same identity twice: processes that were given none.
  const auto first = writer(**opened, context(0, 0));
  const auto second = writer(**opened, context(0, 0));
  ASSERT_TRUE(first->write(numbers({1})).ok());
  ASSERT_TRUE(second->write(numbers({2})).ok());
  ASSERT_TRUE((*opened)->commit(*first->prepare_commit(CheckpointId(1))).ok());
  ASSERT_TRUE((*opened)->commit(*second->prepare_commit(CheckpointId(1))).ok());
  EXPECT_EQ(rows(), (Names{"1", "2"}));
}

// A job that is killed at random moments, as its runtime would drive the sink. Killed writers live on as zombies that
// write and prepare, but whose commits nobody makes.
class KilledJob {
 public:
  using Context = std::function<connector::SinkContext(int64_t incarnation)>;
  KilledJob(connector::Sink& sink, Context context, uint64_t seed)
      : sink_(sink), context_(std::move(context)), rng_(seed) {}

  // Also after a kill.
  void start() {
    std::ranges::move(writers_, std::back_inserter(zombies_));
    writers_.clear();
    since_manifest_.clear();
    connector::SinkContext context = context_(++incarnation_);
    ASSERT_TRUE(sink_.recover(context, manifest_).ok());
    ASSERT_TRUE(sink_.commit(manifest_).ok());
    for (uint64_t n = 1 + rng_.below(3); n > 0; --n) {
      context.subtask = static_cast<int>(n);
      writers_.push_back(sink_.make_writer());
      ASSERT_TRUE(writers_.back()->open(context).ok());
    }
  }

  void step() {
    switch (rng_.below(8)) {
      case 0: return start();              // killed between checkpoints
      case 1: prepare(); return start();   // killed before the manifest stood
      case 2:                              // killed while it published
        complete();
        ASSERT_TRUE(commit(rng_.below(manifest_.size() + 1)).ok());
        return start();
      case 3:
        complete();
        ASSERT_TRUE(commit(manifest_.size()).ok());
        return;
      default: write();
    }
  }

  void complete() {
    manifest_ = prepare();
    published_.insert(published_.end(), since_manifest_.begin(), since_manifest_.end());
    since_manifest_.clear();
  }

  void end_zombies() { zombies_.clear(); }
  // Rows whose manifest stood.
  const Names& published() const { return published_; }

 private:
  Names prepare() {
    Names committables;
    for (const auto& writer : writers_) {
      const Names some = *writer->prepare_commit(CheckpointId(1));
      committables.insert(committables.end(), some.begin(), some.end());
    }
    return committables;
  }

  Status commit(size_t count) { return sink_.commit({manifest_.begin(), manifest_.begin() + count}); }

  void write() {
    since_manifest_.push_back(std::to_string(next_value_));
    ASSERT_TRUE(writers_[rng_.below(writers_.size())]->write(numbers({next_value_++})).ok());
    if (zombies_.empty()) return;
    ASSERT_TRUE(zombies_.back()->write(numbers({-1})).ok());
    ASSERT_TRUE(zombies_.back()->prepare_commit(CheckpointId(9)).ok());
  }

  connector::Sink& sink_;
  const Context context_;
  Rng rng_;
  std::vector<std::unique_ptr<connector::SinkWriter>> writers_;
  std::vector<std::unique_ptr<connector::SinkWriter>> zombies_;
  Names manifest_;                  // the committables of the newest one
  Names since_manifest_;            // rows
  Names published_;
  int64_t next_value_ = 0;
  int64_t incarnation_ = 0;
};

TEST_F(FileSink, publishes_each_row_of_a_standing_manifest_once_whenever_the_job_is_killed) {
  for (uint64_t round = 0; round < 40; ++round) {
    const std::string folder = join_path(folder_, "round" + std::to_string(round));
    const auto opened = sink(table({{"path", folder}, {"sink.rolling-policy.file-size", "20b"}}));
    KilledJob job(**opened, [&](int64_t incarnation) { return context(1, incarnation); }, round);
    job.start();
    for (int step = 0; step < 40; ++step) job.step();
    job.complete();
    job.start();
    job.end_zombies();
    Names published = *read(table({{"path", folder}}));
    Names expected = job.published();
    std::ranges::sort(published);
    std::ranges::sort(expected);
    ASSERT_EQ(published, expected) << "round " << round;
  }
}

TEST_F(FileSink, refuses_what_it_does_not_do) {
  const auto code = [&](connector::Options options) { return sink(table(std::move(options))).error().code(); };
  EXPECT_EQ(code({{"auto-compaction", "true"}}), ErrorCode::kSqlUnsupported);
  EXPECT_EQ(code({{"sink.partition-commit.policy.kind", "metastore"}}), ErrorCode::kSqlUnsupported);
  EXPECT_EQ(code({{"sink.partition-commit.delay", "1 h"}}), ErrorCode::kSqlUnsupported);
  EXPECT_EQ(code({{"sink.partition-commit.policy.class", "x"}}), ErrorCode::kSqlOption);
  EXPECT_EQ(code({{"sink.rolling-policy.file-size", "big"}}), ErrorCode::kSqlOption);
  EXPECT_EQ(code({{"sink.rolling-policy.file-size", "0"}}), ErrorCode::kSqlOption);
}

}  // namespace
}  // namespace raudal::connectors::filesystem
