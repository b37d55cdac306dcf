#include "column/batch.h"

#include "column/builder.h"

namespace raudal::column {
namespace {

Column integers(std::vector<int64_t> values) {
  ColumnBuilder builder{Type(TypeKind::kBigInt)};
  for (int64_t value : values) builder.append(value);
  return builder.finish();
}

Column strings(std::vector<std::string> values) {
  ColumnBuilder builder(Type::string());
  for (const std::string& value : values) value == "null" ? builder.append_null() : builder.append_string(value);
  return builder.finish();
}

Column lists() {
  ColumnBuilder builder(Type::array(Type(TypeKind::kBigInt)));
  for (int64_t row = 0; row < 4; ++row) {
    for (int64_t i = 0; i < row; ++i) builder.child(0).append(row * 10 + i);
    builder.close_row();
  }
  return builder.finish();
}

TEST(Batch, flatten_keeps_the_selected_rows_in_order) {
  Batch batch;
  batch.num_rows = 4;
  batch.columns = {integers({10, 11, 12, 13}), strings({"a", "null", "a string longer than twelve", "d"}), lists()};
  batch.selection.rows = Buffer::allocate(2 * sizeof(uint16_t));
  batch.selection.rows->as<uint16_t>()[0] = 2;
  batch.selection.rows->as<uint16_t>()[1] = 3;
  batch.selection.size = 2;
  const Batch flat = flatten(batch);
  EXPECT_EQ(flat.num_rows, 2u);
  EXPECT_EQ(flat.columns[0].data<int64_t>()[1], 13);
  EXPECT_EQ(flat.columns[1].string(0), "a string longer than twelve");
  EXPECT_EQ(flat.columns[2].offsets->as<int32_t>()[2], 5);
  EXPECT_EQ(flat.columns[2].children[0].data<int64_t>()[2], 30);
}

TEST(Batch, gather_of_few_rows_copies_long_strings_and_drops_the_old_heap) {
  std::vector<std::string> values(100, "a string longer than twelve");
  const Column column = strings(values);
  const uint16_t rows[] = {1, 99};
  const Column few = gather(column, rows, 2);
  EXPECT_EQ(few.string(1), values[99]);
  EXPECT_NE(few.heaps[0], column.heaps[0]);
  std::vector<uint16_t> many(100);
  for (uint16_t i = 0; i < 100; ++i) many[i] = i;
  EXPECT_EQ(gather(column, many.data(), 50).heaps, column.heaps);
}

TEST(Batch, concatenate_and_slice_are_inverse) {
  Batch a;
  a.num_rows = 4;
  a.columns = {integers({0, 1, 2, 3}), strings({"x", "null", "y", "z"}), lists()};
  Batch both = concatenate(a, a);
  EXPECT_EQ(both.num_rows, 8u);
  const Batch second = slice(both, 4, 4);
  for (size_t row = 0; row < 4; ++row) {
    EXPECT_EQ(second.columns[0].data<int64_t>()[row], a.columns[0].data<int64_t>()[row]);
    EXPECT_EQ(second.columns[1].is_valid(row), a.columns[1].is_valid(row));
  }
  EXPECT_EQ(second.columns[2].offsets->as<int32_t>()[4], 6);
  EXPECT_EQ(second.columns[2].children[0].data<int64_t>()[5], 32);
}

TEST(MemoryTracker, counts_the_buffers_made_in_its_scope) {
  MemoryTracker tracker(1 << 20);
  {
    BufferPtr buffer;
    {
      MemoryScope scope(&tracker);
      buffer = Buffer::allocate(1000);
    }
    EXPECT_GE(tracker.used_bytes(), 1000);
    EXPECT_FALSE(tracker.exhausted());
  }
  EXPECT_EQ(tracker.used_bytes(), 0);
}

TEST(ColumnBuilder, truncate_drops_half_a_row) {
  ColumnBuilder builder(Type::row({{"a", Type(TypeKind::kBigInt)}, {"b", Type::array(Type::string())}}));
  builder.child(0).append(int64_t{1});
  builder.child(1).child(0).append_string("x");
  builder.child(1).close_row();
  builder.close_row();
  builder.child(0).append(int64_t{2});
  builder.child(1).child(0).append_string("never closed");
  builder.truncate(1);
  builder.append_null();
  const Column column = builder.finish();
  EXPECT_EQ(column.size, 2u);
  EXPECT_FALSE(column.is_valid(1));
  EXPECT_EQ(column.children[0].size, 2u);
  EXPECT_EQ(column.children[1].children[0].size, 1u);
  EXPECT_EQ(builder.size(), 0u);
}

TEST(ColumnBuilder, append_from_copies_nested_values) {
  const Column from = lists();
  ColumnBuilder builder(from.type, 1);
  for (size_t row = 0; row < 4; ++row) builder.append_from(from, 3 - row);
  const Column column = builder.finish();
  EXPECT_EQ(column.offsets->as<int32_t>()[1], 3);
  EXPECT_EQ(column.children[0].data<int64_t>()[3], 20);
}

TEST(Type, prints_as_flink_does) {
  EXPECT_EQ(Type::decimal(10, 2).with_nullable(false).to_string(), "DECIMAL(10, 2) NOT NULL");
  EXPECT_EQ(Type::row({{"a", Type(TypeKind::kInt)}, {"b", Type::string()}}).to_string(), "ROW<`a` INT, `b` STRING>");
  EXPECT_TRUE(Type::array(Type::string()).same_as(Type::array(Type::string().with_nullable(false))));
  EXPECT_FALSE(Type::varchar(3).same_as(Type::string()));
}

}  // namespace
}  // namespace raudal::column
