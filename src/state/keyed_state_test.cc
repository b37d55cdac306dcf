#include "state/keyed_state.h"

#include <fmt/core.h>

#include <map>
#include <set>

#include <gtest/gtest.h>

#include "base/rng.h"

namespace raudal::state {
namespace {

using column::Column;
using column::ColumnBuilder;
using column::Type;
using column::TypeKind;

constexpr int kMaxParallelism = 128;

class ChunkList final : public ChunkWriter {
 public:
  Status write_chunk(std::string_view bytes) override {
    if (fail_in == 0) return Error(ErrorCode::kDiskFull, "full");
    if (fail_in > 0) --fail_in;
    chunks.emplace_back(bytes);
    return {};
  }
  std::vector<std::string> chunks;
  int fail_in = -1;
};

// Keys of a test are numbers; a shape turns them into columns, among them NULL, short and long strings.
struct Shape {
  const char* name;
  std::vector<Type> types;
  std::function<void(int64_t, std::vector<ColumnBuilder>&)> append;
};

std::string text_of(int64_t key) {
  return key % 3 == 0 ? fmt::format("k{}", key) : fmt::format("a rather long key of number {}", key);
}

std::vector<Shape> shapes() {
  return {
      {"bigint", {Type(TypeKind::kBigInt)}, [](int64_t key, auto& out) { out[0].template append<int64_t>(key); }},
      {"int", {Type(TypeKind::kInt)},
       [](int64_t key, auto& out) { out[0].append(static_cast<int32_t>(key)); }},
      {"string", {Type::string()}, [](int64_t key, auto& out) { out[0].append_string(text_of(key)); }},
      {"nullable_int_and_string_and_boolean",
       {Type(TypeKind::kInt), Type::string(), Type(TypeKind::kBoolean), Type::decimal(30, 2)},
       [](int64_t key, auto& out) {
         if (key % 5 == 0) out[0].append_null();
         else out[0].append(static_cast<int32_t>(key / 5));
         if (key % 7 == 0 && key % 5 != 0) out[1].append_null();
         else out[1].append_string(text_of(key));
         out[2].append(static_cast<uint8_t>(key % 2));
         out[3].append(static_cast<__int128>(key) << 70);
       }},
  };
}

struct KeyBatch {
  std::vector<Column> keys;
  std::vector<uint64_t> hashes;
};

KeyBatch batch_of(const Shape& shape, std::span<const int64_t> keys) {
  std::vector<ColumnBuilder> builders;
  for (const Type& type : shape.types) builders.emplace_back(type);
  for (const int64_t key : keys) shape.append(key, builders);
  KeyBatch batch;
  for (ColumnBuilder& builder : builders) batch.keys.push_back(builder.finish());
  batch.hashes.resize(keys.size());
  column::hash_rows(batch.keys, keys.size(), batch.hashes.data());
  return batch;
}

struct Value {
  int64_t number = 0;
  std::string first;
  std::string second;
  bool operator==(const Value&) const = default;
};
using Model = std::map<int64_t, std::map<int64_t, Value>>;   // namespace → key → value

// One state and the model it has to agree with.
class StateModel {
 public:
  StateModel(const Shape& shape, uint64_t seed) : shape_(shape), rng_(seed) {
    state_ = std::make_unique<KeyedState>(schema(), column::KeyGroupRange{0, kMaxParallelism}, kMaxParallelism);
  }

  void step() {
    const uint64_t dice = rng_.below(1000);
    if (dice < 500) write();
    else if (dice < 700) erase();
    else if (dice < 710) drop();
    else if (dice < 730) begin();
    else if (draining_) drain();
  }

  int restores() const { return restores_; }
  const KeyedState& state() const { return *state_; }

 private:
  StateSchema schema() const {
    return {.keys = shape_.types, .value_width = 8, .num_byte_strings = 2, .description = "test"};
  }
  int64_t random_key() { return static_cast<int64_t>(rng_.below(rng_.below(2) ? 40 : 600)); }
  int64_t random_space() { return static_cast<int64_t>(rng_.below(4)) * 1000 - 1000; }

  static void put(KeyedTable& table, EntryId entry, const Value& value) {
    std::memcpy(table.value(entry), &value.number, 8);
    table.set_bytes(entry, 0, value.first);
    table.set_bytes(entry, 1, value.second);
  }

  void write() {
    const int64_t space = random_space();
    std::vector<int64_t> keys(1 + rng_.below(30));
    for (int64_t& key : keys) key = random_key();
    KeyedTable& table = state_->table(space);
    const KeyBatch batch = batch_of(shape_, keys);
    std::vector<EntryId> entries(keys.size());
    std::vector<uint8_t> inserted(keys.size());
    table.find_or_insert(batch.keys, batch.hashes.data(), keys.size(), entries.data(), inserted.data());
    std::set<int64_t> seen;
    for (size_t i = 0; i < keys.size(); ++i) {
      const bool is_new = !model_[space].contains(keys[i]) && seen.insert(keys[i]).second;
      ASSERT_EQ(inserted[i] != 0, is_new) << keys[i];
    }
    for (size_t i = 0; i < keys.size(); ++i) {
      const Value value{.number = static_cast<int64_t>(rng_.next()), .first = random_text(), .second = random_text()};
      table.touch(entries[i]);
      put(table, entries[i], value);
      model_[space][keys[i]] = value;
    }
    ASSERT_EQ(table.size(), model_[space].size());
  }

  std::string random_text() {
    const uint64_t size = rng_.below(500) == 0 ? 20'000 : rng_.below(40);
    return std::string(size, static_cast<char>('a' + rng_.below(26)));
  }

  void erase() {
    const int64_t space = random_space();
    KeyedTable* table = state_->find_table(space);
    if (table == nullptr) return;
    const int64_t key = random_key();
    const KeyBatch batch = batch_of(shape_, {&key, 1});
    EntryId entry;
    table->find(batch.keys, batch.hashes.data(), 1, &entry);
    ASSERT_EQ(entry != kNoEntry, model_[space].contains(key));
    if (entry != kNoEntry) table->erase(entry);
    model_[space].erase(key);
  }

  void drop() {
    const int64_t space = random_space();
    state_->drop(space);
    model_.erase(space);
  }

  void begin() {
    if (draining_) {
      if (rng_.below(2) == 0) return;
      state_->abandon_snapshot();
      draining_ = false;
      return;
    }
    savepoint_ = has_base_ && rng_.below(8) == 0;
    state_->begin_snapshot(has_base_ && !savepoint_ ? SnapshotKind::kIncremental : SnapshotKind::kFull);
    at_barrier_ = model_;
    chunks_ = {};
    if (rng_.below(10) == 0) chunks_.fail_in = static_cast<int>(rng_.below(3));
    draining_ = true;
  }

  void drain() {
    const auto done = state_->drain(chunks_, 1 + rng_.below(20'000));
    if (!done.ok()) {
      state_->abandon_snapshot();
      draining_ = false;
      return;
    }
    if (!*done) return;
    draining_ = false;
    if (savepoint_) return compare_restored({chunks_.chunks});
    if (has_base_ && rng_.below(6) == 0) return state_->snapshot_failed();   // it was not published
    if (!has_base_) chain_.clear();
    has_base_ = true;
    chain_.push_back(chunks_.chunks);
    if (chain_.size() > KeyedState::kChainLengthMax) chain_.erase(chain_.begin());
    compare_restored(chain_);
    if (rng_.below(10) == 0) continue_from_restored();
  }

  static void restore(const std::vector<std::vector<std::string>>& chain, KeyedState* state) {
    for (const auto& file : chain) {
      for (const std::string& chunk : file) ASSERT_TRUE(state->restore_chunk(chunk).ok());
    }
  }

  // Restores at another parallelism and looks for every key of every namespace.
  void compare_restored(const std::vector<std::vector<std::string>>& chain) {
    ++restores_;
    const int parallelism = 1 + static_cast<int>(rng_.below(5));
    size_t found = 0;
    for (int subtask = 0; subtask < parallelism; ++subtask) {
      const auto range = column::key_groups_of_subtask(subtask, parallelism, kMaxParallelism);
      KeyedState restored(schema(), range, kMaxParallelism);
      restore(chain, &restored);
      for (const int64_t space : restored.namespaces()) found += restored.find_table(space)->size();
      for (const auto& [space, entries] : at_barrier_) expect_entries(restored, range, space, entries);
    }
    size_t expected = 0;
    for (const auto& [space, entries] : at_barrier_) expected += entries.size();
    ASSERT_EQ(found, expected);
  }

  void expect_entries(KeyedState& restored, column::KeyGroupRange range, int64_t space,
                      const std::map<int64_t, Value>& expected) {
    std::vector<int64_t> keys;
    for (const auto& [key, value] : expected) keys.push_back(key);
    const KeyBatch batch = batch_of(shape_, keys);
    std::vector<EntryId> entries(keys.size(), kNoEntry);
    KeyedTable* table = restored.find_table(space);
    if (table != nullptr) table->find(batch.keys, batch.hashes.data(), keys.size(), entries.data());
    for (size_t i = 0; i < keys.size(); ++i) {
      const bool mine = range.contains(column::key_group_of(batch.hashes[i], kMaxParallelism));
      ASSERT_EQ(entries[i] != kNoEntry, mine) << keys[i];
      if (!mine) continue;
      Value back{.first = std::string(table->bytes(entries[i], 0)), .second = std::string(table->bytes(entries[i], 1))};
      std::memcpy(&back.number, table->value(entries[i]), 8);
      ASSERT_EQ(back, expected.at(keys[i])) << keys[i];
    }
  }

  // A crash: the state goes on from its chain, incrementally.
  void continue_from_restored() {
    state_ = std::make_unique<KeyedState>(schema(), column::KeyGroupRange{0, kMaxParallelism}, kMaxParallelism);
    restore(chain_, state_.get());
    model_ = at_barrier_;
  }

  const Shape& shape_;
  Rng rng_;
  std::unique_ptr<KeyedState> state_;
  Model model_;
  Model at_barrier_;
  bool draining_ = false;
  bool has_base_ = false;
  bool savepoint_ = false;
  ChunkList chunks_;
  std::vector<std::vector<std::string>> chain_;
  int restores_ = 0;
};

TEST(KeyedStateTest, a_restored_chain_equals_the_state_at_the_barrier) {
  for (const Shape& shape : shapes()) {
    for (uint64_t seed = 1; seed <= 2; ++seed) {
      SCOPED_TRACE(fmt::format("{} seed {}", shape.name, seed));
      column::MemoryTracker tracker(1 << 30);
      {
        column::MemoryScope scope(&tracker);
        StateModel model(shape, seed);
        for (int i = 0; i < 2000; ++i) {
          model.step();
          if (testing::Test::HasFatalFailure()) return;
        }
        EXPECT_GT(model.restores(), 3);
        EXPECT_GT(tracker.used_bytes(), static_cast<int64_t>(model.state().memory_bytes()) - 1);
      }
      EXPECT_EQ(tracker.used_bytes(), 0);
    }
  }
}

StateSchema bigint_schema(const char* description = "d") {
  return {.keys = {Type(TypeKind::kBigInt)}, .value_width = 16, .num_byte_strings = 0, .description = description};
}

std::vector<std::string> full_snapshot(KeyedState& state) {
  ChunkList chunks;
  state.begin_snapshot(SnapshotKind::kFull);
  while (!state.drain(chunks, 4096).value()) {
  }
  return chunks.chunks;
}

TEST(KeyedStateTest, many_keys_are_found_again_and_scanned_once) {
  KeyedState state(bigint_schema(), {0, 128}, 128);
  KeyedTable& table = state.table(0);
  const Shape shape = shapes()[0];
  std::vector<EntryId> entries(4000);
  for (int round = 0; round < 2; ++round) {
    for (int64_t from = 0; from < 200'000; from += 4000) {
      std::vector<int64_t> keys;
      for (int64_t key = from; key < from + 4000; ++key) keys.push_back(key * 977);
      const KeyBatch batch = batch_of(shape, keys);
      std::vector<uint8_t> inserted(keys.size());
      table.find_or_insert(batch.keys, batch.hashes.data(), keys.size(), entries.data(), inserted.data());
      EXPECT_EQ(std::ranges::count(inserted, round == 0 ? 1 : 0), 4000);
    }
  }
  EXPECT_EQ(table.size(), 200'000u);
  std::vector<ColumnBuilder> keys;
  keys.emplace_back(Type(TypeKind::kBigInt));
  uint32_t cursor = 0;
  std::vector<EntryId> scanned(1000);
  while (const size_t n = table.scan(&cursor, scanned)) table.read_keys(std::span(scanned).first(n), keys);
  const Column column = keys[0].finish();
  std::set<int64_t> distinct(column.data<int64_t>(), column.data<int64_t>() + column.size);
  EXPECT_EQ(column.size, 200'000u);
  EXPECT_EQ(distinct.size(), 200'000u);
}

TEST(KeyedStateTest, rows_of_a_batch_are_looked_up_by_position) {
  KeyedState state(bigint_schema(), {0, 128}, 128);
  const std::vector<int64_t> keys = {5, 6, 7, 5};
  const KeyBatch batch = batch_of(shapes()[0], keys);
  const std::vector<uint16_t> rows = {1, 3};
  EntryId entries[2];
  state.table(0).find_or_insert(batch.keys, batch.hashes.data(), rows, entries, nullptr);
  EntryId all[4];
  state.table(0).find(batch.keys, batch.hashes.data(), 4, all);
  EXPECT_EQ(all[0], entries[1]);
  EXPECT_EQ(all[1], entries[0]);
  EXPECT_EQ(all[2], kNoEntry);
}

TEST(KeyedStateTest, an_incremental_snapshot_holds_what_was_touched_and_a_sixteenth) {
  KeyedState state(bigint_schema(), {0, 128}, 128);
  std::vector<int64_t> keys(16'000);
  for (size_t i = 0; i < keys.size(); ++i) keys[i] = static_cast<int64_t>(i);
  std::vector<EntryId> entries(keys.size());
  const KeyBatch batch = batch_of(shapes()[0], keys);
  state.table(0).find_or_insert(batch.keys, batch.hashes.data(), keys.size(), entries.data(), nullptr);
  size_t full_bytes = 0;
  for (const std::string& chunk : full_snapshot(state)) full_bytes += chunk.size();
  for (int i = 0; i < 160; ++i) state.table(0).touch(entries[static_cast<size_t>(i) * 7]);
  ChunkList chunks;
  state.begin_snapshot(SnapshotKind::kIncremental);
  while (!state.drain(chunks, 4096).value()) {
  }
  size_t bytes = 0;
  for (const std::string& chunk : chunks.chunks) {
    bytes += chunk.size();
    EXPECT_LT(chunk.size(), 4096u + 1000u);
  }
  EXPECT_LT(bytes, full_bytes / 10);
  EXPECT_GT(bytes, full_bytes / 20);
}

TEST(KeyedStateTest, entries_that_come_and_go_leave_nothing_behind) {
  KeyedState state(bigint_schema(), {0, 128}, 128);
  full_snapshot(state);
  const std::vector<int64_t> keys = {1};
  const KeyBatch batch = batch_of(shapes()[0], keys);
  EntryId entry;
  for (int i = 0; i < 1000; ++i) {
    state.table(0).find_or_insert(batch.keys, batch.hashes.data(), 1, &entry, nullptr);
    state.table(0).erase(entry);
  }
  const size_t bytes = state.memory_bytes();
  for (int i = 0; i < 100'000; ++i) {
    state.table(0).find_or_insert(batch.keys, batch.hashes.data(), 1, &entry, nullptr);
    state.table(0).erase(entry);
  }
  EXPECT_LT(state.memory_bytes(), bytes + 10'000);
}

TEST(KeyedStateTest, chunks_of_another_schema_are_refused_and_damaged_ones_found) {
  KeyedState state(bigint_schema(), {0, 128}, 128);
  const std::vector<int64_t> keys = {1, 2, 3};
  const KeyBatch batch = batch_of(shapes()[0], keys);
  EntryId entries[3];
  state.table(7).find_or_insert(batch.keys, batch.hashes.data(), 3, entries, nullptr);
  const std::string chunk = full_snapshot(state)[0];
  KeyedState other(bigint_schema("other"), {0, 128}, 128);
  EXPECT_EQ(other.restore_chunk(chunk).error().code(), ErrorCode::kStateIncompatible);
  for (size_t length = 0; length < chunk.size(); ++length) {
    KeyedState same(bigint_schema(), {0, 128}, 128);
    const Status restored = same.restore_chunk(std::string_view(chunk).substr(0, length));
    if (!restored.ok()) EXPECT_EQ(restored.error().code(), ErrorCode::kCorrupt);
    else EXPECT_TRUE(same.namespaces().empty());
  }
}

TEST(KeyedStateTest, a_damaged_chunk_is_refused_or_read_but_never_breaks_anything) {
  const Shape shape = shapes()[3];
  const StateSchema schema{.keys = shape.types, .value_width = 8, .num_byte_strings = 2, .description = "d"};
  KeyedState state(schema, {0, 128}, 128);
  const std::vector<int64_t> keys = {1, 2, 3, 5, 7, 14, 35};
  const KeyBatch batch = batch_of(shape, keys);
  std::vector<EntryId> entries(keys.size());
  state.table(1).find_or_insert(batch.keys, batch.hashes.data(), keys.size(), entries.data(), nullptr);
  for (const EntryId entry : entries) state.table(1).set_bytes(entry, 0, "a text that is longer than twelve bytes");
  const std::string chunk = full_snapshot(state)[0];
  Rng rng(1);
  for (int i = 0; i < 20'000; ++i) {
    std::string damaged = chunk;
    for (uint64_t flips = 1 + rng.below(3); flips > 0; --flips) {
      damaged[rng.below(damaged.size())] ^= static_cast<char>(1 << rng.below(8));
    }
    KeyedState restored(schema, {0, 128}, 128);
    const Status status = restored.restore_chunk(damaged);
    if (status.ok()) (void)full_snapshot(restored);
  }
}

TEST(KeyedStateTest, a_snapshot_with_another_hash_is_hashed_anew) {
  KeyedState state(bigint_schema(), {0, 128}, 128);
  const std::vector<int64_t> keys = {1, 2, 3};
  KeyBatch batch = batch_of(shapes()[0], keys);
  EntryId entries[3];
  const uint64_t strange[3] = {11, 12, 13};
  state.table(7).find_or_insert(batch.keys, strange, 3, entries, nullptr);
  std::string chunk = full_snapshot(state)[0];
  chunk[4] = 99;   // the hash id
  KeyedState restored(bigint_schema(), {0, 128}, 128);
  ASSERT_TRUE(restored.restore_chunk(chunk).ok());
  restored.table(7).find(batch.keys, batch.hashes.data(), 3, entries);
  EXPECT_EQ(std::ranges::count(entries, kNoEntry), 0);
}

TEST(KeyedStateTest, one_entry_without_keys) {
  KeyedState state({.keys = {}, .value_width = 8, .description = "global"}, {0, 128}, 128);
  const uint64_t hashes[2] = {3, 3};
  EntryId entries[2];
  state.table(0).find_or_insert({}, hashes, 2, entries, nullptr);
  EXPECT_EQ(entries[0], entries[1]);
  EXPECT_EQ(state.table(0).size(), 1u);
}

}  // namespace
}  // namespace raudal::state
