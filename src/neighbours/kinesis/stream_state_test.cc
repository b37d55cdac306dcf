#include "neighbours/kinesis/stream_state.h"

#include <gtest/gtest.h>

#include "neighbours/kinesis/record_codec.h"
#include "neighbours/kinesis/shard_iterator.h"

namespace raudal::neighbours::kinesis {
namespace {

TEST(SequenceNumberTest, what_is_written_is_read) {
  const SequenceNumber numbers[] = {
      {.birth_s = 1'700'000'000, .shard = 0, .index = 0, .step = 0, .time_s = 1'700'000'000},
      {.birth_s = 1'700'000'001, .shard = 4'000'000'000, .index = INT64_MAX, .step = 255, .time_s = (1ull << 36) - 1},
      {.birth_s = (1ull << 36) - 1, .shard = 17, .index = UINT64_MAX, .step = 1, .time_s = 0}};
  for (const SequenceNumber& number : numbers) {
    const std::string text = format_sequence_number(number);
    EXPECT_EQ(text.size(), 56u);
    const auto read = parse_sequence_number(text);
    ASSERT_TRUE(read.has_value()) << text;
    EXPECT_EQ(read->birth_s, number.birth_s);
    EXPECT_EQ(read->shard, number.shard);
    EXPECT_EQ(read->index, number.index);
    EXPECT_EQ(read->step, number.step);
    EXPECT_EQ(read->time_s, number.time_s);
  }
}

TEST(SequenceNumberTest, order_is_by_birth_index_and_step) {
  const std::string ordered[] = {
      format_sequence_number({.birth_s = 5, .index = 1, .time_s = 900}),
      format_sequence_number({.birth_s = 5, .index = 1, .step = 255, .time_s = 1}),
      format_sequence_number({.birth_s = 5, .index = 2, .time_s = 0}),
      format_sequence_number({.birth_s = 5, .index = 1ull << 40, .time_s = 0}),
      format_sequence_number({.birth_s = 6, .index = 0, .time_s = 0}),
  };
  for (size_t i = 1; i < std::size(ordered); ++i) EXPECT_LT(ordered[i - 1], ordered[i]);
}

TEST(SequenceNumberTest, other_texts_are_none) {
  for (const char* text : {"", "0", "12", "99999999999999999999999999999999999999999999999999999999",
                           "4959033827149025660855969253836157109592157598913658889x",
                           "10000000000000000000000000000000000000000000000000000000"}) {
    EXPECT_FALSE(parse_sequence_number(text).has_value()) << text;
  }
}

TEST(HashKeyTest, reads_decimals_below_two_to_the_128) {
  EXPECT_EQ(format_hash_key(kHashKeyMax), "340282366920938463463374607431768211455");
  EXPECT_EQ(parse_hash_key("340282366920938463463374607431768211455"), kHashKeyMax);
  EXPECT_EQ(parse_hash_key("0"), HashKey{0});
  for (const char* text : {"", "340282366920938463463374607431768211456", "01", "-1", "1a", " 1"}) {
    EXPECT_FALSE(parse_hash_key(text).has_value()) << text;
  }
  // md5("abc") = 900150983cd24fb0d6963f7d28e17f72
  EXPECT_EQ(hash_of("abc"), HashKey{0x900150983cd24fb0} << 64 | 0xd6963f7d28e17f72);
}

// Open shards hold every key once, and children are born after their parents.
void check_shards(const StreamState& state) {
  HashKey next = 0;
  for (const uint32_t index : state.open_shards()) {
    EXPECT_EQ(format_hash_key(state.shards[index].first_key), format_hash_key(next));
    next = state.shards[index].last_key + 1;
  }
  EXPECT_EQ(format_hash_key(next), "0");
  for (const Shard& shard : state.shards) {
    for (const auto& parent : {shard.parent, shard.adjacent_parent}) {
      if (!parent) continue;
      EXPECT_LT(state.shards[*parent].ending_sequence_number(), shard.starting_sequence_number());
      EXPECT_FALSE(state.shards[*parent].is_open());
    }
  }
}

TEST(StreamStateTest, scaling_from_any_count_to_any) {
  for (uint32_t from = 1; from <= 9; ++from) {
    for (uint32_t to = 1; to <= 18; ++to) {
      StreamState state;
      state.add_even_shards(from, 1'000'000);
      state.scale_to(to, 1'000'001);
      EXPECT_EQ(state.open_shards().size(), to) << from;
      check_shards(state);
      StreamState even;
      even.add_even_shards(to, 0);
      const auto open = state.open_shards();
      for (uint32_t i = 0; i < to; ++i) EXPECT_TRUE(even.shards[i].first_key == state.shards[open[i]].first_key);
    }
  }
}

TEST(StreamStateTest, document_keeps_everything) {
  StreamState state{.number = 7,
                    .name = "s",
                    .created_ms = 123,
                    .is_on_demand = true,
                    .retention_hours = 48,
                    .trimmed_ms = 9,
                    .key_id = "k",
                    .record_kib_max = 2048,
                    .warm_mib_per_s = 3,
                    .metrics = {"IncomingBytes"},
                    .consumers = {{.name = "c", .created_ms = 5, .tags = {{"x", "y"}}}},
                    .tags = {{"a", "\"b\""}},
                    .policies = {{"arn", "{}"}}};
  state.add_even_shards(3, 1'000);
  state.merge(0, 1, 2'000);
  const std::string document = encode_state(state);
  const auto read = decode_state(document);
  ASSERT_TRUE(read.ok()) << read.error().message();
  EXPECT_EQ(encode_state(*read), document);
  EXPECT_EQ(read->shards[3].adjacent_parent, 1u);
  EXPECT_EQ(read->consumers[0].tags.at("x"), "y");
  EXPECT_EQ(decode_state(document.substr(0, document.size() - 1)).error().code(), ErrorCode::kCorrupt);
  EXPECT_EQ(decode_state("{}").error().code(), ErrorCode::kCorrupt);
}

TEST(RecordCodecTest, damaged_entries_end_early) {
  std::string entry;
  begin_entry(entry, true);
  append_record(entry, "key", std::string(300, 'd'));
  append_record(entry, "", "");
  EntryReader reader(entry);
  EXPECT_TRUE(reader.is_encrypted());
  EXPECT_EQ(reader.next()->data.size(), 300u);
  EXPECT_EQ(reader.next()->partition_key, "");
  EXPECT_FALSE(reader.next().has_value());
  for (size_t cut = 0; cut < entry.size() - 2; ++cut) {
    EntryReader damaged(std::string_view(entry).substr(0, cut));
    EXPECT_FALSE(damaged.next().has_value()) << cut;
  }
}

TEST(ShardIteratorTest, only_what_was_sealed_is_opened) {
  const ShardIterator iterator{.stream = 3, .shard = 4, .cursor = {.sequence = 5, .offset = 6}, .issued_ms = 7};
  const std::string sealed = seal_iterator(iterator, "key");
  EXPECT_TRUE(sealed.starts_with("AAAAAAAAAA"));
  const auto opened = open_iterator(sealed, "key");
  ASSERT_TRUE(opened.has_value());
  EXPECT_EQ(opened->cursor.sequence, 5u);
  EXPECT_EQ(opened->issued_ms, 7);
  EXPECT_FALSE(open_iterator(sealed, "other").has_value());
  EXPECT_FALSE(open_iterator(seal_token("text", 7, "key"), "key").has_value());
  for (size_t i = 0; i < sealed.size(); ++i) {
    std::string changed = sealed;
    changed[i] = changed[i] == 'B' ? 'C' : 'B';
    EXPECT_FALSE(open_iterator(changed, "key").has_value()) << i;
  }
}

}  // namespace
}  // namespace raudal::neighbours::kinesis
