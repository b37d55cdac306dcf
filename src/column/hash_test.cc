#include "column/hash.h"

#include <bit>
#include <set>

#include "column/builder.h"

namespace raudal::column {
namespace {

template <class T>
Column column_of(Type type, std::vector<T> values) {
  ColumnBuilder builder(std::move(type));
  for (T value : values) builder.append(value);
  return builder.finish();
}

std::vector<uint64_t> hashes_of(std::vector<Column> keys) {
  std::vector<uint64_t> hashes(keys[0].size);
  hash_rows(keys, keys[0].size, hashes.data());
  return hashes;
}

TEST(HashRows, every_input_bit_moves_half_of_the_output_bits) {
  const Type bigint(TypeKind::kBigInt);
  double moved = 0;
  for (int bit = 0; bit < 64; ++bit) {
    const auto hashes = hashes_of({column_of<int64_t>(bigint, {7, static_cast<int64_t>(7ull ^ (1ull << bit))})});
    const int distance = std::popcount(hashes[0] ^ hashes[1]);
    EXPECT_GT(distance, 12);
    moved += distance;
  }
  EXPECT_NEAR(moved / 64, 32, 3);
}

TEST(HashRows, small_keys_spread_over_key_groups) {
  std::vector<int64_t> values;
  for (int64_t i = 0; i < 4096; ++i) values.push_back(i);
  std::vector<int> groups(128);
  for (uint64_t hash : hashes_of({column_of<int64_t>(Type(TypeKind::kBigInt), values)})) {
    groups[static_cast<size_t>(key_group_of(hash, 128).value())]++;
  }
  for (int count : groups) EXPECT_NEAR(count, 32, 30);
}

TEST(HashRows, equal_values_hash_equally_whatever_their_form) {
  const Column zeros = column_of<double>(Type(TypeKind::kDouble), {0.0, -0.0});
  EXPECT_EQ(hashes_of({zeros})[0], hashes_of({zeros})[1]);
  ColumnBuilder a(Type::character(3));
  ColumnBuilder b(Type::string());
  a.append_string("abc");
  b.append_string("abc");
  a.append_string("longer than twelve bytes");
  b.append_string("longer than twelve bytes");
  EXPECT_EQ(hashes_of({a.finish()}), hashes_of({b.finish()}));
}

TEST(HashRows, null_and_the_order_of_columns_matter) {
  ColumnBuilder builder{Type(TypeKind::kInt)};
  builder.append(int32_t{0});
  builder.append_null();
  const Column with_null = builder.finish();
  const Column numbers = column_of<int32_t>(Type(TypeKind::kInt), {1, 2});
  std::set<uint64_t> all;
  for (uint64_t hash : hashes_of({with_null, numbers})) all.insert(hash);
  for (uint64_t hash : hashes_of({numbers, with_null})) all.insert(hash);
  EXPECT_EQ(all.size(), 4u);
}

TEST(KeyGroups, subtasks_share_them_as_flink_does) {
  for (int parallelism : {1, 3, 7, 128}) {
    int32_t next = 0;
    for (int i = 0; i < parallelism; ++i) {
      const KeyGroupRange range = key_groups_of_subtask(i, parallelism, 128);
      EXPECT_EQ(range.begin, next);
      next = range.end;
      for (int32_t g = range.begin; g < range.end; ++g) {
        EXPECT_EQ(subtask_of_key_group(KeyGroup(g), parallelism, 128), i);
      }
    }
    EXPECT_EQ(next, 128);
  }
}

}  // namespace
}  // namespace raudal::column
