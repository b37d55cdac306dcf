// Expressions of a grouped SELECT: what is neither a key nor inside an aggregate has no value.
#include <algorithm>

#include <fmt/core.h>

#include "base/str.h"
#include "sql/aggregates.h"
#include "sql/bind_expr.h"
#include "sql/literal.h"
#include "sql/sql_error.h"

namespace raudal::sql {

using column::Type;
using column::TypeKind;
using expr::Expr;
using expr::ExprKind;
using graph::WindowProperty;

namespace {

struct PropertyFunction {
  std::string_view suffix;
  WindowProperty property;
};

constexpr PropertyFunction kProperties[] = {
    {"_START", WindowProperty::kStart}, {"_END", WindowProperty::kEnd}, {"_ROWTIME", WindowProperty::kTime}};

constexpr std::string_view kWindowFunctions[] = {"TUMBLE", "HOP", "SESSION"};

std::optional<WindowProperty> property_of(const ExprAst& ast) {
  if (ast.kind != ExprAstKind::kCall || ast.is_operator) return std::nullopt;
  const std::string upper = to_upper(ast.text);
  for (std::string_view function : kWindowFunctions) {
    for (const PropertyFunction& property : kProperties) {
      if (upper == std::string(function) + std::string(property.suffix)) return property.property;
    }
  }
  return std::nullopt;
}

std::string join_name(const NameAst& name) { return join(name.parts, "."); }

}  // namespace

std::string group_window_function(const ExprAst& ast) {
  if (ast.kind != ExprAstKind::kCall || ast.is_operator) return "";
  const std::string upper = to_upper(ast.text);
  for (std::string_view function : kWindowFunctions) {
    if (upper == function) return upper;
  }
  return "";
}

bool contains_aggregate(const ExprAst& ast) {
  if (ast.kind == ExprAstKind::kCall && !ast.is_operator && !ast.over) {
    if (find_aggregate(to_upper(ast.text)) || property_of(ast)) return true;
  }
  for (const ExprAst& arg : ast.args) {
    if (contains_aggregate(arg)) return true;
  }
  return false;
}

Expr ExprBinder::bind_grouped(const ExprAst& ast) {
  if (const auto property = property_of(ast)) return bind_window_property(ast, *property);
  if (contains_aggregate(ast)) return bind_plain(ast);
  inside_aggregate_ = true;
  const Expr plain = bind_plain(ast);
  inside_aggregate_ = false;
  for (size_t i = 0; i < grouping_->keys.size(); ++i) {
    if (!expr::same(plain, grouping_->keys[i])) continue;
    // A key that a grouping set lacks is NULL there.
    bool nullable = plain.type.nullable();
    for (const auto& set : grouping_->sets) {
      nullable = nullable || std::find(set.begin(), set.end(), static_cast<int>(i)) == set.end();
    }
    return Expr::input(static_cast<int>(i), plain.type.with_nullable(nullable));
  }
  std::vector<int> columns;
  expr::collect_columns(plain, &columns);
  if (columns.empty()) return plain;
  if (ast.kind == ExprAstKind::kName) {
    fail_validation(fmt::format("Expression '{}' is not being grouped", join_name(ast.name)), ast.span);
  }
  return bind_plain(ast);
}

Expr ExprBinder::bind_aggregate(const ExprAst& ast, const std::string& name) {
  if (inside_aggregate_) fail_validation("Aggregate expressions cannot be nested", ast.span);
  if (!grouping_) { fail_validation(fmt::format("Aggregate expression is illegal in {} clause", clause_), ast.span); }
  for (const ExprAst& arg : ast.args) {
    if (contains_aggregate(arg)) fail_validation("Aggregate expressions cannot be nested", ast.span);
  }
  BoundAggregate aggregate;
  aggregate.function = name;
  inside_aggregate_ = true;
  aggregate.args = bind_all(ast.args);
  if (ast.filter) {
    aggregate.filter = bind_plain(*ast.filter);
    if (aggregate.filter->type.kind() != TypeKind::kBoolean) {
      fail_validation("FILTER expression must be of type BOOLEAN", ast.filter->span);
    }
  }
  inside_aggregate_ = false;
  std::vector<Type> types;
  for (const Expr& arg : aggregate.args) types.push_back(arg.type);
  const bool global = grouping_->keys.empty();
  aggregate.result = aggregate_result(name, types, ast.star, global || ast.filter != nullptr, ast.span);
  // DISTINCT changes nothing for MIN and MAX; a column that is never NULL counts rows.
  aggregate.distinct = ast.distinct && name != "MIN" && name != "MAX";
  if (name == "COUNT" && !aggregate.distinct && aggregate.args.size() == 1 && !aggregate.args[0].type.nullable()) {
    aggregate.args.clear();
  }
  auto& known = grouping_->aggregates;
  const auto equal = [&](const BoundAggregate& other) {
    if (other.function != aggregate.function || other.distinct != aggregate.distinct ||
        other.args.size() != aggregate.args.size() || other.filter.has_value() != aggregate.filter.has_value()) {
      return false;
    }
    for (size_t i = 0; i < aggregate.args.size(); ++i) {
      if (!expr::same(other.args[i], aggregate.args[i])) return false;
    }
    return !aggregate.filter || expr::same(*other.filter, *aggregate.filter);
  };
  size_t index = 0;
  while (index < known.size() && !equal(known[index])) ++index;
  const Type result = aggregate.result;
  if (index == known.size()) known.push_back(std::move(aggregate));
  return Expr::input(static_cast<int>(grouping_->keys.size() + index), result);
}

Expr ExprBinder::bind_window_property(const ExprAst& ast, WindowProperty property) {
  const std::string upper = to_upper(ast.text);
  ExprAst window = ast;
  window.text = upper.substr(0, upper.find('_'));
  if (!grouping_->window) {
    fail_validation(fmt::format("Call to auxiliary group function '{}' must have matching call to group function '{}' "
                                "in GROUP BY clause",
                                upper, window.text),
                    ast.span);
  }
  inside_aggregate_ = true;
  const GroupWindow asked = bind_group_window(window);
  inside_aggregate_ = false;
  const GroupWindow& group = *grouping_->window;
  const bool matches = asked.window.kind == group.window.kind && asked.window.size_ms == group.window.size_ms &&
                       asked.window.slide_ms == group.window.slide_ms &&
                       asked.window.offset_ms == group.window.offset_ms && expr::same(asked.time, group.time);
  if (!matches) {
    fail_validation(fmt::format("Call to auxiliary group function '{}' must have matching call to group function '{}' "
                                "in GROUP BY clause",
                                upper, window.text),
                    ast.span);
  }
  auto& properties = grouping_->properties;
  size_t index = 0;
  while (index < properties.size() && properties[index] != property) ++index;
  if (index == properties.size()) properties.push_back(property);
  Type type = Type::timestamp(3);
  if (property == WindowProperty::kTime) {
    if (group.time.type.kind() == TypeKind::kTimestampLtz) type = Type::timestamp_ltz(3);
    type = type.with_rowtime(true);
  }
  return Expr::input(Grouping::kFirstProperty + static_cast<int>(index), type.with_nullable(false));
}

GroupWindow ExprBinder::bind_group_window(const ExprAst& ast) {
  const std::string upper = to_upper(ast.text);
  GroupWindow result;
  graph::Window& window = result.window;
  const size_t intervals = upper == "HOP" ? 2 : 1;
  if (ast.args.size() < intervals + 1 || ast.args.size() > intervals + 2) {
    fail_validation(
        fmt::format("Invalid number of arguments to function '{}'. Was expecting {} arguments", upper, intervals + 1),
        ast.span);
  }
  result.time = bind_plain(ast.args[0]);
  if (!result.time.type.rowtime()) {
    fail_validation(fmt::format("Group window '{}' needs an event-time attribute (a column with a watermark) as its "
                                "first argument; windows on processing time are not supported yet",
                                upper),
                    ast.args[0].span);
  }
  std::vector<int64_t> values;
  for (size_t i = 1; i < ast.args.size(); ++i) {
    int64_t ms = 0;
    if (!interval_ms(bind_plain(ast.args[i]), &ms)) {
      fail_validation(
          fmt::format("Only constant window intervals of days or less are supported: argument {} of {}", i, upper),
          ast.args[i].span);
    }
    if (ms <= 0 && i <= intervals) fail_validation("A window's interval must be positive", ast.args[i].span);
    values.push_back(ms);
  }
  window.kind = upper == "HOP"      ? graph::WindowKind::kHop
                : upper == "TUMBLE" ? graph::WindowKind::kTumble
                                    : graph::WindowKind::kSession;
  window.slide_ms = values[0];
  window.size_ms = values[intervals - 1];
  if (values.size() > intervals) window.offset_ms = values[intervals];
  return result;
}

}  // namespace raudal::sql
