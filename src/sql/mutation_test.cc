// Statements with a few words taken out, doubled, swapped or replaced: whatever comes of it is an answer or an error.
#include <gtest/gtest.h>

#include "base/rng.h"
#include "sql/session.h"
#include "sql/token.h"

namespace raudal::sql {
namespace {

Result<std::unique_ptr<connector::Source>> no_source(const connector::Table&, const column::Schema&,
                                                     const connector::Environment&) {
  return Error(ErrorCode::kInternal, "the planner opens no source");
}

const char* const kTables[] = {
    "CREATE TABLE t (a INT, b STRING, d DECIMAL(10, 2), r ROW<x INT, y STRING>, l ARRAY<INT>, ts TIMESTAMP(3), c AS a "
    "+ 1, "
    "WATERMARK FOR ts AS ts - INTERVAL '5' SECOND) WITH ('connector' = 'input')",
    "CREATE VIEW v AS SELECT a, b, ts FROM t WHERE a > 1",
};

const char* const kStatements[] = {
    "SELECT a , CASE WHEN b = 'x' THEN d ELSE 0 END AS k , r . x , l [ 1 ] FROM t AS u WHERE a IN ( 1 , 2 ) AND b LIKE "
    "'a%'",
    "SELECT window_start , b , COUNT ( DISTINCT a ) , SUM ( d ) FILTER ( WHERE a > 1 ) FROM TABLE ( HOP ( TABLE t , "
    "DESCRIPTOR "
    "( ts ) , INTERVAL '2' SECOND , INTERVAL '10' SECOND ) ) WHERE a > 1 GROUP BY window_start , window_end , b HAVING "
    "COUNT ( * ) > 1",
    "SELECT TUMBLE_START ( ts , INTERVAL '5' SECOND ) , MAX ( a ) FROM v GROUP BY TUMBLE ( ts , INTERVAL '5' SECOND )",
    "SELECT n + 1 , COUNT ( * ) FROM ( SELECT b , COUNT ( * ) AS n FROM t GROUP BY b ) AS x GROUP BY n + 1",
    "WITH w ( k ) AS ( SELECT a FROM t UNION ALL SELECT CAST ( b AS INT ) FROM v ) SELECT DISTINCT k FROM w WHERE k IS "
    "NOT NULL",
    "SELECT EXTRACT ( YEAR FROM ts ) , FLOOR ( ts TO DAY ) , TRIM ( BOTH 'x' FROM b ) , - a * 2 , COALESCE ( a , c ) "
    "FROM t",
    "VALUES ( 1 , 'a' , NULL ) , ( 2 , 'b' , DATE '2026-01-01' )",
    "CREATE TABLE n ( a INT NOT NULL , c AS a + 1 , ts TIMESTAMP ( 3 ) , WATERMARK FOR ts AS ts ) WITH ( 'k' = 'v' )",
    "EXPLAIN CHANGELOG_MODE SELECT b , AVG ( a ) FROM t GROUP BY b",
    "SELECT SUM ( a ) , b FROM t GROUP BY GROUPING SETS ( ( b ) , ( ) ) , ROLLUP ( a , c )",
};

std::string mutate(const std::vector<std::string>& words, Rng& rng) {
  std::vector<std::string> changed = words;
  const uint64_t changes = 1 + rng.below(3);
  for (uint64_t i = 0; i < changes && !changed.empty(); ++i) {
    const size_t at = rng.below(changed.size());
    const size_t other = rng.below(changed.size());
    switch (rng.below(4)) {
      case 0: changed.erase(changed.begin() + static_cast<long>(at)); break;
      case 1: changed.insert(changed.begin() + static_cast<long>(at), changed[other]); break;
      case 2: std::swap(changed[at], changed[other]); break;
      default: changed[at] = changed[other]; break;
    }
  }
  std::string text;
  for (const std::string& word : changed) text += word + " ";
  return text;
}

TEST(MutationTest, mutated_statements_give_an_answer_or_an_error) {
  connector::Registry registry;
  registry.add(connector::Connector{.name = "input", .make_source = no_source});
  Rng rng(20260101);
  int planned = 0;
  for (const char* statement : kStatements) {
    std::vector<std::string> words;
    const std::string original = statement;
    for (const Token& token : tokenize(original)) {
      words.push_back(original.substr(token.offset, token.end_offset - token.offset));
    }
    for (int i = 0; i < 300; ++i) {
      Session session({.registry = &registry});
      for (const char* table : kTables) ASSERT_TRUE(session.execute({table, {}}).ok());
      const std::string text = i == 0 ? original : mutate(words, rng);
      SCOPED_TRACE(text);
      const auto outcome = session.execute({text, {}});
      planned += outcome.ok();
      if (!outcome.ok()) {
        EXPECT_FALSE(outcome.error().message().empty());
        EXPECT_NE(outcome.error().code(), ErrorCode::kInternal);
      }
    }
  }
  EXPECT_GT(planned, 50) << "the mutations leave nothing to plan";
}

}  // namespace
}  // namespace raudal::sql
