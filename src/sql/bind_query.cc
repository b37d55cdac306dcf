#include "sql/bind_query.h"

#include <fmt/core.h>

#include "column/builder.h"
#include "expr/function.h"
#include "sql/literal.h"
#include "sql/sql_error.h"

namespace raudal::sql {

using column::Type;
using column::TypeKind;
using expr::Expr;

namespace {

// The value of a constant, cast; NULL literals need no function.
column::Column fold_value(const Expr& value, const Type& type, const Span& span) {
  if (value.type.kind() == TypeKind::kNull) return Expr::null_of(type.with_nullable(true)).literal;
  Expr cast = cast_or_fail(value, type.with_nullable(value.type.nullable()), span);
  if (cast.kind == expr::ExprKind::kLiteral) return cast.literal;
  return value_or_fail(expr::fold(cast, {}), span);
}

// The list of a SELECT, where that is what the query is.
Span list_span(const QueryAst& query) {
  if (query.kind != QueryAst::Kind::kSelect) return query.span;
  return cover(query.select.items.front().span, query.select.items.back().span);
}

Span item_span(const QueryAst& query, size_t item) {
  if (query.kind != QueryAst::Kind::kSelect || item >= query.select.items.size()) return query.span;
  return query.select.items[item].span;
}

void check_order(const QueryAst& query) {
  if (!query.order_by.empty()) fail_unsupported("ORDER BY in a stream", query.order_span);
  if (query.limit_span) fail_unsupported("LIMIT in a stream", *query.limit_span);
}

}  // namespace

PlanPtr make_one_row() {
  column::ColumnBuilder zero(Type(TypeKind::kInt).with_nullable(false), 1);
  zero.append(int32_t{0});
  graph::ValuesSpec values;
  values.rows.num_rows = 1;
  values.rows.columns.push_back(zero.finish());
  column::Schema output{{"ZERO", values.rows.columns[0].type}};
  return make_plan(std::move(values), {}, std::move(output));
}

std::string QueryBinder::time_zone() const {
  const auto it = context_.settings.find("table.local-time-zone");
  return it == context_.settings.end() ? "UTC" : it->second;
}

PlanPtr QueryBinder::bind(const QueryAst& query) {
  const size_t outer = with_.size();
  for (const QueryAst::With& with : query.with) with_.push_back({&with, with_.size()});
  PlanPtr plan;
  switch (query.kind) {
    case QueryAst::Kind::kSelect: plan = bind_select(query.select); break;
    case QueryAst::Kind::kValues: plan = bind_values(query); break;
    case QueryAst::Kind::kUnionAll: plan = bind_union(query); break;
    case QueryAst::Kind::kOtherSet: fail_unsupported(query.set_operator, query.operator_span);
  }
  check_order(query);
  with_.resize(outer);
  return plan;
}

PlanPtr QueryBinder::bind_union(const QueryAst& query) {
  std::vector<PlanPtr> inputs{bind(*query.left), bind(*query.right)};
  const std::string name = query.select.distinct ? "UNION" : "UNION ALL";
  const size_t width = inputs[0]->output.size();
  if (inputs[1]->output.size() != width) {
    fail_validation(fmt::format("Column count mismatch in {}", name), list_span(*query.right));
  }
  column::Schema output = inputs[0]->output;
  std::vector<std::vector<Expr>> projections{identity_projection(inputs[0]->output),
                                             identity_projection(inputs[1]->output)};
  for (size_t i = 0; i < width; ++i) {
    const std::vector<Type> types{inputs[0]->output[i].type, inputs[1]->output[i].type};
    const auto common = expr::common_type(types);
    if (!common.ok())
      fail_validation(fmt::format("Type mismatch in column {} of {}", i + 1, name), item_span(*query.left, i));
    const bool nullable = types[0].nullable() || types[1].nullable();
    const bool rowtime = types[0].rowtime() && types[1].rowtime();
    output[i].type = common->with_nullable(nullable).with_rowtime(rowtime);
    for (size_t side = 0; side < 2; ++side) {
      const Type wanted = common->with_nullable(types[side].nullable()).with_rowtime(types[side].rowtime());
      projections[side][i] = cast_or_fail(std::move(projections[side][i]), wanted, query.span);
    }
  }
  std::vector<std::string> names;
  for (const column::Field& field : output) names.push_back(field.name);
  for (size_t side = 0; side < 2; ++side) {
    inputs[side] = make_projection(inputs[side], std::move(projections[side]), names);
  }
  PlanPtr plan = make_plan(graph::UnionSpec{}, std::move(inputs), std::move(output));
  return query.select.distinct ? make_distinct(std::move(plan)) : plan;
}

PlanPtr QueryBinder::bind_values(const QueryAst& query) {
  const Scope no_columns;
  ExprBinder binder(no_columns, nullptr, "VALUES");
  const size_t width = query.values[0].size();
  std::vector<std::vector<Expr>> rows;
  for (const auto& row : query.values) {
    if (row.size() != width) {
      fail_validation("Values passed to VALUES operator must have compatible types", query.span);
    }
    rows.emplace_back();
    for (const ExprAst& value : row) rows.back().push_back(binder.bind(value));
  }
  if (rows.size() > column::kBatchRowsMax) {
    fail_unsupported(fmt::format("VALUES of more than {} rows", column::kBatchRowsMax), query.span);
  }
  graph::ValuesSpec values;
  values.rows.num_rows = rows.size();
  column::Schema output;
  for (size_t i = 0; i < width; ++i) {
    std::vector<Type> types;
    bool nullable = false;
    for (const auto& row : rows) {
      types.push_back(row[i].type);
      nullable = nullable || row[i].type.nullable();
    }
    const auto common = expr::common_type(types);
    if (!common.ok()) fail_validation("Values passed to VALUES operator must have compatible types", query.span);
    const Type type = common->with_nullable(nullable);
    column::ColumnBuilder builder(type, rows.size());
    for (size_t row = 0; row < rows.size(); ++row) {
      builder.append_from(fold_value(rows[row][i], type, query.values[row][i].span), 0);
    }
    values.rows.columns.push_back(builder.finish());
    output.push_back({fmt::format("EXPR${}", i), type});
  }
  return make_plan(std::move(values), {}, std::move(output));
}

}  // namespace raudal::sql
