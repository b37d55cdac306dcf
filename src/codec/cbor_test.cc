#include "codec/cbor.h"

#include <gtest/gtest.h>

#include "codec/digest.h"

namespace raudal::codec {
namespace {

Result<JsonObject> parse_hex(std::string_view hex) { return parse_cbor_object(unhex(hex).value()); }

TEST(CborTest, reads_what_json_has_too) {
  // {"a": 1, "b": [-2, 1.5, true, null], "c": h'00ff', "d": 1(1363896240)}
  const auto read = parse_hex(
      "a4616101616284"
      "21f93e00f5f6"
      "616342"
      "00ff"
      "6164c11a514b67b0");
  ASSERT_TRUE(read.ok()) << read.error().message();
  EXPECT_EQ(find_int(*read, "a"), 1);
  EXPECT_EQ(write_json(read->at("b")), "[-2,1.5,true,null]");
  EXPECT_EQ(find_string(*read, "c"), std::string_view("\0\xFF", 2));
  EXPECT_EQ(find_int(*read, "d"), 1363896240);
}

TEST(CborTest, reads_open_maps_arrays_and_strings) {
  // {_ "x": [_ 1, [_ ]], "y": (_ "ab", "c"), "z": {}}
  const auto read = parse_hex("bf61789f019fffff61797f6261626163ff617aa0ff");
  ASSERT_TRUE(read.ok()) << read.error().message();
  EXPECT_EQ(write_json(Json(*read)), R"({"x":[1,[]],"y":"abc","z":{}})");
}

TEST(CborTest, what_is_written_is_read) {
  std::string out;
  cbor_begin_map(out);
  cbor_text(out, "numbers");
  cbor_begin_array(out);
  for (const int64_t value : {int64_t{0}, int64_t{23}, int64_t{1000}, int64_t{-1}, INT64_MIN, INT64_MAX}) {
    cbor_int(out, value);
  }
  cbor_end(out);
  cbor_text(out, "bytes");
  cbor_bytes(out, std::string(70'000, '\xFE'));
  cbor_text(out, "time");
  cbor_timestamp_ms(out, 1'700'000'000'123);
  cbor_text(out, "no");
  cbor_bool(out, false);
  cbor_text(out, "nothing");
  cbor_null(out);
  cbor_end(out);
  const auto read = parse_cbor_object(out);
  ASSERT_TRUE(read.ok()) << read.error().message();
  EXPECT_EQ(write_json(read->at("numbers")), "[0,23,1000,-1,-9223372036854775808,9223372036854775807]");
  EXPECT_EQ(find_string(*read, "bytes"), std::string(70'000, '\xFE'));
  EXPECT_EQ(find_int(*read, "time"), 1'700'000'000'123);
  EXPECT_EQ(find_bool(*read, "no"), false);
  EXPECT_TRUE(read->at("nothing").is_null());
}

TEST(CborTest, malformed_bytes_are_refused) {
  for (const std::string_view hex : {"", "a1", "a16161", "ff", "bf6161ff", "a101f6", "01", "7fff",
                                     "a161615b7fffffffffffffff", "bf61617f01ffff", "9f", "1c"}) {
    const auto read = parse_hex(hex);
    ASSERT_FALSE(read.ok()) << hex;
    EXPECT_EQ(read.error().code(), ErrorCode::kSerialization) << hex;
  }
  EXPECT_FALSE(parse_cbor_object("\xA1\x61\x61" + std::string(100, '\x81') + "\x01").ok()) << "too deep";
}

}  // namespace
}  // namespace raudal::codec
