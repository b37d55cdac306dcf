// NOT NULL columns of a sink, enforced while the query runs: table.exec.sink.not-null-enforcer. The planner's types say
// where a NULL cannot come from; only the other columns are looked at.
#pragma once

#include <map>
#include <string>

#include "sql/logical_plan.h"

namespace raudal::sql {

// The plan, failing on a NULL in a NOT NULL column of `sink` (or dropping the row, where the setting says DROP).
// A query's result is enforced like a sink of its own types: a DECIMAL that overflows is such a NULL.
PlanPtr enforce_not_null(PlanPtr plan, const column::Schema& sink, const std::map<std::string, std::string>& settings);

}  // namespace raudal::sql
