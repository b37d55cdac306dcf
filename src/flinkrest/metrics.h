// Metrics as the REST API gives them: bare arrays. Without `get` the ids, with it the values as text; aggregated over
// subtasks or processes as min, max, avg, sum and skew.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "codec/json.h"

namespace raudal::flinkrest {

// Id → value as text, in the order of ids.
using MetricValues = std::map<std::string, std::string>;

// `get`: ids divided by commas; empty: list the ids.
codec::JsonArray metric_values(const MetricValues& metrics, std::string_view get);
// Each member is one subtask's or process's metrics. `agg`: which aggregates, divided by commas; empty: all.
codec::JsonArray aggregated_metrics(const std::vector<MetricValues>& members, std::string_view get,
                                    std::string_view agg);

}  // namespace raudal::flinkrest
