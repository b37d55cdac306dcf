#include "connector/registry.h"

#include <gtest/gtest.h>

#include "connector/options.h"

namespace raudal::connector {
namespace {

Registry sample() {
  Registry registry;
  registry.add(Connector{.name = "files",
                         .options = {{.name = "path", .required = true},
                                     {.name = "format"},
                                     {.name = "fields.#.min"}}});
  registry.add(Format{.name = "json", .option_names = {"ignore-parse-errors"}});
  return registry;
}

TEST(Registry, finds_the_connector_of_a_table_whose_options_are_right) {
  const Registry registry = sample();
  const Table table{.options = {{"connector", "files"}, {"path", "/x"}, {"format", "json"},
                                {"json.ignore-parse-errors", "true"}, {"fields.a.b.min", "1"}}};
  ASSERT_TRUE(registry.connector_of(table).ok());
  const auto [format, options] = *registry.format_of(table);
  EXPECT_EQ(format->name, "json");
  EXPECT_EQ(options, (Options{{"ignore-parse-errors", "true"}}));
}

TEST(Registry, refuses_unknown_and_missing_options_by_name) {
  const Registry registry = sample();
  const auto refused = [&](Options options) {
    const auto result = registry.connector_of(Table{.name = "t", .options = std::move(options)});
    EXPECT_FALSE(result.ok());
    if (result.ok()) return std::string();
    EXPECT_EQ(result.error().code(), ErrorCode::kSqlOption);
    return result.error().message();
  };
  EXPECT_NE(refused({}).find("'connector'"), std::string::npos);
  EXPECT_NE(refused({{"connector", "kafka"}}).find("Could not find any factory for identifier 'kafka'"),
            std::string::npos);
  EXPECT_NE(refused({{"connector", "files"}}).find("path"), std::string::npos);
  EXPECT_NE(refused({{"connector", "files"}, {"path", "x"}, {"pfad", "y"}}).find("pfad"), std::string::npos);
  EXPECT_NE(refused({{"connector", "files"}, {"path", "x"}, {"format", "json"}, {"json.colour", "y"}})
                .find("json.colour"), std::string::npos);
  EXPECT_NE(refused({{"connector", "files"}, {"path", "x"}, {"format", "xml"}}).find("'xml'"), std::string::npos);
}

TEST(Options, that_do_not_parse_are_named) {
  const Options options = {{"flag", "maybe"}, {"count", "3x"}, {"wait", "soon"}, {"kind", "odd"}};
  for (const std::string& message :
       {bool_option(options, "flag", false).error().message(), int_option(options, "count").error().message(),
        duration_option(options, "wait").error().message(),
        word_option(options, "kind", {"random", "sequence"}).error().message()}) {
    EXPECT_NE(message.find("Invalid value for option"), std::string::npos) << message;
  }
  EXPECT_EQ(*word_option({{"kind", "Sequence"}}, "kind", {"random", "sequence"}), "sequence");
  EXPECT_EQ(*word_option({}, "kind", {"random", "sequence"}), "random");
}

}  // namespace
}  // namespace raudal::connector
