#include "formats/csv/csv.h"

#include <gtest/gtest.h>

#include "base/rng.h"
#include "base/str.h"
#include "column/builder.h"
#include "connector/source_contract.h"

namespace raudal::formats::csv {
namespace {

using column::ColumnBuilder;
using column::Schema;
using column::Type;
using column::TypeKind;
using connector::Options;
using Rows = std::vector<std::string>;

const Type kInt(TypeKind::kInt);

const connector::Format& format() {
  static const connector::Registry registry = [] {
    connector::Registry made;
    register_format(made);
    return made;
  }();
  return *registry.find_format("csv");
}

// Blocks of any size give the same rows.
Result<Rows> decode(const Schema& columns, std::string_view text, const Options& options = {},
                    const Schema& produced = {}, size_t block_bytes = 1 << 20) {
  const auto decoder =
      TRY(format().make_decoder({.columns = columns}, produced.empty() ? columns : produced, options));
  Rows rows;
  size_t begin = 0;
  for (size_t end = std::min(block_bytes, text.size()); begin < text.size();) {
    std::string block(text.substr(begin, end - begin));
    block.reserve(block.size() + 64);
    const size_t consumed = TRY(decoder->decode(block, end == text.size(), 3));
    const Rows some = connector::rows_as_text(decoder->take());
    rows.insert(rows.end(), some.begin(), some.end());
    begin += consumed;
    if (consumed == 0) EXPECT_LT(end, text.size());
    end = std::min(end + block_bytes, text.size());
  }
  return rows;
}

// The rows of (id INT, v type), joined by '/'; "error" where a row does not decode.
std::string decoded(const Type& type, std::string_view text, const Options& options = {}) {
  const Schema columns = {{"id", kInt}, {"v", type}};
  const auto rows = decode(columns, text, options);
  const auto in_pieces = decode(columns, text, options, {}, 1);
  if (!rows.ok()) {
    EXPECT_FALSE(in_pieces.ok());
    return rows.error().code() == ErrorCode::kDecode ? "error" : rows.error().message();
  }
  EXPECT_TRUE(in_pieces.ok() && *in_pieces == *rows) << text;
  return join(*rows, "/");
}

const Options kIgnore = {{"ignore-parse-errors", "true"}};
const Options kNullIsN = {{"null-literal", "N"}};
const Options kNullIsEmpty = {{"null-literal", ""}};
const Options kEscape = {{"escape-character", "\\"}};
const Options kComments = {{"allow-comments", "true"}};

// All expectations of the decoder are what Flink 1.20 answered for the same text.
TEST(CsvDecoder, reads_numbers) {
  EXPECT_EQ(decoded(kInt, "1,5\n"), "1\t5");
  EXPECT_EQ(decoded(kInt, "1, 5 \n"), "1\t5");
  EXPECT_EQ(decoded(kInt, "1,\"5\"\n"), "1\t5");
  EXPECT_EQ(decoded(kInt, "1,\n"), "error");
  EXPECT_EQ(decoded(kInt, "1,\n", kNullIsEmpty), "1\t<NULL>");
  EXPECT_EQ(decoded(kInt, "1,N\n", kNullIsN), "1\t<NULL>");
  EXPECT_EQ(decoded(kInt, "1,5.9\n"), "error");
  EXPECT_EQ(decoded(Type(TypeKind::kTinyInt), "1,300\n"), "error");
  EXPECT_EQ(decoded(Type(TypeKind::kBigInt), "1,+5\n"), "1\t5");
  EXPECT_EQ(decoded(Type(TypeKind::kDouble), "1, 2.5 \n2,NaN\n"), "1\t2.5/2\tNaN");
  EXPECT_EQ(decoded(Type::decimal(10, 2), "1,1.005\n2,1e1\n"), "1\t1.01/2\t10.00");
  EXPECT_EQ(decoded(Type::decimal(5, 2), "1,123456\n"), "1\t<NULL>");
  EXPECT_EQ(decoded(Type::decimal(5, 2), "1, 1 \n"), "error");
  EXPECT_EQ(decoded(Type::decimal(5, 2), "1,\n"), "error");
  EXPECT_EQ(decoded(Type(TypeKind::kBoolean), "1,TRUE\n2,x\n3,1\n4,\n"), "1\tTRUE/2\tFALSE/3\tFALSE/4\tFALSE");
}

TEST(CsvDecoder, reads_times) {
  EXPECT_EQ(decoded(Type::timestamp(3), "1, 2026-01-01 00:00:00.1234 \n"), "1\t2026-01-01 00:00:00.123");
  EXPECT_EQ(decoded(Type::timestamp(3), "1,2026-01-01T00:00:00\n"), "error");
  EXPECT_EQ(decoded(Type::timestamp(3), "1,2026-01-01 00:00\n"), "error");
  EXPECT_EQ(decoded(Type::timestamp(3), "1,\n", kIgnore), "1\t<NULL>");
  EXPECT_EQ(decoded(Type::timestamp_ltz(3), "1,2026-01-01 00:00:00Z\n"), "1\t2026-01-01 00:00:00.000");
  EXPECT_EQ(decoded(Type(TypeKind::kDate), "1,2026-1-1\n2,2026-02-30\n"), "1\t2026-01-01/2\t2026-03-02");
  EXPECT_EQ(decoded(Type(TypeKind::kDate), "1, 2026-01-01\n"), "error");
  EXPECT_EQ(decoded(Type::time(0), "1,10:11\n2,10:11:12.5\n"), "1\t10:11:00/2\t10:11:12");
  EXPECT_EQ(decoded(Type::time(0), "1,9:11:12\n"), "error");
}

TEST(CsvDecoder, reads_quoted_and_escaped_strings) {
  EXPECT_EQ(decoded(Type::string(), "1,\n2,\"\"\n"), "1\t/2\t");
  EXPECT_EQ(decoded(Type::string(), "1, a b \n"), "1\t a b ");
  EXPECT_EQ(decoded(Type::string(), "1,\" a \"\"q\"\" b \"\n"), "1\t a \"q\" b ");
  EXPECT_EQ(decoded(Type::string(), "1,\"a\nb\"\n2,c\n"), "1\ta\nb/2\tc");
  EXPECT_EQ(decoded(Type::string(), "1,a\"b\n2, \"a\"\n3,\"a\" \n"), "1\ta\"b/2\t \"a\"/3\ta");
  EXPECT_EQ(decoded(Type::string(), "1,\"a\"b\n"), "error");
  EXPECT_EQ(decoded(Type::string(), "1,\"abc\n"), "error");
  EXPECT_EQ(decoded(Type::string(), "1,a\\,b\n2,\"a\\\"b\\n\"\n3,a\\tb\\x\n", kEscape), "1\ta,b/2\ta\"b\n/3\ta\tbx");
  EXPECT_EQ(decoded(Type::string(), "1,N\n2,\"N\"\n", kNullIsN), "1\t<NULL>/2\t<NULL>");
  EXPECT_EQ(decoded(Type::string(), "1,\"\"\n", kNullIsEmpty), "1\t<NULL>");
  EXPECT_EQ(decoded(Type::string(), "1;'a;b'\n", {{"field-delimiter", ";"}, {"quote-character", "'"}}), "1\ta;b");
  EXPECT_EQ(decoded(Type::string(), "1,\"a\n", {{"disable-quote-character", "true"}}), "1\t\"a");
  EXPECT_EQ(decoded(Type::string(), "1\ta\n", {{"field-delimiter", "\\t"}}), "1\ta");
  EXPECT_EQ(decoded(Type::varbinary(9), "1,AQI=\n"), "1\tx'0102'");
}

TEST(CsvDecoder, knows_all_line_ends_comments_and_blank_lines) {
  EXPECT_EQ(decoded(Type::string(), "1,a\r\n2,b\r\n"), "1\ta/2\tb");
  EXPECT_EQ(decoded(Type::string(), "1,a\r2,b\r"), "1\ta/2\tb");
  EXPECT_EQ(decoded(Type::string(), "1,a"), "1\ta");
  EXPECT_EQ(decoded(Type::string(), "\xEF\xBB\xBF" "1,a\n"), "1\ta");
  EXPECT_EQ(decoded(Type::string(), "\n1,a\n"), "error");
  EXPECT_EQ(decoded(Type::string(), "#1,c\n"), "error");
  EXPECT_EQ(decoded(Type::string(), " #1,c\n2,d\n   \n\n3,e\n#", kComments), "2\td/3\te");
  EXPECT_EQ(decoded(kInt, "\n1,2\n\n", kIgnore), "<NULL>\t<NULL>/1\t2/<NULL>\t<NULL>");
}

TEST(CsvDecoder, minds_the_number_of_fields) {
  EXPECT_EQ(decoded(kInt, "1\n"), "error");
  EXPECT_EQ(decoded(kInt, "1,2,3\n"), "error");
  EXPECT_EQ(decoded(kInt, "1,2,\n"), "1\t2");
  EXPECT_EQ(decoded(kInt, "1\n2,3\n", kIgnore), "1\t<NULL>/2\t3");
  EXPECT_EQ(decoded(kInt, "1,2,3\n2,3\n", kIgnore), "2\t3");
  // Fields that nobody reads are not parsed, and may be missing.
  const Schema columns = {{"id", kInt}, {"v", kInt}};
  EXPECT_EQ(*decode(columns, "1,x\n2\n", {}, {{"id", kInt}}), (Rows{"1", "2"}));
  EXPECT_EQ(*decode(columns, "x,1\n", {}, {{"v", kInt}}), Rows{"1"});
}

TEST(CsvDecoder, ignores_errors_as_far_as_it_can) {
  EXPECT_EQ(decoded(kInt, "1,x\n2,\n", kIgnore), "1\t<NULL>/2\t<NULL>");
  EXPECT_EQ(decoded(Type::string(), "1,\"a\"b\n2,c\n", kIgnore), "2\tc");
  EXPECT_EQ(decoded(Type::string(), "1,\"abc\n2,c\n", kIgnore), "");
}

TEST(CsvDecoder, reads_arrays_and_rows) {
  const Type row = Type::row({{"x", kInt}, {"y", Type::string()}});
  const Type strings = Type::array(Type::string());
  EXPECT_EQ(decoded(Type::array(kInt), "1, 1 ; 2 \n2,\n"), "1\t[1, 2]/2\t[]");
  EXPECT_EQ(decoded(strings, "1,a;;b\n2,\"a;b\"\n3, a ; b \n"), "1\t[a, , b]/2\t[a, b]/3\t[ a ,  b ]");
  EXPECT_EQ(decoded(strings, "1,a;N;\n2,N\n", kNullIsN), "1\t[a, NULL, ]/2\t[NULL]");
  EXPECT_EQ(decoded(Type::array(kInt), "1,1|2\n", {{"array-element-delimiter", "|"}}), "1\t[1, 2]");
  EXPECT_EQ(decoded(Type::array(kInt), "1,x;2\n", kIgnore), "1\t[NULL, 2]");
  EXPECT_EQ(decoded(row, "1,5;abc\n2,5;a;b\n"), "1\t(5, abc)/2\t(5, a)");
  EXPECT_EQ(decoded(row, "1,5\n"), "error");
  EXPECT_EQ(decoded(row, "1,;a\n"), "error");
  EXPECT_EQ(decoded(row, "1,x;a\n", kIgnore), "1\t(NULL, a)");
  for (const Type& type : {Type::map(Type::string(), kInt), Type::array(row), Type::row({{"a", strings}})}) {
    EXPECT_EQ(decode({{"v", type}}, "").error().code(), ErrorCode::kSqlUnsupported);
  }
}

TEST(CsvDecoder, says_which_record_does_not_decode_after_giving_those_before) {
  const auto decoder = *format().make_decoder({.columns = {{"v", kInt}}}, {{"v", kInt}}, {});
  std::string bytes = "1\nx\n";
  bytes.reserve(100);
  EXPECT_EQ(*decoder->decode(bytes, true, 100), 2u);
  EXPECT_EQ(decoder->rows_ready(), 1u);
  const auto failed = decoder->decode(std::string_view(bytes).substr(2), true, 100);
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().code(), ErrorCode::kDecode);
  EXPECT_NE(failed.error().message().find("'x'"), std::string::npos);
}

TEST(CsvDecoder, refuses_options_that_make_no_sense) {
  for (const Options& options : {Options{{"field-delimiter", "ab"}}, Options{{"quote-character", "é"}},
                                 Options{{"quote-character", "'"}, {"disable-quote-character", "true"}},
                                 Options{{"array-element-delimiter", ""}}, Options{{"allow-comments", "1"}}}) {
    EXPECT_EQ(decode({{"v", kInt}}, "", options).error().code(), ErrorCode::kSqlOption);
  }
}

// Any text: no crash, no endless loop, no read out of bounds (the sanitizers watch); and blocks do not matter.
TEST(CsvDecoder, survives_any_text) {
  const Schema columns = {{"a", kInt}, {"b", Type::string()}, {"c", Type::array(kInt)}};
  const Options options = {{"ignore-parse-errors", "true"}, {"escape-character", "\\"}, {"allow-comments", "true"}};
  static constexpr std::string_view kLetters = "1,\"\n\r\\;#x ";
  Rng rng(3);
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    for (uint64_t size = rng.below(40); size > 0; --size) text += kLetters[rng.below(kLetters.size())];
    const auto whole = decode(columns, text, options);
    const auto in_pieces = decode(columns, text, options, {}, 1 + rng.below(3));
    ASSERT_TRUE(whole.ok() && in_pieces.ok()) << text;
    ASSERT_EQ(*whole, *in_pieces) << text;
  }
}

std::string encoded(const column::Batch& batch, const Options& options = {}) {
  const auto encoder = format().make_encoder({}, {}, options);
  EXPECT_TRUE(encoder.ok());
  std::string out;
  EXPECT_TRUE((*encoder)->encode(batch, &out).ok());
  return out;
}

std::string encoded_strings(const Rows& texts, const Options& options = {}) {
  column::Batch batch{.num_rows = 1};
  for (const std::string& text : texts) {
    ColumnBuilder builder(Type::string());
    builder.append_string(text);
    batch.columns.push_back(builder.finish());
  }
  return encoded(batch, options);
}

// What Flink 1.20 wrote for the same values.
TEST(CsvEncoder, quotes_what_flink_quotes) {
  EXPECT_EQ(encoded_strings({"a b", "#x", "-", "1.5", "q\"\\", "", "é", " "}),
            "\"a b\",\"#x\",-,1.5,\"q\"\"\\\",,é,\" \"\n");
  EXPECT_EQ(encoded_strings({std::string(24, 'a'), std::string(25, 'a')}),
            std::string(24, 'a') + ",\"" + std::string(25, 'a') + "\"\n");
  EXPECT_EQ(encoded_strings({"a b", "#x", "1,5", "t\tt"}, {{"field-delimiter", "\t"}}),
            "\"a b\"\t#x\t1,5\t\"t\tt\"\n");
  EXPECT_EQ(encoded_strings({"a;b", "it's", "NIL", "5"}, {{"field-delimiter", ";"}, {"quote-character", "'"}}),
            "'a;b';'it''s';NIL;'5'\n");
  EXPECT_EQ(encoded_strings({"a,b", "x\"y", "a\\b"}, {{"escape-character", "\\"}}), "\"a,b\",\"x\"\"y\",\"a\\\\b\"\n");
  EXPECT_EQ(encoded_strings({"a,b", "x\"y", "a\\b"}, {{"disable-quote-character", "true"}}), "a,b,x\"y,a\\b\n");
}

TEST(CsvEncoder, writes_values_and_nulls_as_flink_does) {
  ColumnBuilder number(kInt);
  number.append<int32_t>(5);
  number.append_null();
  ColumnBuilder price(Type::decimal(10, 2));
  price.append<int64_t>(10000);
  price.append_null();
  ColumnBuilder at(Type::timestamp(3));
  at.append<int64_t>(1'500'000);
  at.append_null();
  ColumnBuilder list(Type::array(Type::string()));
  list.child(0).append_string("a");
  list.child(0).append_null();
  list.close_row();
  list.append_null();
  ColumnBuilder row(Type::row({{"x", kInt}, {"y", Type::string()}}));
  row.child(0).append<int32_t>(1);
  row.child(1).append_string("y");
  row.close_row();
  row.append_null();
  ColumnBuilder ratio{Type(TypeKind::kDouble)};
  ratio.append<double>(1e-10);
  ratio.append_null();
  column::Batch batch{.num_rows = 2};
  for (ColumnBuilder* builder : {&number, &price, &at, &list, &row, &ratio}) {
    batch.columns.push_back(builder->finish());
  }
  EXPECT_EQ(encoded(batch), "5,\"1E+2\",\"1970-01-01 00:00:01.5\",a;,1;y,1.0E-10\n,,,,,\n");
  EXPECT_EQ(encoded(batch, {{"null-literal", "N"}, {"write-bigdecimal-in-scientific-notation", "false"}}),
            "5,100,\"1970-01-01 00:00:01.5\",a;N,1;y,1.0E-10\nN,N,N,N,N,N\n");
}

}  // namespace
}  // namespace raudal::formats::csv
