#include "sql/aggregates.h"

#include <algorithm>

#include <fmt/core.h>

#include "sql/sql_error.h"

namespace raudal::sql {
namespace {

using column::Type;
using column::TypeKind;

constexpr AggregateInfo kAggregates[] = {
    {"AVG", true},
    {"COUNT", true},
    {"MAX", true},
    {"MIN", true},
    {"SUM", true},
    {"ARRAY_AGG", false},
    {"APPROX_COUNT_DISTINCT", false},
    {"COLLECT", false},
    {"CUME_DIST", false},
    {"DENSE_RANK", false},
    {"FIRST_VALUE", false},
    {"GROUPING", false},
    {"GROUPING_ID", false},
    {"JSON_ARRAYAGG", false},
    {"JSON_OBJECTAGG", false},
    {"LAG", false},
    {"LAST_VALUE", false},
    {"LEAD", false},
    {"LISTAGG", false},
    {"NTILE", false},
    {"PERCENT_RANK", false},
    {"RANK", false},
    {"ROW_NUMBER", false},
    {"STDDEV", false},
    {"STDDEV_POP", false},
    {"STDDEV_SAMP", false},
    {"VARIANCE", false},
    {"VAR_POP", false},
    {"VAR_SAMP", false},
};

// Calcite's spelling of a type in messages: VARCHAR(2147483647), INTEGER.
std::string calcite_name(const Type& type) {
  switch (type.kind()) {
    case TypeKind::kInt: return "INTEGER";
    case TypeKind::kVarchar: return fmt::format("VARCHAR({})", type.length());
    default: return type.with_nullable(true).to_string();
  }
}

[[noreturn]] void fail_argument(const std::string& name, const Type& type, std::string_view form, const Span& span) {
  fail_validation(fmt::format("Cannot apply '{}' to arguments of type '{}(<{}>)'. Supported form(s): '{}(<{}>)'", name,
                              name, calcite_name(type), name, form),
                  span);
}

bool comparable(const Type& type) {
  return type.kind() != TypeKind::kArray && type.kind() != TypeKind::kMap && type.kind() != TypeKind::kRow &&
         type.kind() != TypeKind::kNull;
}

}  // namespace

const AggregateInfo* find_aggregate(std::string_view name) {
  const auto* it = std::find_if(std::begin(kAggregates), std::end(kAggregates),
                                [&](const AggregateInfo& info) { return info.name == name; });
  return it == std::end(kAggregates) ? nullptr : it;
}

std::vector<std::string> supported_aggregates() {
  std::vector<std::string> names;
  for (const AggregateInfo& info : kAggregates) {
    if (info.supported) names.emplace_back(info.name);
  }
  return names;
}

Type aggregate_result(const std::string& name, const std::vector<Type>& args, const std::optional<Span>& star,
                      bool global, const Span& span) {
  if (name == "COUNT") {
    if (args.size() > 1) fail_validation("We now only support the count of one field.", span);
    if (args.empty() && !star) {
      fail_validation("Invalid number of arguments to function 'COUNT'. Was expecting 1 arguments", span);
    }
    return Type(TypeKind::kBigInt).with_nullable(false);
  }
  if (star) fail_validation("Unknown identifier '*'", *star);
  if (args.size() != 1) {
    fail_validation(fmt::format("Invalid number of arguments to function '{}'. Was expecting 1 arguments", name), span);
  }
  const Type& arg = args[0];
  const bool nullable = arg.nullable() || global;
  if (name == "MIN" || name == "MAX") {
    if (!comparable(arg)) fail_argument(name, arg, "COMPARABLE_TYPE", span);
    return arg.with_nullable(nullable).with_rowtime(false);
  }
  if (!arg.is_numeric()) fail_argument(name, arg, "NUMERIC", span);
  if (arg.kind() != TypeKind::kDecimal) return arg.with_nullable(nullable);
  const int scale = name == "AVG" ? std::max(6, arg.scale()) : arg.scale();
  return Type::decimal(38, scale).with_nullable(nullable);
}

}  // namespace raudal::sql
