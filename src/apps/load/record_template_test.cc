#include "apps/load/record_template.h"

#include <map>
#include <set>

#include <gtest/gtest.h>

#include "base/str.h"
#include "codec/json.h"

namespace raudal::apps {
namespace {

constexpr int64_t kSomeTime = 1'767'323'045'678'901;  // 2026-01-02T03:04:05.678901Z

RecordTemplate parsed(std::string_view text, std::string_view key = "k") {
  auto result = RecordTemplate::parse(text, key);
  CHECK(result.ok());
  return std::move(result).value();
}

TEST(RecordTemplate, a_record_depends_on_seed_and_index_alone) {
  const RecordTemplate words = parsed("{{int 0 1000000000}} {{uuid}}");
  EXPECT_EQ(words.render(1, 7, kSomeTime).data, words.render(1, 7, kSomeTime).data);
  EXPECT_NE(words.render(1, 7, kSomeTime).data, words.render(1, 8, kSomeTime).data);
  EXPECT_NE(words.render(1, 7, kSomeTime).data, words.render(2, 7, kSomeTime).data);
}

TEST(RecordTemplate, prints_times_and_index) {
  const auto record = parsed("{{now}}, {{now_text}}, {{now_ms}}, {{index}}", "{{index}}").render(1, 42, kSomeTime);
  EXPECT_EQ(record.data, "2026-01-02T03:04:05.678901, 2026-01-02 03:04:05, 1767323045678, 42");
  EXPECT_EQ(record.key, "42");
}

TEST(RecordTemplate, keeps_a_value_for_later_and_for_the_key) {
  const RecordTemplate twice = parsed("{{t = choice A|B C|D}}/{{t}}", "key-{{t}}");
  std::set<std::string> seen;
  for (uint64_t i = 0; i < 100; ++i) {
    const GeneratedRecord record = twice.render(1, i, kSomeTime);
    const std::string value = record.key.substr(4);
    EXPECT_EQ(record.data, value + "/" + value);
    seen.insert(value);
  }
  EXPECT_EQ(seen, (std::set<std::string>{"A", "B C", "D"}));
}

TEST(RecordTemplate, numbers_stay_within_their_bounds_and_reach_them) {
  const RecordTemplate numbers = parsed("{{int -1 1}} {{float 5 6 1}}");
  std::map<std::string, int> whole, fractions;
  for (uint64_t i = 0; i < 1000; ++i) {
    const auto words = split(numbers.render(3, i, kSomeTime).data, ' ');
    ++whole[words[0]];
    ++fractions[words[1]];
  }
  EXPECT_EQ(whole.size(), 3u);
  EXPECT_TRUE(whole.contains("-1") && whole.contains("1"));
  EXPECT_EQ(fractions.size(), 11u);  // 5.0 … 6.0
  EXPECT_TRUE(fractions.contains("5.0") && fractions.contains("6.0"));
}

TEST(RecordTemplate, understands_the_placeholders_of_the_data_generator) {
  const RecordTemplate ticker = parsed(
      R"({ "ticker": "{{random.arrayElement(["AMZN","MSFT"])}}", "price": {{random.number({"min":10,"max":12})}} })");
  for (uint64_t i = 0; i < 20; ++i) {
    const auto value = codec::parse_json_object(ticker.render(1, i, kSomeTime).data);
    ASSERT_TRUE(value.ok());
    const int64_t price = value->at("price").get_int64();
    EXPECT_TRUE(price >= 10 && price <= 12) << price;
  }
}

TEST(RecordTemplate, refuses_what_it_does_not_understand) {
  for (const char* text : {"{{", "{{}}", "{{nwo}}", "{{int 1}}", "{{int 2 1}}", "{{float 0 1 x}}",
                           "{{later}}{{later = int 1 2}}", "{{random.number([1])}}", "{{choice}}"}) {
    const auto result = RecordTemplate::parse(text, "");
    ASSERT_FALSE(result.ok()) << text;
    EXPECT_EQ(result.error().code(), ErrorCode::kInvalidRequest);
  }
}

TEST(RecordTemplate, named_templates_are_valid) {
  for (const NamedTemplate& named : named_templates()) {
    const auto result = RecordTemplate::parse(named.text, named.key);
    ASSERT_TRUE(result.ok()) << named.name << ": " << result.error().message();
    const GeneratedRecord record = result->render(1, 0, kSomeTime);
    EXPECT_FALSE(record.key.empty()) << named.name;
    if (record.data[0] == '{') EXPECT_TRUE(codec::parse_json_object(record.data).ok()) << record.data;
  }
}

TEST(RecordTemplate, the_stock_ticker_has_the_guides_shape) {
  const NamedTemplate& stock = named_templates()[0];
  const auto record = codec::parse_json_object(parsed(stock.text, stock.key).render(1, 0, kSomeTime).data);
  ASSERT_TRUE(record.ok());
  std::vector<std::string> names;
  for (const auto& member : *record) names.emplace_back(member.key());
  EXPECT_EQ(names, (std::vector<std::string>{"event_time", "ticker", "price"}));
  EXPECT_EQ(record->at("event_time").get_string(), "2026-01-02T03:04:05.678901");
}

}  // namespace
}  // namespace raudal::apps
