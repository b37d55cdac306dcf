// TUMBLE, HOP, CUMULATE and SESSION as table functions: the input's columns, then window_start, window_end and
// window_time. rewrite_window.cc turns a GROUP BY on them into a window aggregate.
#include <fmt/core.h>

#include "sql/bind_query.h"
#include "sql/literal.h"
#include "sql/sql_error.h"

namespace raudal::sql {

using column::Type;
using column::TypeKind;
using expr::Expr;
using graph::WindowKind;

namespace {

struct Function {
  std::string_view name;
  WindowKind kind;
  std::vector<std::string_view> intervals;  // required, in order; OFFSET may follow
  bool has_offset;
};

const Function* find_function(std::string_view name) {
  static const Function kFunctions[] = {
      {"TUMBLE", WindowKind::kTumble, {"SIZE"}, true},
      {"HOP", WindowKind::kHop, {"SLIDE", "SIZE"}, true},
      {"CUMULATE", WindowKind::kCumulate, {"STEP", "SIZE"}, true},
      {"SESSION", WindowKind::kSession, {"GAP"}, false},
  };
  for (const Function& function : kFunctions) {
    if (function.name == name) return &function;
  }
  return nullptr;
}

// The arguments behind the table, in the function's order; null: not given.
std::vector<const WindowAst::Argument*> arrange(const WindowAst& window, const Function& function) {
  std::vector<std::string_view> names{"DATA", "TIMECOL"};
  names.insert(names.end(), function.intervals.begin(), function.intervals.end());
  if (function.has_offset) names.push_back("OFFSET");
  std::vector<const WindowAst::Argument*> arranged(names.size(), nullptr);
  if (window.arguments.size() > names.size()) {
    fail_validation(fmt::format("Invalid number of arguments to function '{}'. Was expecting {} arguments",
                                function.name, function.intervals.size() + 2),
                    window.function_span);
  }
  for (size_t i = 0; i < window.arguments.size(); ++i) {
    const WindowAst::Argument& argument = window.arguments[i];
    size_t slot = i;
    if (!argument.name.empty()) {
      slot = 0;
      while (slot < names.size() && names[slot] != argument.name) ++slot;
      if (slot == names.size()) {
        fail_validation(fmt::format("{} has no parameter {}", function.name, argument.name), argument.span);
      }
    }
    if (arranged[slot]) fail_validation(fmt::format("Argument {} is given twice", names[slot]), argument.span);
    arranged[slot] = &argument;
  }
  for (size_t slot = 0; slot < function.intervals.size() + 2; ++slot) {
    if (!arranged[slot]) {
      fail_validation(fmt::format("Invalid number of arguments to function '{}'. Was expecting {} arguments",
                                  function.name, function.intervals.size() + 2),
                      window.function_span);
    }
  }
  return arranged;
}

int64_t interval_argument(const WindowAst::Argument& argument, const Function& function, std::string_view name) {
  const Scope no_columns;
  ExprBinder binder(no_columns, nullptr, "FROM");
  int64_t ms = 0;
  if (argument.is_table || argument.is_descriptor || !interval_ms(binder.bind(argument.value), &ms)) {
    fail_validation(fmt::format("{} of {} must be an INTERVAL literal of days or less", name, function.name),
                    argument.span);
  }
  return ms;
}

void check_sizes(const graph::Window& window, const Function& function, const Span& span) {
  if (window.size_ms <= 0 || window.slide_ms <= 0) {
    fail_validation(fmt::format("{} table function requires positive intervals, but got size {} ms and {} {} ms",
                                function.name, window.size_ms, function.intervals[0], window.slide_ms),
                    span);
  }
  const bool steps = window.kind == WindowKind::kHop || window.kind == WindowKind::kCumulate;
  if (steps && window.size_ms % window.slide_ms != 0) {
    fail_validation(fmt::format("{} table function based aggregate requires size must be an integral multiple of {}, "
                                "but got size {} ms and {} {} ms",
                                function.name, window.kind == WindowKind::kHop ? "slide" : "step", window.size_ms,
                                window.kind == WindowKind::kHop ? "slide" : "step", window.slide_ms),
                    span);
  }
}

int rowtime_column(const WindowAst::Argument& argument, const Scope& scope, const Function& function) {
  if (!argument.is_descriptor) fail_validation("The second argument must be DESCRIPTOR(column)", argument.span);
  const NameAst& name = argument.descriptor;
  int found = -1;
  for (size_t i = 0; i < scope.columns.size(); ++i) {
    if (scope.columns[i].name == name.last()) found = static_cast<int>(i);
  }
  if (found < 0) fail_validation(fmt::format("Unknown identifier '{}'", name.last()), name.span());
  const Type& type = scope.columns[static_cast<size_t>(found)].type;
  if (!type.is_timestamp()) {
    fail_validation(fmt::format("The window function {}(TABLE table_name, DESCRIPTOR(timecol), datetime interval) "
                                "requires the timecol to be TIMESTAMP or TIMESTAMP_LTZ, but is {}.",
                                function.name, type.to_string()),
                    name.span());
  }
  if (!type.rowtime()) {
    fail_validation(fmt::format("The window function {} requires the timecol is a time attribute type (a column with "
                                "a watermark; windows on processing time are not supported yet), but is {}.",
                                function.name, type.to_string()),
                    name.span());
  }
  return found;
}

}  // namespace

QueryBinder::From QueryBinder::bind_window(const TableAst& table) {
  const Function* function = find_function(table.window.function);
  if (!function) {
    fail_validation(fmt::format("No match found for table function {} (there are TUMBLE, HOP, CUMULATE and SESSION)",
                                table.window.function),
                    table.window.function_span);
  }
  const auto arguments = arrange(table.window, *function);
  if (!arguments[0]->is_table || table.inputs.size() != 1) {
    fail_validation(fmt::format("The first argument of {} must be TABLE t", function->name), arguments[0]->span);
  }
  From from = bind_from(table.inputs[0]);
  graph::WindowTableFunctionSpec spec;
  graph::Window& window = spec.window;
  window.kind = function->kind;
  window.rowtime_column = rowtime_column(*arguments[1], from.scope, *function);
  window.slide_ms = interval_argument(*arguments[2], *function, function->intervals[0]);
  const size_t last = function->intervals.size() + 1;
  window.size_ms = last == 2 ? window.slide_ms : interval_argument(*arguments[3], *function, function->intervals[1]);
  if (function->has_offset && arguments.back()) {
    window.offset_ms = interval_argument(*arguments.back(), *function, "OFFSET");
  }
  check_sizes(window, *function, table.window.function_span);
  column::Schema output = from.plan->output;
  for (size_t i = 0; i < output.size(); ++i) output[i].name = from.scope.columns[i].name;
  // The row's own time is no time attribute any more: window_time is.
  Type& rowtime = output[static_cast<size_t>(window.rowtime_column)].type;
  const bool local = rowtime.kind() == TypeKind::kTimestampLtz;
  rowtime = rowtime.with_rowtime(false);
  const Type bound = Type::timestamp(3).with_nullable(false);
  const Type time = local ? Type::timestamp_ltz(3) : Type::timestamp(3);
  output.push_back({"window_start", bound});
  output.push_back({"window_end", bound});
  output.push_back({"window_time", time.with_nullable(false).with_rowtime(true)});
  from.plan = make_plan(std::move(spec), {std::move(from.plan)}, std::move(output));
  for (const NameAst& key : table.window.partition_by) {
    const Expr column = from.scope.resolve(key);
    from.plan->partition_keys.push_back(column.column);
  }
  return alias(std::move(from), table, {});
}

}  // namespace raudal::sql
