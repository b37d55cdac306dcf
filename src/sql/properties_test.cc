#include "sql/properties.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sql/sql_error.h"

namespace raudal::sql {
namespace {

const PropertyGroups kProperties{{"in", {{"path", "/data/in"}, {"two", "x\ny"}}}};

TEST(PropertiesTest, references_are_replaced_wherever_they_stand) {
  EXPECT_EQ(replace_properties("a '${in:path}' ${in:path}", kProperties).text(), "a '/data/in' /data/in");
  EXPECT_EQ(replace_properties("${in:nope:7} ${other:k:} $", kProperties).text(), "7  $");
}

TEST(PropertiesTest, what_is_no_reference_stays) {
  EXPECT_EQ(replace_properties("${dir} $x {y} ${", kProperties).text(), "${dir} $x {y} ${");
}

TEST(PropertiesTest, an_unset_property_is_named_with_its_place) {
  try {
    replace_properties("one\n  ${in:nope}", kProperties);
    FAIL() << "no error";
  } catch (const SqlError& error) {
    EXPECT_THAT(error.message, testing::HasSubstr("group 'in' has no key 'nope'"));
    EXPECT_EQ(error.span->begin, (Position{2, 3}));
    EXPECT_EQ(error.span->end, (Position{2, 12}));
  }
}

TEST(PropertiesTest, places_lead_back_to_the_text_as_written) {
  const ReplacedText text = replace_properties("ab ${in:two} cd\nef", kProperties);
  EXPECT_EQ(text.text(), "ab x\ny cd\nef");
  EXPECT_EQ(text.original({1, 2}), (Position{1, 2}));
  EXPECT_EQ(text.original({2, 1}), (Position{1, 4}));
  EXPECT_EQ(text.original({2, 3}), (Position{1, 14}));
  EXPECT_EQ(text.original({3, 2}), (Position{2, 2}));
}

}  // namespace
}  // namespace raudal::sql
