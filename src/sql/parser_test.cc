#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sql/parser.h"
#include "sql/print_ast.h"
#include "sql/sql_error.h"

namespace raudal::sql {
namespace {

using testing::ElementsAre;

// The expression as the parser understood it.
std::string reprint(const std::string& text) {
  Parser parser(text, {});
  ExprAst ast = parser.expression();
  parser.expect_end();
  return print_ast(ast);
}

std::string error_of(const std::string& text) {
  try {
    parse_statement(text);
  } catch (const SqlError& error) { return error.to_error().message(); }
  return "no error";
}

TEST(ParserTest, operators_bind_as_in_calcite) {
  EXPECT_EQ(reprint("1 + 2 * 3 - 4"), "1 + 2 * 3 - 4");
  EXPECT_EQ(reprint("(1 + 2) * 3"), "(1 + 2) * 3");
  EXPECT_EQ(reprint("7 - (2 - 1)"), "7 - (2 - 1)");
  EXPECT_EQ(reprint("not a = 1 and b or c"), "NOT `a` = 1 AND `b` OR `c`");
  EXPECT_EQ(reprint("not (a and (b or c))"), "NOT (`a` AND (`b` OR `c`))");
  EXPECT_EQ(reprint("a + 1 between 2 and 3 and b"), "`a` + 1 BETWEEN ASYMMETRIC 2 AND 3 AND `b`");
  EXPECT_EQ(reprint("a = 1 is true"), "`a` = 1 IS TRUE");
  EXPECT_EQ(reprint("-a || 'x' like 'y'"), "-`a` || 'x' LIKE 'y'");
  EXPECT_EQ(reprint("a not in (1, 2) and b is not null"), "`a` NOT IN (1, 2) AND `b` IS NOT NULL");
}

TEST(ParserTest, special_calls_keep_their_parts) {
  EXPECT_EQ(reprint("extract(days from ts)"), "EXTRACT(DAY FROM `ts`)");
  EXPECT_EQ(reprint("floor(ts to hour)"), "FLOOR(`ts` TO HOUR)");
  EXPECT_EQ(reprint("trim(leading 'x' from s)"), "LTRIM(`s`, 'x')");
  EXPECT_EQ(reprint("substring(s from 2 for 3)"), "SUBSTRING(`s`, 2, 3)");
  EXPECT_EQ(reprint("position('a' in s)"), "POSITION('a', `s`)");
  EXPECT_EQ(reprint("case a when 1 then 'x' end"), "CASE WHEN `a` = 1 THEN 'x' ELSE NULL END");
  EXPECT_EQ(reprint("cast(a as row<x int, y array<string>>)"), "CAST(`a` AS ROW<`x` INT, `y` ARRAY<STRING>>)");
  EXPECT_EQ(reprint("interval '1-6' year to month"), "INTERVAL '1-6' YEAR TO MONTH");
  EXPECT_EQ(reprint("a[1].b"), "`a`[1].`b`");
  EXPECT_EQ(reprint("count(distinct a) filter (where b)"), "COUNT(DISTINCT `a`)");
}

TEST(ParserTest, strings_resolve_quotes_and_escapes) {
  EXPECT_EQ(reprint("'it''s'"), "'it''s'");
  EXPECT_EQ(reprint("U&'\\00e9'"), "'é'");
  EXPECT_EQ(reprint("_UTF16'x'"), "'x'");
  EXPECT_EQ(reprint("x'4142'"), "X'AB'");
  EXPECT_EQ(reprint("'a'\n'b'"), "'ab'");
}

TEST(ParserTest, tabs_are_one_column_and_characters_beyond_the_basic_plane_two) {
  const std::vector<Token> tokens = tokenize("\ta /* 😀 */ 'é' b");
  EXPECT_EQ(tokens[0].span.begin, (Position{1, 2}));
  EXPECT_EQ(tokens[1].span.begin, (Position{1, 13}));
  EXPECT_EQ(tokens[1].span.end, (Position{1, 15}));
  EXPECT_EQ(tokens[2].span.begin, (Position{1, 17}));
  EXPECT_EQ(tokens[3].span.begin, (Position{1, 17}));
}

TEST(ParserTest, names_keep_their_case_and_places) {
  Parser parser("Default_Catalog.`Odd ``name`.Col", {3, 5});
  const ExprAst ast = parser.expression();
  EXPECT_THAT(ast.name.parts, ElementsAre("Default_Catalog", "Odd `name", "Col"));
  EXPECT_EQ(ast.name.spans[2].begin, (Position{3, 34}));
}

TEST(ParserTest, what_flink_has_and_this_engine_not_is_named_with_its_place) {
  EXPECT_EQ(error_of("SELECT * FROM a MATCH_RECOGNIZE (x)"),
            "MATCH_RECOGNIZE is not supported yet [From line 1, column 17 to line 1, column 31]");
  EXPECT_EQ(error_of("CREATE FUNCTION f AS 'x'"),
            "CREATE FUNCTION is not supported yet [From line 1, column 8 to line 1, column 15]");
  EXPECT_EQ(
      error_of("CREATE TABLE t (a TIMESTAMP(9)) WITH ('connector' = 'x')"),
      "The type TIMESTAMP(9) (6 is the highest precision) is not supported yet [From line 1, column 19 to line 1, "
      "column 30]");
  EXPECT_EQ(error_of("DELETE FROM t"),
            "The statement DELETE is not supported yet [From line 1, column 1 to line 1, column 6]");
}

TEST(ParserTest, depth_is_bounded) {
  const auto repeat = [](const std::string& text, int times) {
    std::string out;
    for (int i = 0; i < times; ++i) out += text;
    return out;
  };
  EXPECT_THAT(error_of("SELECT " + repeat("(", 100000) + "1"), testing::HasSubstr("Nested more than"));
  EXPECT_THAT(error_of("SELECT " + repeat("NOT ", 100000) + "1"), testing::HasSubstr("Nested more than"));
  EXPECT_THAT(error_of("SELECT 1" + repeat(" + 1", 100000)), testing::HasSubstr("An expression of more than"));
  EXPECT_THAT(error_of(repeat("SELECT * FROM (", 100000)), testing::HasSubstr("Nested more than"));
  EXPECT_THAT(error_of("SELECT CAST(1 AS " + repeat("ARRAY<", 100000)), testing::HasSubstr("Nested more than"));
  EXPECT_EQ(error_of("SELECT " + repeat("(", 90) + "1" + repeat(" + 1)", 90)), "no error");
}

TEST(ParserTest, malformed_text_never_crashes) {
  const std::string text =
      "CREATE TABLE t (a INT, b AS a + 1, WATERMARK FOR ts AS ts - INTERVAL '5' SECOND) WITH ('k' = 'v'); "
      "SELECT DISTINCT a.*, COUNT(DISTINCT x) FILTER (WHERE y > 1) AS `n` FROM TABLE(TUMBLE(DATA => TABLE t, TIMECOL "
      "=> "
      "DESCRIPTOR(ts), SIZE => INTERVAL '1' DAY)) AS a WHERE CASE WHEN b LIKE 'x%' THEN TRUE END GROUP BY a, "
      "GROUPING SETS ((a), ()) HAVING SUM(a[1].c) IS NOT NULL UNION ALL VALUES (1, U&'\\00e9'), (ROW(1), 1e3)";
  for (size_t cut = 0; cut < text.size(); ++cut) {
    for (const std::string& part : {text.substr(0, cut), text.substr(cut), text.substr(cut, 20)}) {
      (void)error_of(part);
    }
  }
}

}  // namespace
}  // namespace raudal::sql
