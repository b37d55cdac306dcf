#include "expr/function.h"
#include "operators/operator_script.h"

namespace raudal::operators {
namespace {

using column::Type;
using column::TypeKind;
using expr::Expr;
using script::expect_output;
using script::graph_of;

const Type kBigInt(TypeKind::kBigInt);
const column::Schema kInput = {{"a", kBigInt}, {"b", Type::string()}};

Expr number(int64_t value) {
  column::ColumnBuilder builder(kBigInt.with_nullable(false), 1);
  builder.append(value);
  return Expr::constant(builder.finish());
}

TEST(CalcTest, keeps_the_rows_of_its_condition_with_their_change_kinds) {
  graph::CalcSpec spec;
  spec.condition = expr::make_call(">", {Expr::input(0, kBigInt), number(2)}).value();
  spec.projections = {Expr::input(1, Type::string()),
                      expr::make_call("+", {Expr::input(0, kBigInt), number(10)}).value()};
  expect_output(graph_of(kInput, spec, {{"b", Type::string()}, {"c", kBigInt}}), {0}, R"(
    +I 1 one
    -U 3 three
    +U 4 four
    +I NULL none
    -D 5 five
  )", R"(
    -U three 13
    +U four 14
    -D five 15
  )");
}

TEST(CalcTest, a_row_that_fails_fails_the_batch) {
  graph::CalcSpec spec;
  spec.projections = {expr::make_call("/", {number(1), Expr::input(0, kBigInt)}).value()};
  const graph::JobGraph graph = graph_of(kInput, spec, {{"c", kBigInt}});
  script::Runner runner(graph, 1, {}, {});
  const std::vector<std::string> lines = runner.run("+I 0 x");
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_TRUE(lines[0].starts_with("ERROR ")) << lines[0];
}

}  // namespace
}  // namespace raudal::operators
