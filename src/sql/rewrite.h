// Rewrites of the logical plan. Each keeps what the plan answers; together they are what every plan goes through.
#pragma once

#include <string>
#include <vector>

#include "sql/logical_plan.h"

namespace raudal::sql {

// Neighbouring Calcs become one, so that filters meet the columns they read; constants are folded.
PlanPtr merge_calcs(PlanPtr plan, const std::string& time_zone);
// A GROUP BY on window_start and window_end of a window table function becomes a window aggregate. Others are left.
PlanPtr recognise_window(PlanPtr group_aggregate);
// Columns that nobody reads vanish, down to the source. The output keeps its columns.
PlanPtr prune_columns(PlanPtr plan);
// Sources of the same table read the same columns, so that a job with several sinks reads the table once.
void align_sources(std::vector<PlanPtr>* plans);

// merge, prune, merge.
PlanPtr rewrite(PlanPtr plan, const std::string& time_zone);

}  // namespace raudal::sql
