#include "connectors/datagen/datagen.h"

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "base/str.h"
#include "connector/source_contract.h"
#include "connectors/datagen/row_ranges.h"

namespace raudal::connectors::datagen {
namespace {

using column::Type;
using column::TypeKind;
using connector::SourceDriver;
using connector::Table;

const Type kBigInt(TypeKind::kBigInt);

class Datagen : public testing::Test {
 protected:
  Datagen() { register_connector(registry_); }

  Result<std::unique_ptr<connector::Source>> make(const Table& table, std::vector<std::string> names = {}) {
    column::Schema produced;
    for (const column::Field& field : table.columns) {
      if (names.empty() || std::ranges::find(names, field.name) != names.end()) produced.push_back(field);
    }
    const connector::Connector* connector = TRY(registry_.connector_of(table));
    return connector->make_source(table, produced, {.clock = &clock_, .registry = &registry_});
  }

  std::vector<std::string> read(const Table& table, std::vector<std::string> names = {}, int parallelism = 1) {
    const auto source = make(table, std::move(names));
    EXPECT_TRUE(source.ok()) << (source.ok() ? "" : source.error().message());
    if (!source.ok()) return {};
    SourceDriver driver(**source, clock_, {.parallelism = parallelism});
    EXPECT_TRUE(driver.open_fresh().ok());
    EXPECT_TRUE(driver.run().ok());
    return driver.rows();
  }

  std::string refusal(const Table& table) {
    const auto source = make(table);
    EXPECT_FALSE(source.ok());
    if (source.ok()) return "";
    EXPECT_EQ(source.error().code(), ErrorCode::kSqlOption);
    return source.error().message();
  }

  ManualClock clock_{1'767'225'600'123'456};   // 2026-01-01 00:00:00.123456
  connector::Registry registry_;
};

Table numbers(connector::Options options) {
  options["connector"] = "datagen";
  return {.name = "numbers", .columns = {{"n", kBigInt}, {"s", Type::string()}}, .options = std::move(options)};
}

TEST_F(Datagen, yields_a_sequence_and_ends_with_it) {
  const Table table = numbers({{"fields.n.kind", "sequence"}, {"fields.n.start", "1"}, {"fields.n.end", "5"},
                               {"fields.s.length", "3"}});
  EXPECT_TRUE((*make(table))->bounded());
  EXPECT_EQ(read(table, {"n"}), (std::vector<std::string>{"1", "2", "3", "4", "5"}));
  // The sequence ends the table although it is not read.
  const std::vector<std::string> strings = read(table, {"s"});
  ASSERT_EQ(strings.size(), 5u);
  for (const std::string& text : strings) EXPECT_EQ(text.size(), 3u);
}

TEST_F(Datagen, is_bounded_only_by_number_of_rows_or_a_sequence) {
  EXPECT_FALSE((*make(numbers({})))->bounded());
  EXPECT_TRUE((*make(numbers({{"number-of-rows", "7"}})))->bounded());
  EXPECT_EQ(read(numbers({{"number-of-rows", "7"}}), {"n"}).size(), 7u);
  EXPECT_EQ(read(numbers({{"number-of-rows", "7"}}), {"n"}, 4).size(), 7u);
  EXPECT_TRUE(read(numbers({{"number-of-rows", "0"}})).empty());
}

TEST_F(Datagen, draws_every_number_of_a_range_and_no_other) {
  const Table table = numbers({{"number-of-rows", "1000"}, {"fields.n.min", "-2"}, {"fields.n.max", "2"}});
  const std::vector<std::string> rows = read(table, {"n"});
  EXPECT_EQ(std::set<std::string>(rows.begin(), rows.end()), (std::set<std::string>{"-2", "-1", "0", "1", "2"}));
}

TEST_F(Datagen, gives_the_same_rows_at_any_parallelism_and_projection) {
  const Table table = numbers({{"number-of-rows", "300"}});
  std::vector<std::string> one = read(table, {"n"}, 1);
  std::vector<std::string> three = read(table, {"n"}, 3);
  std::vector<std::string> both = read(table);
  for (std::string& row : both) row = split(row, '\t')[0];
  std::ranges::sort(one);
  std::ranges::sort(three);
  std::ranges::sort(both);
  EXPECT_EQ(one, three);
  EXPECT_EQ(one, both);
}

TEST_F(Datagen, keeps_its_rate_without_blocking) {
  const auto source = make(numbers({{"rows-per-second", "100"}}), {"n"});
  SourceDriver driver(**source, clock_, {.parallelism = 2});
  ASSERT_TRUE(driver.open_fresh().ok());
  const int64_t begin_us = clock_.wall_us();
  while (clock_.wall_us() < begin_us + 10'000'000) ASSERT_TRUE(driver.step().ok());
  // 100 at once, then 100 each second.
  EXPECT_GE(driver.rows().size(), 1080u);
  EXPECT_LE(driver.rows().size(), 1110u);
}

TEST_F(Datagen, makes_all_types) {
  const Type row = Type::row({{"a", kBigInt}, {"b", Type(TypeKind::kBoolean)}});
  const Table table{
      .name = "all",
      .columns = {{"flag", Type(TypeKind::kBoolean)}, {"tiny", Type(TypeKind::kTinyInt)},
                  {"price", Type::decimal(10, 2)}, {"wide", Type::decimal(30, 3)},
                  {"ratio", Type(TypeKind::kDouble)}, {"code", Type::character(4)}, {"name", Type::varchar(7)},
                  {"day", Type(TypeKind::kDate)}, {"at", Type::timestamp(3)}, {"r", row},
                  {"list", Type::array(kBigInt)}, {"m", Type::map(Type::string(), kBigInt)}, {"gone", kBigInt}},
      .options = {{"connector", "datagen"}, {"number-of-rows", "50"}, {"fields.price.min", "1"},
                  {"fields.price.max", "2"}, {"fields.ratio.min", "0"}, {"fields.ratio.max", "1"},
                  {"fields.name.var-len", "true"}, {"fields.r.a.min", "3"}, {"fields.r.a.max", "3"},
                  {"fields.list.length", "2"}, {"fields.list.element.min", "7"}, {"fields.list.element.max", "7"},
                  {"fields.m.length", "1"}, {"fields.m.key.length", "2"}, {"fields.m.value.min", "1"},
                  {"fields.m.value.max", "1"}, {"fields.gone.null-rate", "1"}}};
  const std::vector<std::string> rows = read(table);
  ASSERT_EQ(rows.size(), 50u);
  for (const std::string& text : rows) {
    const std::vector<std::string> fields = split(text, '\t');
    ASSERT_EQ(fields.size(), 13u) << text;
    EXPECT_TRUE(fields[2].starts_with("1.") || fields[2] == "2.00") << text;
    EXPECT_EQ(fields[5].size(), 4u);
    EXPECT_LE(fields[6].size(), 7u);
    EXPECT_EQ(fields[7], "2026-01-01");
    EXPECT_EQ(fields[8], "2026-01-01 00:00:00.123");
    EXPECT_EQ(fields[10], "[7, 7]");
    EXPECT_EQ(fields[12], "<NULL>");
  }
}

TEST_F(Datagen, refuses_options_that_fit_no_column_or_type) {
  EXPECT_NE(refusal(numbers({{"fields.x.min", "1"}})).find("fields.x.min"), std::string::npos);
  EXPECT_NE(refusal(numbers({{"fields.n.length", "1"}})).find("fields.n.length"), std::string::npos);
  EXPECT_NE(refusal(numbers({{"fields.n.kind", "sequence"}})).find("fields.n.start"), std::string::npos);
  EXPECT_NE(refusal(numbers({{"fields.n.min", "2"}, {"fields.n.max", "1"}})).find("fields.n.min"),
            std::string::npos);
  EXPECT_NE(refusal(numbers({{"rows-per-second", "0"}})).find("rows-per-second"), std::string::npos);
  EXPECT_NE(refusal(numbers({{"colour", "red"}})).find("colour"), std::string::npos);
}

TEST_F(Datagen, yields_each_row_once_whenever_it_is_restored) {
  const Table table = numbers({{"number-of-rows", "200"}, {"rows-per-second", "50"}, {"fields.n.kind", "sequence"},
                               {"fields.n.start", "-100"}, {"fields.n.end", "99"}, {"fields.s.null-rate", "0.5"}});
  const std::vector<std::string> expected = read(table);
  ASSERT_EQ(expected.size(), 200u);
  const auto checked = check_source(**make(table), clock_, expected, 200);
  EXPECT_TRUE(checked.ok()) << checked.error().message();
}

TEST_F(Datagen, refuses_state_that_it_cannot_read) {
  const auto source = make(numbers({}));
  SourceDriver driver(**source, clock_, {});
  const Status opened = driver.open_restored({"1 5 x -"});
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code(), ErrorCode::kCorrupt);
}

TEST(RowRanges, survive_encoding) {
  for (const RowRange& range : {RowRange{.begin = 7, .stride = 3}, RowRange{.begin = 7, .stride = 3, .end = 11}}) {
    const auto decoded = decode_range(encode_range(range));
    ASSERT_TRUE(decoded.ok());
    EXPECT_EQ(decoded->begin, range.begin);
    EXPECT_EQ(decoded->stride, range.stride);
    EXPECT_EQ(decoded->end, range.end);
  }
}

}  // namespace
}  // namespace raudal::connectors::datagen
