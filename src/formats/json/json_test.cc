#include "formats/json/json.h"

#include <gtest/gtest.h>

#include "base/rng.h"
#include "connector/source_contract.h"

namespace raudal::formats::json {
namespace {

using column::Schema;
using column::Type;
using column::TypeKind;
using connector::Options;

const Type kInt(TypeKind::kInt);
const Type kBigInt(TypeKind::kBigInt);

// Readable for 64 bytes past its end, as decoders are promised.
std::string padded(std::string_view bytes) {
  std::string buffer(bytes);
  buffer.reserve(bytes.size() + 64);
  return buffer;
}

const connector::Format& format() {
  static const connector::Registry registry = [] {
    connector::Registry made;
    register_format(made);
    return made;
  }();
  return *registry.find_format("json");
}

Result<std::vector<std::string>> decode(const Schema& produced, std::string_view text, const Options& options = {},
                                        connector::DecodeCounts* counts = nullptr) {
  const auto decoder = TRY(format().make_decoder({}, produced, options));
  const std::string bytes = padded(text);
  std::vector<std::string> rows;
  for (size_t at = 0; at < text.size();) {
    at += TRY(decoder->decode(std::string_view(bytes).substr(at), true, 3));
    const std::vector<std::string> some = connector::rows_as_text(decoder->take());
    rows.insert(rows.end(), some.begin(), some.end());
  }
  if (counts) *counts = decoder->counts();
  return rows;
}

// One value of a column v; the error's code where it does not decode.
std::string decoded(const Type& type, std::string_view json, const Options& options = {}) {
  const auto rows = decode({{"v", type}}, "{\"id\":1,\"v\":" + std::string(json) + "}\n", options);
  if (!rows.ok()) return rows.error().code() == ErrorCode::kDecode ? "error" : rows.error().message();
  return rows->empty() ? "dropped" : rows->front();
}

TEST(JsonDecoder, reads_wanted_columns_in_any_order_and_skips_blank_lines) {
  const auto rows =
      decode({{"a", kBigInt}, {"b", Type::string()}},
             "{\"a\":1,\"x\":[1,{\"a\":9}],\"b\":\"one\"}\n\n{\"b\":\"two, a long one\",\"a\":2}\r\n \n{}\n"
             "{\"a\":null,\"c\":3}\n{\"\\u0061\":5}");
  ASSERT_TRUE(rows.ok()) << rows.error().message();
  EXPECT_EQ(*rows, (std::vector<std::string>{"1\tone", "2\ttwo, a long one", "<NULL>\t<NULL>", "<NULL>\t<NULL>",
                                             "5\t<NULL>"}));
}

// What Flink 1.20 answers for the same values.
TEST(JsonDecoder, is_as_lenient_with_numbers_as_flink) {
  EXPECT_EQ(decoded(kInt, "5.9"), "5");
  EXPECT_EQ(decoded(kInt, "\"5.9\""), "error");
  EXPECT_EQ(decoded(kInt, "\" 7 \""), "7");
  EXPECT_EQ(decoded(kInt, "3000000000"), "error");
  EXPECT_EQ(decoded(kInt, "true"), "error");
  EXPECT_EQ(decoded(kInt, "\"\""), "error");
  EXPECT_EQ(decoded(kInt, "01"), "error");
  EXPECT_EQ(decoded(Type(TypeKind::kTinyInt), "5.9"), "error");
  EXPECT_EQ(decoded(Type(TypeKind::kTinyInt), "-128"), "-128");
  EXPECT_EQ(decoded(kBigInt, "1e3"), "1000");
  EXPECT_EQ(decoded(kBigInt, "1e30"), "error");
  EXPECT_EQ(decoded(Type(TypeKind::kDouble), "\"NaN\""), "NaN");
  EXPECT_EQ(decoded(Type(TypeKind::kDouble), "NaN"), "error");
  EXPECT_EQ(decoded(Type(TypeKind::kDouble), "1e400"), "Infinity");
  EXPECT_EQ(decoded(Type::decimal(10, 2), "1.005"), "1.01");
  EXPECT_EQ(decoded(Type::decimal(10, 2), "\"1e2\""), "100.00");
  EXPECT_EQ(decoded(Type::decimal(5, 2), "12345.6"), "<NULL>");
  EXPECT_EQ(decoded(Type::decimal(38, 2), "123456789012345678901234567890123456.78"),
            "123456789012345678901234567890123456.78");
  EXPECT_EQ(decoded(Type(TypeKind::kBoolean), "\"TRUE\""), "TRUE");
  EXPECT_EQ(decoded(Type(TypeKind::kBoolean), "1"), "FALSE");
}

TEST(JsonDecoder, reads_strings_and_shows_nested_values_as_text) {
  EXPECT_EQ(decoded(Type::string(), R"("caf\u00e9 \"q\" \ud83d\ude00")"), "café \"q\" 😀");
  EXPECT_EQ(decoded(Type::string(), R"("a\ud800b")"), "a?b");
  EXPECT_EQ(decoded(Type::string(), R"({"a" : 1.50, "b":[ ]})"), R"({"a":1.5,"b":[]})");
  EXPECT_EQ(decoded(Type::string(), "1.50"), "1.50");
  EXPECT_EQ(decoded(Type::string(), "true"), "true");
  EXPECT_EQ(decoded(Type::character(2), "\"abcd\""), "abcd");
  EXPECT_EQ(decoded(Type::varbinary(10), "\"AQI=\""), "x'0102'");
  EXPECT_EQ(decoded(Type::string(), R"("\x")"), "error");
}

TEST(JsonDecoder, reads_times_of_both_standards) {
  const Options iso = {{"timestamp-format.standard", "ISO-8601"}};
  EXPECT_EQ(decoded(Type::timestamp(3), "\"2026-01-01 00:00:00.123456\""), "2026-01-01 00:00:00.123");
  EXPECT_EQ(decoded(Type::timestamp(3), "\"2026-01-01T00:00:00\""), "error");
  EXPECT_EQ(decoded(Type::timestamp(3), "1767225600000"), "error");
  EXPECT_EQ(decoded(Type::timestamp(3), "null"), "<NULL>");
  EXPECT_EQ(decoded(Type::timestamp(3), R"("2026\u002d01-01 00:00:00")"), "2026-01-01 00:00:00.000");
  EXPECT_EQ(decoded(Type::timestamp(3), "\"2026-01-01T00:00\"", iso), "2026-01-01 00:00:00.000");
  EXPECT_EQ(decoded(Type::timestamp_ltz(3), "\"2026-01-01 00:00:00Z\""), "2026-01-01 00:00:00.000");
  EXPECT_EQ(decoded(Type::timestamp_ltz(3), "\"2026-01-01 00:00:00\""), "error");
  EXPECT_EQ(decoded(Type(TypeKind::kDate), "\"2026-01-01\""), "2026-01-01");
  EXPECT_EQ(decoded(Type::time(0), "\"10:11:12.5\""), "10:11:12");
}

TEST(JsonDecoder, reads_nested_types) {
  const Type row = Type::row({{"x", kInt}, {"y", Type::string()}});
  EXPECT_EQ(decoded(row, R"({"x":1,"z":[2],"y":"q"})"), "(1, q)");
  EXPECT_EQ(decoded(row, R"({"y":"q"})"), "(NULL, q)");
  EXPECT_EQ(decoded(row, "5"), "error");
  EXPECT_EQ(decoded(Type::array(kInt), "[1, null, 3]"), "[1, NULL, 3]");
  EXPECT_EQ(decoded(Type::array(kInt), "[]"), "[]");
  EXPECT_EQ(decoded(Type::array(kInt), "{}"), "error");
  EXPECT_EQ(decoded(Type::array(row), R"([{"x":1},{"x":2}])"), "[(1, NULL), (2, NULL)]");
  EXPECT_EQ(decoded(Type::map(Type::string(), kInt), R"({"a":1,"b":2,"a":3})"), "{b=2, a=3}");
  const auto refused = decode({{"v", Type::map(kInt, kInt)}}, "{}");
  EXPECT_EQ(refused.error().code(), ErrorCode::kSqlUnsupported);
}

TEST(JsonDecoder, ignoring_errors_nulls_a_field_but_drops_a_line_that_is_not_json) {
  const Options ignore = {{"ignore-parse-errors", "true"}};
  connector::DecodeCounts counts;
  const auto rows = decode({{"id", kInt}, {"v", kInt}},
                           "{\"id\":1,\"v\":\"x\"}\nnot json\n{\"id\":2,\"v\":3}\n{\"id\":3,\"v\":\n[1]\n5\n", ignore,
                           &counts);
  ASSERT_TRUE(rows.ok());
  EXPECT_EQ(*rows, (std::vector<std::string>{"1\t<NULL>", "2\t3"}));
  EXPECT_EQ(counts.rows, 2);
  EXPECT_EQ(counts.skipped_records, 4);
  EXPECT_EQ(counts.nulled_fields, 1);
  EXPECT_EQ(decoded(Type::array(kInt), "[\"a\",2]", ignore), "[NULL, 2]");
  EXPECT_EQ(decoded(Type::row({{"x", kInt}, {"y", kInt}}), R"({"x":"a","y":2})", ignore), "(NULL, 2)");
}

TEST(JsonDecoder, says_which_record_does_not_decode_after_giving_those_before) {
  const auto decoder = *format().make_decoder({}, {{"v", kInt}}, {});
  const std::string bytes = padded("{\"v\":1}\n{\"v\":\"x\"}\n");
  const auto consumed = decoder->decode(bytes, true, 100);
  ASSERT_TRUE(consumed.ok());
  EXPECT_EQ(*consumed, 8u);
  EXPECT_EQ(decoder->rows_ready(), 1u);
  const auto failed = decoder->decode(std::string_view(bytes).substr(8), true, 100);
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().code(), ErrorCode::kDecode);
  EXPECT_NE(failed.error().message().find("{\"v\":\"x\"}"), std::string::npos);
  EXPECT_EQ(decoder->rows_ready(), 1u);
}

TEST(JsonDecoder, waits_for_the_rest_of_a_record) {
  const auto decoder = *format().make_decoder({}, {{"v", kInt}}, {});
  const std::string bytes = padded("{\"v\":1}\n{\"v\":2}");
  EXPECT_EQ(*decoder->decode(bytes, false, 100), 8u);
  EXPECT_EQ(*decoder->decode(std::string_view(bytes).substr(8), true, 100), 7u);
  EXPECT_EQ(decoder->rows_ready(), 2u);
}

TEST(JsonDecoder, fails_on_a_missing_field_only_if_asked) {
  const Options strict = {{"fail-on-missing-field", "true"}};
  EXPECT_FALSE(decode({{"id", kInt}, {"v", kInt}}, "{\"id\":1}", strict).ok());
  EXPECT_TRUE(decode({{"id", kInt}, {"v", kInt}}, "{\"id\":1,\"v\":null}", strict).ok());
  EXPECT_TRUE(decode({{"id", kInt}, {"v", kInt}}, "{\"id\":1}").ok());
  const auto both = decode({}, "", {{"fail-on-missing-field", "true"}, {"ignore-parse-errors", "true"}});
  EXPECT_EQ(both.error().code(), ErrorCode::kSqlOption);
}

// Records like the ones before are read another way than the first: the answers are the same.
TEST(JsonDecoder, reads_a_record_like_the_first_one_or_like_those_before) {
  const Schema produced = {{"i", kInt}, {"s", Type::string()}, {"d", Type::decimal(10, 2)}, {"b", kBigInt},
                           {"f", Type(TypeKind::kDouble)}, {"t", Type::timestamp(3)}, {"o", Type(TypeKind::kBoolean)}};
  const std::string learned =
      R"({"i":1,"x":true,"s":"a","y":"skipped","d":1.5,"b":2,"f":0.5,"t":"2026-01-01 00:00:00","o":false,"z":1})" "\n";
  static constexpr std::string_view kValues[] = {
      "1", "-1", "0", "01", "-", "1.5", "-1.5e3", "1e400", "9223372036854775807", "9223372036854775808",
      "3000000000", "\"\"", "\"7\"", "\"caf\xC3\xA9\"", "\"bad \xC3\"", "\"\\u0041\"", "\"tab\there\"", "true", "false",
      "null", "nul", "{}", "[1]", "\"2026-01-01 00:00:00.5\"", "\"2026-01-01\"", " 5 ", "\"open", ""};
  for (const char* key : {"i", "x", "s", "y", "d", "b", "f", "t", "o", "z"}) {
    for (const std::string_view value : kValues) {
      const size_t begin = learned.find(std::string("\"") + key + "\":") + 4;
      const size_t end = learned.find_first_of(",}", begin);
      const std::string record = learned.substr(0, begin) + std::string(value) + learned.substr(end);
      const auto alone = decode(produced, record);
      const auto after = decode(produced, learned + record);
      if (std::string_view("xyz").find(key) != std::string_view::npos && alone.ok() != after.ok()) continue;
      ASSERT_EQ(alone.ok(), after.ok()) << record;
      if (alone.ok()) EXPECT_EQ(alone->front(), after->back()) << record;
    }
  }
  for (const char* record : {R"({"i":5,"s":"b"})", R"({"s":"b","i":5})", R"({"i":5, "x": true, "s": "b"})", "{}",
                             R"({"i":5,"x":1,"s":"b","i":6,"d":2})", R"({"i":5,"w":1,"s":"b"})"}) {
    EXPECT_EQ(decode(produced, record)->front(), decode(produced, learned + record)->back()) << record;
  }
}

TEST(JsonDecoder, does_not_look_behind_the_object) {
  const auto rows = decode({{"v", kInt}}, "{\"v\":1} trailing\n{\"v\":2} {\"v\":3}\n");
  ASSERT_TRUE(rows.ok());
  EXPECT_EQ(*rows, (std::vector<std::string>{"1", "2"}));
  EXPECT_FALSE(decode({{"v", kInt}}, "{\"v\":1\n").ok());
  EXPECT_EQ(*decode({{"v", kInt}}, "\xEF\xBB\xBF{\"v\":1}"), std::vector<std::string>{"1"});
}

// Broken input in all shapes: no crash, no read out of bounds (the sanitizers watch), and the rows around it stand.
TEST(JsonDecoder, survives_mutilated_records) {
  const std::string record =
      R"({"i":12,"d":-1.5e3,"s":"a\u00e9\n","t":"2026-01-01 00:00:00.5","r":{"x":[1,2,{"y":null}]},"m":{"k":true}})";
  const Type row = Type::row({{"x", Type::array(Type::row({{"y", kInt}}))}});
  const Schema produced = {{"i", kInt}, {"d", Type::decimal(10, 2)}, {"s", Type::string()}, {"t", Type::timestamp(3)},
                           {"r", row}, {"m", Type::map(Type::string(), Type(TypeKind::kBoolean))}};
  Rng rng(7);
  for (int round = 0; round < 3000; ++round) {
    std::string damaged = record;
    for (uint64_t edits = 1 + rng.below(4); edits > 0; --edits) {
      const size_t at = rng.below(damaged.size());
      switch (rng.below(4)) {
        case 0: damaged[at] = static_cast<char>(rng.next()); break;
        case 1: damaged.erase(at, 1 + rng.below(10)); break;
        case 2: damaged.insert(at, std::string(1, "{}[]\",:\\0"[rng.below(9)])); break;
        default: damaged[at] = "{}[]\",:\\0"[rng.below(9)];
      }
      if (damaged.empty()) damaged = "x";
    }
    for (char& c : damaged) {
      if (c == '\n') c = ' ';
    }
    const auto rows = decode(produced, record + "\n" + damaged + "\n" + record + "\n",
                             {{"ignore-parse-errors", "true"}});
    ASSERT_TRUE(rows.ok()) << damaged;
    ASSERT_GE(rows->size(), 2u) << damaged;
    EXPECT_EQ(rows->front(), rows->back()) << damaged;
  }
}

std::string encoded(const Schema& columns, std::string_view json, const Options& options = {},
                    const Options& decode_options = {}) {
  const auto decoder = *format().make_decoder({}, columns, decode_options);
  const std::string bytes = padded(json);
  EXPECT_TRUE(decoder->decode(bytes, true, 100).ok());
  const auto encoder = *format().make_encoder({}, columns, options);
  std::string out;
  const Status status = encoder->encode(decoder->take(), &out);
  return status.ok() ? out : "error";
}

// What Flink 1.20 wrote for the same values.
TEST(JsonEncoder, writes_what_flink_writes) {
  const Schema columns = {{"a", kInt}, {"c", Type::decimal(10, 2)}, {"c2", Type::decimal(20, 10)},
                          {"d", Type::timestamp(3)}, {"d6", Type::timestamp(6)}, {"e", Type::timestamp_ltz(3)},
                          {"g", Type::time(0)}, {"h", Type::row({{"x", kInt}, {"y", Type::string()}})},
                          {"i", Type::array(Type::string())}, {"j", Type::map(Type::string(), kInt)},
                          {"k", Type::varbinary(9)}, {"l", Type(TypeKind::kDouble)}, {"m", Type(TypeKind::kBoolean)},
                          {"s", Type::string()}, {"n", Type::string()}};
  const std::string text =
      R"({"a":1,"c":100.00,"c2":0.000000027,"d":"2026-01-01 00:00:10","d6":"2026-01-01 00:00:10.123400",)"
      R"("e":"1970-01-01 00:00:01.5Z","g":"10:11:12","h":{"x":1},"i":["a",null],"j":{"k":null},"k":"AQI=",)"
      R"("l":1e10,"m":true,"s":"q\"\\/\u0001\n\té"})";
  EXPECT_EQ(encoded(columns, text),
            R"({"a":1,"c":1E+2,"c2":2.7E-8,"d":"2026-01-01 00:00:10","d6":"2026-01-01 00:00:10.1234",)"
            R"("e":"1970-01-01 00:00:01.5Z","g":"10:11:12","h":{"x":1,"y":null},"i":["a",null],"j":{"k":null},)"
            R"("k":"AQI=","l":1.0E10,"m":true,"s":"q\"\\/\u0001\n\té","n":null})" "\n");
  EXPECT_EQ(encoded(columns, text,
                    {{"timestamp-format.standard", "ISO-8601"}, {"encode.decimal-as-plain-number", "true"},
                     {"encode.ignore-null-fields", "true"}}),
            R"({"a":1,"c":100,"c2":0.000000027,"d":"2026-01-01T00:00:10","d6":"2026-01-01T00:00:10.1234",)"
            R"("e":"1970-01-01T00:00:01.5Z","g":"10:11:12","h":{"x":1},"i":["a",null],"j":{"k":null},)"
            R"("k":"AQI=","l":1.0E10,"m":true,"s":"q\"\\/\u0001\n\té"})" "\n");
}

TEST(JsonEncoder, writes_only_selected_rows) {
  const auto decoder = *format().make_decoder({}, {{"v", kInt}}, {});
  const std::string bytes = padded("{\"v\":1}\n{\"v\":2}\n");
  ASSERT_TRUE(decoder->decode(bytes, true, 100).ok());
  column::Batch batch = decoder->take();
  batch.selection = {.rows = column::Buffer::allocate(2), .size = 1};
  batch.selection.rows->as<uint16_t>()[0] = 1;
  const auto encoder = *format().make_encoder({}, {{"v", kInt}}, {});
  std::string out;
  ASSERT_TRUE(encoder->encode(batch, &out).ok());
  EXPECT_EQ(out, "{\"v\":2}\n");
}

}  // namespace
}  // namespace raudal::formats::json
