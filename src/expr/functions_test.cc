#include <fstream>
#include <sstream>

#include "column/builder.h"
#include "column/print.h"
#include "expr/function.h"

namespace raudal::expr {
namespace {

using column::ColumnBuilder;
using column::Type;
using column::TypeKind;

Expr text(std::string_view value) {
  ColumnBuilder builder(Type::string().with_nullable(false), 1);
  builder.append_string(value);
  return Expr::constant(builder.finish());
}

Expr integer(int32_t value) {
  ColumnBuilder builder(Type(TypeKind::kInt).with_nullable(false), 1);
  builder.append(value);
  return Expr::constant(builder.finish());
}

std::string value_of(std::string_view name, std::vector<Expr> args) {
  const Result<Expr> call = make_call(name, std::move(args));
  if (!call.ok()) return "INVALID " + call.error().message();
  const Result<column::Column> value = fold(*call, EvalContext{});
  return value.ok() ? column::print_value(*value, 0) : "ERROR " + value.error().message();
}

// Each example stands in tests/sql/functions/examples.sql, where its answer is Flink's.
TEST(Functions, each_has_a_doc_and_an_example_that_was_run_on_flink) {
  std::ifstream file(RAUDAL_FUNCTION_EXAMPLES);
  std::stringstream script;
  script << file.rdbuf();
  for (const Function* function : builtin_functions().all()) {
    EXPECT_FALSE(function->doc.empty()) << function->name;
    EXPECT_TRUE(function->kernel || function->rewrite) << function->name;
    if (function->example.empty()) {  // its value is never the same twice
      EXPECT_FALSE(function->deterministic) << function->name;
      continue;
    }
    EXPECT_NE(script.str().find("SELECT " + function->example + ";"), std::string::npos) << function->example;
  }
}

TEST(Functions, wrong_arguments_are_named) {
  EXPECT_EQ(make_call("NO_SUCH_FUNCTION", {integer(1)}).error().message(),
            "No match found for function signature NO_SUCH_FUNCTION(<INTEGER>)");
  EXPECT_EQ(make_call("UPPER", {integer(1)}).error().message(),
            "Cannot apply 'UPPER' to arguments of type 'UPPER(<INTEGER>)'");
  EXPECT_EQ(make_call("UPPER", {}).error().code(), ErrorCode::kSqlValidation);
}

TEST(Functions, text_is_counted_by_code_points) {
  EXPECT_EQ(value_of("CHAR_LENGTH", {text("größe😀")}), "6");
  EXPECT_EQ(value_of("SUBSTRING", {text("größe😀"), integer(-2), integer(1)}), "e");
  EXPECT_EQ(value_of("REVERSE", {text("ab😀")}), "😀ba");
  EXPECT_EQ(value_of("POSITION", {text("ß"), text("größe")}), "4");
}

TEST(Functions, a_regular_expression_that_explodes_fails_in_time) {
  const std::string many(60, 'a');
  EXPECT_EQ(value_of("REGEXP", {text(many + "b"), text("^(a+)+$")}).substr(0, 5), "ERROR");
  EXPECT_EQ(value_of("REGEXP", {text("abc"), text("(")}), "FALSE");
}

TEST(Functions, if_evaluates_only_the_branch_it_takes) {
  const Expr quotient = *make_call("/", {integer(1), integer(0)});
  const Expr is_equal = *make_call("=", {integer(1), integer(1)});
  EXPECT_EQ(value_of("IF", {is_equal, integer(7), quotient}), "7");
  EXPECT_EQ(value_of("COALESCE", {integer(3), quotient}), "3");
}

TEST(Functions, json_paths_lead_to_values) {
  const std::string json = R"({"a": {"b": [1, "x", null, {"c": true}]}, "k y": 2.5})";
  EXPECT_EQ(value_of("JSON_VALUE", {text(json), text("$.a.b[1]")}), "x");
  EXPECT_EQ(value_of("JSON_VALUE", {text(json), text("$.a.b[3].c")}), "true");
  EXPECT_EQ(value_of("JSON_VALUE", {text(json), text("$['k y']")}), "2.5");
  EXPECT_EQ(value_of("JSON_VALUE", {text(json), text("$.a.b")}), "<NULL>");
  EXPECT_EQ(value_of("JSON_VALUE", {text("not json"), text("$.a")}), "<NULL>");
  EXPECT_EQ(value_of("JSON_QUERY", {text(json), text("lax $.a.b[3]")}), R"({"c":true})");
  EXPECT_EQ(value_of("JSON_EXISTS", {text(json), text("$.a.b[2]")}), "FALSE");
  EXPECT_EQ(value_of("JSON_EXISTS", {text(json), text("$.a.b[*].c")}), "TRUE");
  EXPECT_EQ(value_of("JSON_VALUE", {text(json), text("a.b")}).substr(0, 5), "ERROR");
}

}  // namespace
}  // namespace raudal::expr
