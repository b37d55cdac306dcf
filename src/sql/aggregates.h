// The aggregate functions of SQL: their names and result types, Flink's rules.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "column/type.h"
#include "sql/position.h"

namespace raudal::sql {

// One line of the table behind SHOW FUNCTIONS and the binder.
struct AggregateInfo {
  std::string_view name;
  bool supported;  // false: Flink has it, the engine's operators not yet
};

// Null: not an aggregate function. The name is upper case.
const AggregateInfo* find_aggregate(std::string_view name);
std::vector<std::string> supported_aggregates();

// The result of an aggregate over arguments; `global` is an aggregate without keys, whose result may be NULL over an
// empty input. Throws SqlError for arguments it does not take.
column::Type aggregate_result(const std::string& name, const std::vector<column::Type>& args,
                              const std::optional<Span>& star, bool global, const Span& span);

}  // namespace raudal::sql
