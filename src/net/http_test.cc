#include "net/http.h"

#include <gtest/gtest.h>

namespace raudal::net {
namespace {

TEST(Http, target_is_split_and_decoded) {
  HttpRequest request;
  request.target = "/a%20b/c+d?x=1&y=a+b%26&flag&x=2";
  ASSERT_TRUE(split_target(request).ok());
  EXPECT_EQ(request.raw_path, "/a%20b/c+d");
  EXPECT_EQ(request.path, "/a b/c+d");
  EXPECT_EQ(request.query, (QueryPairs{{"x", "1"}, {"y", "a b&"}, {"flag", ""}, {"x", "2"}}));
  EXPECT_TRUE(request.has_query("flag"));
  EXPECT_EQ(request.query_value("x"), "1");
  EXPECT_EQ(request.query_value("none"), "");
}

TEST(Http, bad_targets_are_refused) {
  for (const char* target : {"", "a", "/%", "/%2", "/%zz", "/?a=%g1"}) {
    HttpRequest request;
    request.target = target;
    EXPECT_FALSE(split_target(request).ok()) << target;
  }
}

TEST(Http, percent_encoding_is_the_one_of_signatures) {
  EXPECT_EQ(percent_encode("a b/ä~+*"), "a%20b%2F%C3%A4~%2B%2A");
  EXPECT_EQ(percent_encode("a/b", true), "a/b");
}

TEST(Http, header_names_compare_without_case) {
  HttpHeaders headers{{"Content-Type", "a"}, {"X", "1"}, {"x", "2"}};
  EXPECT_EQ(headers.get("content-type"), "a");
  EXPECT_EQ(headers.get("X"), "1");
  headers.set("x", "3");
  EXPECT_EQ(headers.get("X"), "3");
  EXPECT_FALSE(headers.has("none"));
  EXPECT_EQ(std::distance(headers.begin(), headers.end()), 2);
}

TEST(Http, read_all_has_a_limit) {
  StringBodyReader fits("hello");
  EXPECT_EQ(read_all(fits, 5).value(), "hello");
  StringBodyReader longer("hello!");
  EXPECT_EQ(read_all(longer, 5).error().code(), ErrorCode::kRequestTooLarge);
}

}  // namespace
}  // namespace raudal::net
