#include "operators/operator_script.h"

namespace raudal::operators {
namespace {

using column::Type;
using column::TypeKind;
using expr::Expr;
using script::graph_of;

const Type kTime = Type::timestamp(3);

graph::JobGraph watermark_graph(int64_t idle_timeout_ms = 0) {
  const column::Schema schema = {{"id", Type(TypeKind::kBigInt)}, {"ts", kTime}};
  graph::WatermarkSpec spec{
      .rowtime_column = 1, .watermark = Expr::input(1, kTime), .idle_timeout_ms = idle_timeout_ms};
  return graph_of(schema, spec, schema);
}

std::string run(const graph::JobGraph& graph, std::string_view events, script::Way way = {}) {
  return join(script::Runner(graph, 1, {}, way).run(events), "\n");
}

std::string expected(std::string_view text) { return join(script::lines_of(text), "\n"); }

TEST(WatermarkAssignerTest, each_row_carries_the_watermark_that_earlier_rows_made) {
  // What Flink's CURRENT_WATERMARK shows for tools/flink/examples/late_rows.sql, five seconds later.
  constexpr std::string_view kRows = R"(
    +I 1 -4000
    +I 2 -500
    +I 3 4999
    +I 4 5000
    +I 5 8000
    +I 6 7000
    +I 7 26000
    +I 8 1000
    +I 9 28250
    +I 10 57000
  )";
  const graph::JobGraph graph = watermark_graph();
  EXPECT_EQ(run(graph, kRows), expected(R"(
    +I 1 1969-12-31 23:59:56.000 @none
    +I 2 1969-12-31 23:59:59.500 @none
    +I 3 1970-01-01 00:00:04.999 @none
    +I 4 1970-01-01 00:00:05.000 @4999
    +I 5 1970-01-01 00:00:08.000 @4999
    +I 6 1970-01-01 00:00:07.000 @8000
    +I 7 1970-01-01 00:00:26.000 @8000
    +I 8 1970-01-01 00:00:01.000 @26000
    +I 9 1970-01-01 00:00:28.250 @26000
    +I 10 1970-01-01 00:00:57.000 @28250
    watermark 57000
  )"));
  std::vector<std::string> single = script::Runner(graph, 1, {}, {.single_rows = true}).run(kRows);
  std::erase_if(single, [](const std::string& line) { return line.starts_with("watermark"); });
  std::vector<std::string> batch = script::Runner(graph, 1, {}, {}).run(kRows);
  batch.pop_back();
  EXPECT_EQ(single, batch);
}

TEST(WatermarkAssignerTest, a_small_advance_waits_for_the_tick) {
  EXPECT_EQ(run(watermark_graph(), R"(
    +I 1 1000
    +I 2 1100
    tick 199
    tick 1
    tick 200
  )"), expected(R"(
    +I 1 1970-01-01 00:00:01.000 @none
    +I 2 1970-01-01 00:00:01.100 @1000
    watermark 1000
    watermark 1100
  )"));
}

TEST(WatermarkAssignerTest, is_idle_after_the_timeout_until_a_row_comes) {
  EXPECT_EQ(run(watermark_graph(500), R"(
    +I 1 1000
    tick 400
    tick 100
    tick 1000
    +I 2 900
  )"), expected(R"(
    +I 1 1970-01-01 00:00:01.000 @none
    watermark 1000
    idle
    active
    +I 2 1970-01-01 00:00:00.900 @1000
  )"));
}

TEST(WatermarkAssignerTest, a_row_without_event_time_is_an_error) {
  EXPECT_EQ(run(watermark_graph(), "+I 1 NULL"),
            "ERROR RowTime field should not be null, please convert it to a non-null long value.");
}

}  // namespace
}  // namespace raudal::operators
