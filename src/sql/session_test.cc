#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sql/session.h"

namespace raudal::sql {
namespace {

class FakeSink : public connector::Sink {
 public:
  explicit FakeSink(bool updates) : updates_(updates) {}
  connector::Delivery delivery() const override { return connector::Delivery::kExactlyOnce; }
  bool accepts_updates() const override { return updates_; }
  std::unique_ptr<connector::SinkWriter> make_writer() const override { return nullptr; }
  Status commit(const std::vector<std::string>&) override { return {}; }
  Status recover(const connector::SinkContext&, const std::vector<std::string>&) override { return {}; }

 private:
  const bool updates_;
};

Result<std::unique_ptr<connector::Source>> no_source(const connector::Table&, const column::Schema&,
                                                     const connector::Environment&) {
  return Error(ErrorCode::kInternal, "the planner opens no source");
}

Result<std::unique_ptr<connector::Sink>> append_sink(const connector::Table&, const connector::Environment&) {
  return std::unique_ptr<connector::Sink>(std::make_unique<FakeSink>(false));
}

Result<std::unique_ptr<connector::Sink>> update_sink(const connector::Table&, const connector::Environment&) {
  return std::unique_ptr<connector::Sink>(std::make_unique<FakeSink>(true));
}

class SessionTest : public testing::Test {
 protected:
  SessionTest() {
    registry_.add(connector::Connector{.name = "input", .make_source = no_source});
    registry_.add(connector::Connector{.name = "append", .make_sink = append_sink});
    registry_.add(connector::Connector{.name = "update", .make_sink = update_sink});
    session_.emplace(SessionContext{.registry = &registry_});
    run("CREATE TABLE bids (id INT, item STRING, bidder STRING, price DECIMAL(10, 2), ts TIMESTAMP(3), "
        "WATERMARK FOR ts AS ts - INTERVAL '5' SECOND) WITH ('connector' = 'input')");
    run("CREATE TABLE appended (item STRING, n BIGINT) WITH ('connector' = 'append')");
    run("CREATE TABLE updated (item STRING, n BIGINT) WITH ('connector' = 'update')");
  }

  Outcome run(const std::string& text) {
    auto outcome = session_->execute({text, {}});
    EXPECT_TRUE(outcome.ok()) << text << "\n" << (outcome.ok() ? "" : outcome.error().message());
    return outcome.ok() ? std::move(outcome).value() : Outcome(Done{});
  }

  std::string error_of(const std::string& text) {
    auto outcome = session_->execute({text, {}});
    return outcome.ok() ? "no error" : outcome.error().message();
  }

  // The execution plan: the last section of EXPLAIN.
  std::string plan_of(const std::string& query) {
    const Outcome outcome = run("EXPLAIN " + query);
    const auto* listing = std::get_if<Listing>(&outcome);
    if (!listing) return "";
    const std::string& text = listing->rows[0][0];
    const std::string title = "== Optimized Execution Plan ==\n";
    return text.substr(text.find(title) + title.size());
  }

  std::string types_of(const std::string& query) {
    const Outcome outcome = run(query);
    const auto* result = std::get_if<Query>(&outcome);
    if (!result) return "";
    std::string text;
    for (const column::Field& field : result->schema) {
      text += (text.empty() ? "" : ", ") + field.name + " " + field.type.to_string();
    }
    return text;
  }

  connector::Registry registry_;
  std::optional<Session> session_;
};

using testing::EndsWith;
using testing::HasSubstr;

TEST_F(SessionTest, parse_errors_end_with_the_place_flink_names) {
  EXPECT_THAT(error_of("SELECT a FROM"), EndsWith("at line 1, column 13."));
  EXPECT_THAT(error_of("SELECT 1 +\n  FROM t"), EndsWith("at line 1, column 10."));
  EXPECT_THAT(error_of("SELECT a value FROM t"), EndsWith("at line 1, column 10."));
  EXPECT_THAT(error_of("SELECT a.  FROM t"), EndsWith("at line 1, column 9."));
  EXPECT_THAT(error_of("SELECT (1 + 2 FROM t"), EndsWith("at line 1, column 15."));
  EXPECT_THAT(error_of("SELECT * FROM t WHERE a ="), EndsWith("at line 1, column 25."));
  EXPECT_THAT(error_of("SELECT * FROM t WHERE a AND"), EndsWith("at line 1, column 25."));
  EXPECT_THAT(error_of("SELECT a FROM t GROUP BY"), EndsWith("at line 1, column 24."));
  EXPECT_THAT(error_of("CREATE TABLE x (a INT b INT)"), EndsWith("at line 1, column 23."));
  EXPECT_THAT(error_of("CREATE TABLE x (a INT, raw INT)"), EndsWith("at line 1, column 24."));
  EXPECT_THAT(error_of("CREATE TABLE x (a INT) WITH ('connector' 'b')"), EndsWith("at line 1, column 45."));
}

TEST_F(SessionTest, validation_errors_end_with_the_span_flink_names) {
  EXPECT_THAT(error_of("SELECT missing FROM (VALUES (1)) t(a)"),
              EndsWith("Column 'missing' not found in any table [From line 1, column 8 to line 1, column 14]"));
  EXPECT_THAT(error_of("SELECT * FROM no_such_table"),
              EndsWith("Object 'no_such_table' not found [From line 1, column 15 to line 1, column 27]"));
  EXPECT_THAT(error_of("SELECT no_such_function(1)"), EndsWith("[From line 1, column 8 to line 1, column 26]"));
  EXPECT_THAT(error_of("SELECT 'a' + 1"), EndsWith("[From line 1, column 8 to line 1, column 14]"));
  EXPECT_THAT(error_of("SELECT a, COUNT(*) FROM (VALUES (1, 2)) t(a, b) GROUP BY b"),
              EndsWith("Expression 'a' is not being grouped [At line 1, column 8]"));
  EXPECT_THAT(error_of("SELECT SUM(SUM(id)) FROM bids"), EndsWith("[From line 1, column 8 to line 1, column 19]"));
  EXPECT_THAT(
      error_of("SELECT id FROM bids WHERE SUM(id) > 1"),
      EndsWith("Aggregate expression is illegal in WHERE clause [From line 1, column 27 to line 1, column 33]"));
  EXPECT_THAT(error_of("\tSELECT\tid\tFROM\tnope"), EndsWith("[From line 1, column 17 to line 1, column 20]"));
}

TEST_F(SessionTest, only_read_columns_reach_the_source) {
  EXPECT_EQ(plan_of("SELECT item, COUNT(*) FROM bids WHERE price > 1 GROUP BY item"),
            "GroupAggregate(groupBy=[item], select=[item, COUNT(*) AS EXPR$1])\n"
            "+- Exchange(distribution=[hash[item]])\n"
            "   +- Calc(select=[item], where=[(CAST(price AS DECIMAL(12, 2)) > 1.00)])\n"
            "      +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - +0 00:00:05.000)])\n"
            "         +- TableSourceScan(table=[[default_catalog, default_database, bids, project=[item, price, ts], "
            "metadata=[]]], fields=[item, price, ts])\n");
}

TEST_F(SessionTest, literal_types_are_those_of_flink) {
  EXPECT_EQ(
      types_of("SELECT 1, 3000000000, 1.50, 1e3, 'ab', TRUE, DATE '2026-01-02', TIMESTAMP '2026-01-02 03:04:05.5'"),
      "EXPR$0 INT NOT NULL, EXPR$1 BIGINT NOT NULL, EXPR$2 DECIMAL(3, 2) NOT NULL, EXPR$3 DOUBLE NOT NULL, "
      "EXPR$4 CHAR(2) NOT NULL, EXPR$5 BOOLEAN NOT NULL, EXPR$6 DATE NOT NULL, EXPR$7 TIMESTAMP(1) NOT NULL");
}

TEST_F(SessionTest, aggregates_have_the_types_of_flink) {
  EXPECT_EQ(
      types_of("SELECT item, COUNT(*) AS n, SUM(price) AS s, AVG(price) AS a, AVG(id) AS i FROM bids GROUP BY item"),
      "item STRING, n BIGINT NOT NULL, s DECIMAL(38, 2), a DECIMAL(38, 6), i INT");
}

TEST_F(SessionTest, a_group_by_on_the_window_bounds_is_a_window_aggregate) {
  EXPECT_EQ(
      plan_of("SELECT window_start, item, COUNT(*) FROM TABLE(TUMBLE(TABLE bids, DESCRIPTOR(ts), INTERVAL '10' "
              "SECOND)) WHERE price > 1 GROUP BY window_start, window_end, item"),
      "Calc(select=[window_start, item, EXPR$0 AS EXPR$2])\n"
      "+- WindowAggregate(groupBy=[item], window=[TUMBLE(time_col=[ts], size=[10 s])], select=[item, COUNT(*) AS "
      "EXPR$0, start('w$) AS window_start])\n"
      "   +- Exchange(distribution=[hash[item]])\n"
      "      +- Calc(select=[item, ts], where=[(CAST(price AS DECIMAL(12, 2)) > 1.00)])\n"
      "         +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - +0 00:00:05.000)])\n"
      "            +- TableSourceScan(table=[[default_catalog, default_database, bids, project=[item, price, ts], "
      "metadata=[]]], fields=[item, price, ts])\n");
}

TEST_F(SessionTest, a_group_window_gives_the_same_aggregate) {
  const std::string plan = plan_of(
      "SELECT TUMBLE_END(ts, INTERVAL '5' SECOND) AS winend, MAX(price) AS high, item FROM "
      "bids GROUP BY item, TUMBLE(ts, INTERVAL '5' SECOND)");
  EXPECT_THAT(plan,
              HasSubstr("WindowAggregate(groupBy=[item], window=[TUMBLE(time_col=[ts], size=[5 s])], select=[item, "
                        "MAX(price) AS EXPR$0, end('w$) AS window_end])"));
}

TEST_F(SessionTest, one_bound_of_the_window_alone_is_an_unbounded_group) {
  const std::string plan = plan_of(
      "SELECT window_start, COUNT(*) FROM TABLE(TUMBLE(TABLE bids, DESCRIPTOR(ts), INTERVAL '10' SECOND)) GROUP BY "
      "window_start");
  EXPECT_THAT(plan, HasSubstr("GroupAggregate(groupBy=[window_start]"));
  EXPECT_THAT(plan, HasSubstr("WindowTableFunction(window=[TUMBLE(time_col=[ts], size=[10 s])])"));
}

TEST_F(SessionTest, an_aggregate_without_keys_runs_once) {
  const auto graph = session_->compile_script("INSERT INTO updated SELECT 'all', COUNT(*) FROM bids", {});
  ASSERT_TRUE(graph.ok()) << graph.error().message();
  for (const graph::Node& node : graph->nodes) {
    if (!std::holds_alternative<graph::GroupAggregateSpec>(node.spec)) continue;
    EXPECT_EQ(node.parallelism, 1);
    EXPECT_EQ(node.inputs[0].exchange, graph::Exchange::kSingleton);
    EXPECT_FALSE(node.append_only);
  }
  EXPECT_EQ(graph->nodes.back().parallelism, 1) << "what follows keeps its order";
}

TEST_F(SessionTest, a_changed_filter_keeps_uids_and_state_schema) {
  const auto compile = [&](const std::string& filter) {
    auto graph = session_->compile_script(
        "INSERT INTO updated SELECT item, COUNT(*) FROM bids WHERE " + filter + " GROUP BY item", {});
    EXPECT_TRUE(graph.ok());
    std::string text;
    for (size_t i = 0; i < graph->nodes.size(); ++i) {
      text += graph->nodes[i].uid + " " + graph::state_schema(*graph, static_cast<int>(i)) + "\n";
    }
    return text;
  };
  EXPECT_EQ(compile("price > 1"), compile("bidder LIKE 'a%' AND id < 3"));
}

TEST_F(SessionTest, a_condition_is_evaluated_where_its_columns_come_from) {
  EXPECT_THAT(
      plan_of("SELECT twice FROM (SELECT id * 2 AS twice, item FROM bids) WHERE item = 'fig' AND twice > 4"),
      testing::StartsWith("Calc(select=[(id * 2) AS twice], where=[((item = 'fig') AND ((id * 2) > 4))])\n+- Wat"));
}

TEST_F(SessionTest, not_null_of_a_sink_is_enforced_only_where_a_null_can_come) {
  run("CREATE TABLE strict (n INT NOT NULL) WITH ('connector' = 'append')");
  EXPECT_THAT(plan_of("INSERT INTO strict SELECT id FROM bids"), HasSubstr("NOT_NULL(id, 'n')"));
  EXPECT_THAT(plan_of("INSERT INTO strict SELECT id FROM bids WHERE FALSE UNION ALL SELECT 1"), HasSubstr("NOT_NULL"));
  EXPECT_THAT(plan_of("INSERT INTO strict SELECT COALESCE(id, 0) FROM bids"), testing::Not(HasSubstr("NOT_NULL")));
}

TEST_F(SessionTest, idleness_comes_from_the_table_or_the_setting) {
  const auto idle_timeout = [&](const std::string& hint) {
    const Outcome outcome = run("SELECT COUNT(*) FROM TABLE(TUMBLE(TABLE bids " + hint +
                                ", DESCRIPTOR(ts), INTERVAL '1' SECOND)) GROUP BY window_start, window_end");
    for (const graph::Node& node : std::get<Query>(outcome).graph.nodes) {
      if (const auto* watermark = std::get_if<graph::WatermarkSpec>(&node.spec)) return watermark->idle_timeout_ms;
    }
    return int64_t{-1};
  };
  EXPECT_EQ(idle_timeout(""), 0);
  run("SET 'table.exec.source.idle-timeout' = '2 s'");
  EXPECT_EQ(idle_timeout(""), 2000);
  EXPECT_EQ(idle_timeout("/*+ OPTIONS('scan.watermark.idle-timeout' = '7 s') */"), 7000);
}

TEST_F(SessionTest, settings_are_set_listed_and_reset) {
  run("SET 'pipeline.name' = 'mine'");
  run("SET parallelism.default = 4");
  EXPECT_EQ(session_->settings().at("pipeline.name"), "mine");
  EXPECT_EQ(session_->settings().at("parallelism.default"), "4");
  run("RESET 'pipeline.name'");
  EXPECT_FALSE(session_->settings().contains("pipeline.name"));
  run("RESET");
  EXPECT_TRUE(session_->settings().empty());
}

TEST_F(SessionTest, inserts_between_begin_and_end_are_one_job) {
  run("BEGIN STATEMENT SET");
  run("INSERT INTO appended SELECT item, id FROM bids");
  EXPECT_THAT(error_of("SELECT 1"), HasSubstr("Only INSERT"));
  run("INSERT INTO updated SELECT item, id FROM bids");
  const Outcome outcome = run("END");
  const auto* insert = std::get_if<Insert>(&outcome);
  ASSERT_TRUE(insert);
  EXPECT_THAT(insert->sinks, testing::ElementsAre("default_catalog.default_database.appended",
                                                  "default_catalog.default_database.updated"));
}

TEST_F(SessionTest, a_sink_that_takes_no_updates_refuses_them) {
  EXPECT_THAT(
      error_of("INSERT INTO appended SELECT item, COUNT(*) FROM bids GROUP BY item"),
      HasSubstr("Table sink 'default_catalog.default_database.appended' doesn't support consuming update changes "
                "which is produced by node GroupAggregate("));
  run("INSERT INTO updated SELECT item, COUNT(*) FROM bids GROUP BY item");
}

TEST_F(SessionTest, an_insert_casts_only_what_flink_casts) {
  run("INSERT INTO appended SELECT item, id FROM bids");
  EXPECT_THAT(error_of("INSERT INTO appended SELECT id, id FROM bids"), HasSubstr("do not match"));
  EXPECT_THAT(error_of("INSERT INTO appended SELECT item FROM bids"), HasSubstr("Different number of columns"));
}

TEST_F(SessionTest, a_program_is_one_job_and_reads_a_shared_table_once) {
  const auto graph = session_->compile_script(
      "INSERT INTO updated SELECT item, COUNT(*) FROM bids GROUP BY item;\n"
      "INSERT INTO appended SELECT item, id FROM bids WHERE item <> '${filter:item}';",
      {{"filter", {{"item", "fig"}}}});
  ASSERT_TRUE(graph.ok()) << graph.error().message();
  int sources = 0;
  std::string uids;
  for (const graph::Node& node : graph->nodes) {
    sources += std::holds_alternative<graph::SourceSpec>(node.spec);
    uids += node.uid + " ";
  }
  EXPECT_EQ(sources, 1) << uids;
  EXPECT_THAT(uids, HasSubstr("group-aggregate:updated#0 "));
  EXPECT_THAT(uids, HasSubstr("sink:appended#0 "));
}

TEST_F(SessionTest, errors_of_a_program_speak_of_the_script_as_written) {
  const auto error = session_->compile_script("-- first line\nINSERT INTO appended\n  SELECT '${a:b}', nope FROM bids",
                                              {{"a", {{"b", "a long value"}}}});
  ASSERT_FALSE(error.ok());
  EXPECT_THAT(error.error().message(), EndsWith("[From line 3, column 20 to line 3, column 23]"));
  const auto unset = session_->compile_script("INSERT INTO appended SELECT '${a:c}', 1", {{"a", {}}});
  ASSERT_FALSE(unset.ok());
  EXPECT_THAT(unset.error().message(), HasSubstr("group 'a' has no key 'c'"));
}

TEST_F(SessionTest, a_select_in_a_program_says_what_to_do) {
  const auto error = session_->compile_script("SELECT 1", {});
  ASSERT_FALSE(error.ok());
  EXPECT_THAT(error.error().message(), HasSubstr("INSERT INTO"));
}

TEST_F(SessionTest, statements_split_outside_of_literals_comments_and_statement_sets) {
  const auto statements = split_script(
      "-- a; b\nSELECT ';' ; /* ; */ EXECUTE STATEMENT SET BEGIN\n INSERT INTO t SELECT 1; "
      "END; SELECT `a;b`");
  ASSERT_EQ(statements.size(), 3u);
  EXPECT_EQ(statements[0].text, "SELECT ';'");
  EXPECT_EQ(statements[0].position, (Position{2, 1}));
  EXPECT_THAT(statements[1].text, EndsWith("END"));
  EXPECT_EQ(statements[2].text, "SELECT `a;b`");
}

}  // namespace
}  // namespace raudal::sql
