#include "codec/json.h"

#include <limits>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <gtest/gtest.h>

namespace raudal::codec {
namespace {

TEST(Json, writes_what_it_read) {
  const std::string text = R"({"b":[1,-2,3.5,true,null,"ä\n\u0001"],"a":{},"c":[],"big":18446744073709551615})";
  EXPECT_EQ(write_json(parse_json(text).value()), text);
}

TEST(Json, doubles_are_short_and_stay_doubles) {
  EXPECT_EQ(write_json(Json(2.0)), "2.0");
  EXPECT_EQ(write_json(Json(0.1)), "0.1");
  EXPECT_EQ(write_json(Json(1e300)), "1e+300");
  EXPECT_EQ(write_json(Json(std::numeric_limits<double>::infinity())), "null");
}

TEST(Json, pretty_text_is_indented) {
  EXPECT_EQ(write_json_pretty(parse_json(R"({"a":[1,2],"b":{}})").value()),
            "{\n  \"a\": [\n    1,\n    2\n  ],\n  \"b\": {}\n}");
}

TEST(Json, malformed_text_is_refused_with_its_offset) {
  const auto parsed = parse_json(R"({"a": tru})");
  ASSERT_FALSE(parsed.ok());
  EXPECT_EQ(parsed.error().code(), ErrorCode::kSerialization);
  EXPECT_NE(parsed.error().message().find("at byte 6"), std::string::npos) << parsed.error().message();
  for (const char* text : {"", "{", "{}x", "{'a':1}", "[1,]", "\"\x01\"", "nul", "{\"a\":1", "\"\xff\""}) {
    EXPECT_FALSE(parse_json(text).ok()) << text;
  }
}

TEST(Json, size_and_depth_are_limited) {
  EXPECT_EQ(parse_json("[1,2]", {.bytes_max = 4}).error().code(), ErrorCode::kRequestTooLarge);
  const std::string deep = std::string(65, '[') + std::string(65, ']');
  EXPECT_FALSE(parse_json(deep).ok());
  EXPECT_TRUE(parse_json(deep, {.depth_max = 65}).ok());
}

TEST(Json, accessors_tell_absent_from_wrong) {
  const JsonObject object = parse_json_object(R"({"s":"x","i":3,"d":1.5,"t":true,"o":{},"a":[],"n":null})").value();
  EXPECT_EQ(find_string(object, "s"), "x");
  EXPECT_EQ(find_string(object, "i"), std::nullopt);
  EXPECT_EQ(find_int(object, "i"), 3);
  EXPECT_EQ(find_int(object, "n"), std::nullopt);
  EXPECT_EQ(find_double(object, "i"), 3.0);
  EXPECT_EQ(find_bool(object, "t"), true);
  EXPECT_NE(find_object(object, "o"), nullptr);
  EXPECT_EQ(find_array(object, "o"), nullptr);
  EXPECT_EQ(require_string(object, "zz").error().message(), "Member is missing or not a string: zz");
  EXPECT_EQ(require_int(object, "i").value(), 3);
  EXPECT_FALSE(parse_json_object("[]").ok());
}

}  // namespace
}  // namespace raudal::codec
