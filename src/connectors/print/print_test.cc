#include "connectors/print/print.h"

#include <gtest/gtest.h>

#include "column/builder.h"

namespace raudal::connectors::print {
namespace {

using column::ColumnBuilder;
using column::Type;
using column::TypeKind;

// The lines that a sink with these options prints for a batch.
std::string printed(const connector::Options& options, const column::Batch& batch, int parallelism = 1) {
  connector::Registry registry;
  register_connector(registry);
  char* text = nullptr;
  size_t size = 0;
  std::FILE* file = open_memstream(&text, &size);
  const connector::Table table{.options = options};
  const auto sink = registry.find_connector("print")->make_sink(table, {.print_output = file});
  EXPECT_TRUE(sink.ok());
  const auto writer = (*sink)->make_writer();
  EXPECT_TRUE(writer->open({.subtask = parallelism - 1, .parallelism = parallelism}).ok());
  EXPECT_TRUE(writer->write(batch).ok());
  std::fclose(file);
  std::string lines(text, size);
  std::free(text);
  return lines;
}

column::Batch two_rows() {
  ColumnBuilder a{Type(TypeKind::kInt)};
  a.append<int32_t>(1);
  a.append_null();
  ColumnBuilder b{Type::string()};
  b.append_string("x");
  b.append_string("a string beyond twelve bytes");
  column::Batch batch{.num_rows = 2};
  batch.columns = {a.finish(), b.finish()};
  return batch;
}

TEST(Print, writes_change_kind_and_fields_of_selected_rows) {
  column::Batch batch = two_rows();
  EXPECT_EQ(printed({}, batch), "+I[1, x]\n+I[null, a string beyond twelve bytes]\n");
  batch.change_kinds = column::Buffer::allocate(2);
  batch.change_kinds->as<uint8_t>()[0] = 1;
  batch.change_kinds->as<uint8_t>()[1] = 3;
  batch.selection = {.rows = column::Buffer::allocate(2), .size = 1};
  batch.selection.rows->as<uint16_t>()[0] = 1;
  EXPECT_EQ(printed({}, batch), "-D[null, a string beyond twelve bytes]\n");
}

TEST(Print, puts_identifier_and_subtask_before_a_row) {
  column::Batch batch = column::slice(two_rows(), 0, 1);
  EXPECT_EQ(printed({{"print-identifier", "out"}}, batch), "out> +I[1, x]\n");
  EXPECT_EQ(printed({{"print-identifier", "out"}}, batch, 2), "out:2> +I[1, x]\n");
  EXPECT_EQ(printed({}, batch, 2), "2> +I[1, x]\n");
}

// What Flink 1.20 printed for the same values.
TEST(Print, writes_values_as_java_does) {
  ColumnBuilder at{Type::timestamp(6)};
  at.append<int64_t>(1'767'225'610'000'000);
  ColumnBuilder full_minute{Type::timestamp(3)};
  full_minute.append<int64_t>(1'767'225'600'000'000);
  ColumnBuilder fraction{Type::timestamp(6)};
  fraction.append<int64_t>(1'767'225'600'123'400);
  ColumnBuilder instant{Type::timestamp_ltz(3)};
  instant.append<int64_t>(1'000'000);
  ColumnBuilder time{Type::time(0)};
  time.append<int32_t>((10 * 60 + 11) * 60'000);
  ColumnBuilder price{Type::decimal(10, 2)};
  price.append<int64_t>(150);
  ColumnBuilder row{Type::row({{"x", Type(TypeKind::kInt)}, {"y", Type::string()}})};
  row.child(0).append<int32_t>(1);
  row.child(1).append_null();
  row.close_row();
  ColumnBuilder list{Type::array(Type::string())};
  list.child(0).append_string("a");
  list.child(0).append_null();
  list.close_row();
  ColumnBuilder map{Type::map(Type::string(), Type(TypeKind::kInt))};
  map.child(0).append_string("k");
  map.child(1).append<int32_t>(1);
  map.close_row();
  ColumnBuilder bytes{Type::varbinary(10)};
  bytes.append_string("\x01\xFF");
  ColumnBuilder number{Type(TypeKind::kDouble)};
  number.append<double>(1e10);
  ColumnBuilder flag{Type(TypeKind::kBoolean)};
  flag.append<uint8_t>(1);
  column::Batch batch{.num_rows = 1};
  for (ColumnBuilder* builder : {&at, &full_minute, &fraction, &instant, &time, &price, &row, &list, &map, &bytes,
                                 &number, &flag}) {
    batch.columns.push_back(builder->finish());
  }
  EXPECT_EQ(printed({}, batch),
            "+I[2026-01-01T00:00:10, 2026-01-01T00:00, 2026-01-01T00:00:00.123400, 1970-01-01T00:00:01Z, 10:11, 1.50, "
            "+I[1, null], [a, null], {k=1}, [1, -1], 1.0E10, true]\n");
}

}  // namespace
}  // namespace raudal::connectors::print
