#include "journal/journal.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <set>
#include <thread>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "obs/log_sinks.h"

namespace raudal::journal {
namespace {

// The machine's file system, whose disk can be full and whose syncs can fail.
class FaultyFs final : public Fs {
 public:
  class FaultyFile final : public File {
   public:
    FaultyFile(std::unique_ptr<File> file, FaultyFs& fs) : file_(std::move(file)), fs_(fs) {}
    Result<size_t> read_at(int64_t offset, std::span<char> buffer) override { return file_->read_at(offset, buffer); }
    Status append(std::string_view bytes) override {
      if (!fs_.full) return file_->append(bytes);
      TRY(file_->append(bytes.substr(0, bytes.size() / 2)));
      return Error(ErrorCode::kDiskFull, "write failed, No space left on device");
    }
    Status truncate(int64_t size_bytes) override { return file_->truncate(size_bytes); }
    Status sync() override {
      ++fs_.num_syncs;
      if (fs_.sync_fails) return Error(ErrorCode::kIo, "fsync failed, Input/output error");
      return file_->sync();
    }
    Result<int64_t> size() override { return file_->size(); }

   private:
    std::unique_ptr<File> file_;
    FaultyFs& fs_;
  };

  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override {
    auto file = TRY(real_->open(path, mode));
    return std::unique_ptr<File>(new FaultyFile(std::move(file), *this));
  }
  Result<FileInfo> info(const std::string& path) override { return real_->info(path); }
  Result<std::vector<FileInfo>> list(const std::string& directory) override { return real_->list(directory); }
  Status make_directories(const std::string& path) override { return real_->make_directories(path); }
  Status rename(const std::string& from, const std::string& to) override { return real_->rename(from, to); }
  Status link(const std::string& from, const std::string& to) override { return real_->link(from, to); }
  Status remove(const std::string& path) override { return real_->remove(path); }
  Status remove_all(const std::string& path) override { return real_->remove_all(path); }
  Status sync_directory(const std::string& path) override { return real_->sync_directory(path); }

  std::atomic<bool> full = false;
  std::atomic<bool> sync_fails = false;
  std::atomic<int> num_syncs = 0;

 private:
  const std::unique_ptr<Fs> real_ = posix_fs();
};

class JournalTest : public testing::Test {
 protected:
  JournalTest() {
    char name[] = "/tmp/raudal_journal_XXXXXX";
    directory_ = ::mkdtemp(name);
    open();
  }
  ~JournalTest() override {
    journal_.reset();
    EXPECT_TRUE(fs_.remove_all(directory_).ok());
  }

  void open() {
    journal_.reset();
    auto journal = Journal::open(fs_, clock_, obs::Logger(log_, clock_, "journal"),
                                 {.directory = directory_ + "/log", .segment_bytes = segment_bytes_});
    ASSERT_TRUE(journal.ok()) << journal.error().message();
    journal_ = *std::move(journal);
  }

  uint64_t put(uint32_t lane, std::string payload, uint32_t count = 1) {
    auto placed = append(lane, std::move(payload), count);
    EXPECT_TRUE(placed.ok()) << placed.error().message();
    return placed.ok() ? placed->front().sequence : ~uint64_t{0};
  }

  Result<std::vector<Placed>> append(uint32_t lane, std::string payload, uint32_t count = 1) {
    std::vector<Entry> entries;
    entries.push_back({.lane = lane, .count = count, .payload = std::move(payload)});
    return journal_->append(std::move(entries));
  }

  // All payloads of a lane from a number on, read in small steps.
  std::vector<std::string> payloads(uint32_t lane, uint64_t sequence = 0, int64_t time_min_ms = 0) {
    std::vector<std::string> found;
    Cursor cursor{.sequence = sequence};
    while (true) {
      auto read = journal_->read(lane, cursor, {.bytes_max = 100, .records_max = 3, .time_min_ms = time_min_ms});
      if (!read.ok()) {
        found.push_back(read.error().code() == ErrorCode::kCorrupt ? "corrupt" : read.error().message());
        return found;
      }
      for (const Frame& frame : read->frames) found.push_back(frame.payload);
      if (read->caught_up) return found;
      EXPECT_FALSE(read->frames.empty());
      cursor = read->next;
    }
  }

  std::vector<std::string> files(std::string_view suffix) {
    std::vector<std::string> names;
    for (const FileInfo& info : fs_.list(directory_ + "/log").value()) {
      if (info.name.ends_with(suffix)) names.push_back(directory_ + "/log/" + info.name);
    }
    return names;
  }

  void change_byte(const std::string& path, int64_t position) {
    std::string bytes = read_file(fs_, path).value();
    bytes[static_cast<size_t>(position)] ^= 1;
    ASSERT_TRUE(write_file_durably(fs_, path, bytes).ok());
  }

  bool log_says(std::string_view text) { return !log_.query({.contains = std::string(text)}).empty(); }

  FaultyFs fs_;
  ManualClock clock_{1'000'000'000};
  obs::RingLogSink log_;
  std::string directory_;
  uint64_t segment_bytes_ = 64 << 20;
  std::unique_ptr<Journal> journal_;
};

using Texts = std::vector<std::string>;

TEST_F(JournalTest, lanes_are_read_apart_and_numbered_together) {
  EXPECT_EQ(put(1, "a"), 0u);
  EXPECT_EQ(put(2, "b", 10), 1u);
  EXPECT_EQ(put(1, "c"), 11u);
  EXPECT_EQ(payloads(1), (Texts{"a", "c"}));
  EXPECT_EQ(payloads(2), (Texts{"b"}));
  EXPECT_EQ(payloads(3), Texts{});
  EXPECT_EQ(payloads(1, 1), (Texts{"c"}));
  EXPECT_EQ(payloads(2, 10), (Texts{"b"})) << "a frame may begin before";
  EXPECT_EQ(payloads(2, 11), Texts{});
  EXPECT_EQ(journal_->next_sequence(), 12u);
  EXPECT_EQ(journal_->lane_end(2), 11u);
}

TEST_F(JournalTest, everything_is_there_after_a_restart) {
  for (int i = 0; i < 100; ++i) put(static_cast<uint32_t>(i % 3), std::to_string(i));
  const Texts before = payloads(1);
  open();
  EXPECT_EQ(payloads(1), before);
  EXPECT_EQ(before.size(), 33u);
  EXPECT_EQ(put(1, "next"), 100u);
}

TEST_F(JournalTest, segments_roll_and_stay_readable) {
  segment_bytes_ = 2000;
  open();
  Texts expected;
  for (int i = 0; i < 200; ++i) {
    put(static_cast<uint32_t>(i % 2), fmt::format("record {}", i));
    if (i % 2) expected.push_back(fmt::format("record {}", i));
  }
  EXPECT_GT(files(".log").size(), 5u);
  EXPECT_EQ(files(".index").size(), files(".log").size() - 1);
  EXPECT_EQ(payloads(1), expected);
  open();
  EXPECT_EQ(payloads(1), expected);
  EXPECT_EQ(payloads(1, 151), Texts(expected.begin() + 75, expected.end()));
  // Without its index, or with a damaged one, a segment is scanned.
  ASSERT_TRUE(fs_.remove(files(".index")[0]).ok());
  change_byte(files(".index")[0], 40);
  open();
  EXPECT_EQ(payloads(1), expected);
}

TEST_F(JournalTest, index_finds_records_far_into_a_long_segment) {
  const std::string kilobyte(1000, 'x');
  for (int i = 0; i < 3000; i += 100) {
    std::vector<Entry> entries;
    entries.push_back({.lane = 7, .payload = std::to_string(i)});
    for (int k = 1; k < 100; ++k) entries.push_back({.lane = 1, .payload = kilobyte});
    ASSERT_TRUE(journal_->append(std::move(entries)).ok());
  }
  const auto rare = journal_->read(7, {.sequence = 2850}, {});
  ASSERT_TRUE(rare.ok());
  ASSERT_EQ(rare->frames.size(), 1u);
  EXPECT_EQ(rare->frames[0].payload, "2900");
  const auto middle = journal_->read(1, {.sequence = 1234}, {.records_max = 1});
  ASSERT_TRUE(middle.ok());
  EXPECT_EQ(middle->frames.at(0).sequence, 1234u);
}

TEST_F(JournalTest, records_are_found_by_time) {
  for (int i = 0; i < 10; ++i) {
    put(1, std::to_string(i));
    clock_.advance_us(1'000'000);
  }
  EXPECT_EQ(payloads(1, 0, 1'000'000 + 7'000), (Texts{"7", "8", "9"}));
  EXPECT_EQ(payloads(1, 0, 1'000'000 + 6'001), (Texts{"7", "8", "9"}));
  EXPECT_EQ(payloads(1, 0, 1'000'000 + 60'000), Texts{});
}

TEST_F(JournalTest, time_never_goes_back) {
  put(1, "a");
  clock_.advance_us(-5'000'000);
  const auto placed = append(1, "b");
  EXPECT_EQ(placed.value().front().time_ms, 1'000'000);
  open();
  EXPECT_EQ(append(1, "c").value().front().time_ms, 1'000'000);
}

TEST_F(JournalTest, torn_tail_is_cut) {
  put(1, "kept");
  put(1, "torn, but never acknowledged");
  journal_.reset();
  const std::string path = files(".log")[0];
  const std::string whole = read_file(fs_, path).value();
  for (size_t cut = 1; cut < 56 + 32; cut += 7) {
    ASSERT_TRUE(write_file_durably(fs_, path, whole.substr(0, whole.size() - cut)).ok());
    open();
    EXPECT_EQ(payloads(1), (Texts{"kept"})) << cut;
    EXPECT_EQ(put(1, "new"), 1u);
    open();
    EXPECT_EQ(payloads(1), (Texts{"kept", "new"})) << cut;
    journal_.reset();
  }
  EXPECT_FALSE(log_says("damaged"));
}

// Pages of one write may reach the disk in any order: what follows a hole in it was not acknowledged either.
TEST_F(JournalTest, torn_batch_is_cut_whole) {
  put(1, "kept");
  std::vector<Entry> batch;
  for (const char* text : {"first", "second", "third"}) batch.push_back({.lane = 1, .count = 1, .payload = text});
  ASSERT_TRUE(journal_->append(std::move(batch)).ok());
  journal_.reset();
  change_byte(files(".log")[0], 64 + 56);
  open();
  EXPECT_EQ(payloads(1), (Texts{"kept"}));
  EXPECT_FALSE(log_says("damaged"));
}

TEST_F(JournalTest, flipped_bit_costs_no_other_record) {
  for (const char* text : {"0", "1", "2", "3"}) put(1, text);
  journal_.reset();
  change_byte(files(".log")[0], 64 + 56);
  open();
  EXPECT_TRUE(log_says("damaged"));
  EXPECT_EQ(payloads(1), (Texts{"0", "corrupt"})) << "a hole is not passed over in silence";
  EXPECT_EQ(payloads(1, 4), Texts{});
  const auto beyond = journal_->read(1, {.sequence = 2, .offset = 128}, {});
  ASSERT_TRUE(beyond.ok());
  EXPECT_EQ(beyond->frames.size(), 2u);
  EXPECT_EQ(put(1, "4"), 4u);
}

TEST_F(JournalTest, flipped_bit_while_open_is_noticed) {
  put(1, "0");
  put(1, "1");
  change_byte(files(".log")[0], 56);
  EXPECT_EQ(payloads(1), (Texts{"corrupt"}));
}

TEST_F(JournalTest, concurrent_appenders_share_syncs_and_lose_nothing) {
  constexpr int kThreads = 8, kEach = 50;
  fs_.num_syncs = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kEach; ++i) put(static_cast<uint32_t>(t % 2), fmt::format("{}:{}", t, i));
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::map<int, int> next;
  std::set<std::string> all;
  for (const uint32_t lane : {0u, 1u}) {
    for (const std::string& text : payloads(lane)) {
      const int t = std::stoi(text.substr(0, 1)), i = std::stoi(text.substr(2));
      EXPECT_EQ(next[t]++, i) << "a writer's records keep their order";
      all.insert(text);
    }
  }
  EXPECT_EQ(all.size(), static_cast<size_t>(kThreads * kEach));
  EXPECT_LT(fs_.num_syncs, kThreads * kEach);
}

TEST_F(JournalTest, full_disk_says_so_and_heals) {
  put(1, "a");
  fs_.full = true;
  EXPECT_EQ(append(1, "does not fit").error().code(), ErrorCode::kDiskFull);
  EXPECT_EQ(payloads(1), (Texts{"a"}));
  fs_.full = false;
  EXPECT_EQ(put(1, "b"), 1u);
  open();
  EXPECT_EQ(payloads(1), (Texts{"a", "b"}));
}

TEST_F(JournalTest, failed_sync_stops_writing_until_reopened) {
  put(1, "a");
  fs_.sync_fails = true;
  EXPECT_EQ(append(1, "b").error().code(), ErrorCode::kIo);
  fs_.sync_fails = false;
  EXPECT_EQ(append(1, "c").error().code(), ErrorCode::kIo);
  EXPECT_EQ(payloads(1), (Texts{"a"}));
  open();
  EXPECT_EQ(put(1, "d"), 1u);
  EXPECT_EQ(payloads(1), (Texts{"a", "d"}));
}

TEST_F(JournalTest, old_segments_are_dropped_and_numbers_go_on) {
  segment_bytes_ = 300;
  open();
  for (int i = 0; i < 20; ++i) {
    put(1, std::to_string(i));
    clock_.advance_us(1'000'000);
  }
  const uint64_t size_before = journal_->size_bytes();
  ASSERT_TRUE(journal_->drop_before(1'000'000 + 10'000).ok());
  EXPECT_LT(journal_->size_bytes(), size_before);
  const Texts left = payloads(1);
  EXPECT_EQ(left.back(), "19");
  EXPECT_LE(std::stoi(left.front()), 10);
  EXPECT_GT(std::stoi(left.front()), 0);
  ASSERT_TRUE(journal_->drop_before(10'000'000).ok());
  EXPECT_EQ(payloads(1), Texts{});
  EXPECT_EQ(files(".log").size(), 1u);
  open();
  EXPECT_EQ(put(1, "next"), 20u);
  EXPECT_EQ(payloads(1), (Texts{"next"}));
}

TEST_F(JournalTest, reader_waits_for_its_lane) {
  EXPECT_FALSE(journal_->wait_for(1, 0, 1, 0));
  std::thread writer([&] {
    put(2, "other");
    put(1, "awaited");
  });
  EXPECT_TRUE(journal_->wait_for(1, 0, 60'000, 0));
  writer.join();
  journal_->wake();
  EXPECT_FALSE(journal_->wait_for(1, 100, 60'000, 0)) << "a call of wake() that came before the wait counts";
  std::thread stopper([&] { journal_->interrupt(); });
  EXPECT_FALSE(journal_->wait_for(1, 100, 60'000, journal_->num_wakes()));
  stopper.join();
}

TEST_F(JournalTest, cursor_of_a_quiet_lane_moves_with_the_log) {
  put(1, "a");
  auto read = journal_->read(1, {}, {});
  for (int i = 0; i < 10; ++i) put(2, "b");
  read = journal_->read(1, read->next, {});
  EXPECT_TRUE(read->caught_up);
  EXPECT_EQ(read->next.sequence, 11u);
  put(1, "c");
  read = journal_->read(1, read->next, {});
  ASSERT_EQ(read->frames.size(), 1u);
  EXPECT_EQ(read->frames[0].payload, "c");
}

// A child appends and tells of each that was acknowledged; it is killed in the middle.
TEST_F(JournalTest, acknowledged_records_survive_kill) {
  journal_.reset();
  int pipe_fds[2];
  ASSERT_EQ(::pipe(pipe_fds), 0);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    segment_bytes_ = 5000;
    open();
    for (uint32_t i = 0;; ++i) {
      put(1, std::to_string(i));
      if (::write(pipe_fds[1], &i, sizeof(i)) != sizeof(i)) ::_exit(1);
    }
  }
  ::close(pipe_fds[1]);
  uint32_t last = 0;
  while (last < 200 && ::read(pipe_fds[0], &last, sizeof(last)) == sizeof(last)) {}
  ::kill(child, SIGKILL);
  while (::read(pipe_fds[0], &last, sizeof(last)) == sizeof(last)) {}
  ::close(pipe_fds[0]);
  ::waitpid(child, nullptr, 0);
  open();
  const Texts found = payloads(1);
  ASSERT_GE(found.size(), last + 1);
  ASSERT_LE(found.size(), last + 2);
  for (uint32_t i = 0; i < found.size(); ++i) EXPECT_EQ(found[i], std::to_string(i));
}

}  // namespace
}  // namespace raudal::journal
