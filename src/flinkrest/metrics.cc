#include "flinkrest/metrics.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "base/str.h"

namespace raudal::flinkrest {
namespace {

// How uneven the values are: 0 % when all are equal (Flink's rule: mean absolute deviation over twice the mean).
double skew_of(const std::vector<double>& values, double average) {
  if (values.size() < 2 || average == 0) return 0;
  double deviation = 0;
  for (const double value : values) deviation += std::abs(value - average);
  return std::min(100.0, 100.0 * deviation / static_cast<double>(values.size()) / (2 * average));
}

codec::JsonObject aggregate(const std::string& id, const std::vector<double>& values,
                            const std::set<std::string>& wanted) {
  double sum = 0;
  for (const double value : values) sum += value;
  const double average = sum / static_cast<double>(values.size());
  const auto [least, greatest] = std::ranges::minmax(values);
  codec::JsonObject json{{"id", id}};
  const auto add = [&](const char* name, double value) {
    if (wanted.empty() || wanted.contains(name)) json[name] = value;
  };
  add("min", least);
  add("max", greatest);
  add("avg", average);
  add("sum", sum);
  add("skew", skew_of(values, average));
  return json;
}

std::set<std::string> set_of(std::string_view text) {
  std::set<std::string> result;
  for (std::string& part : split(text, ',')) {
    if (!part.empty()) result.insert(std::move(part));
  }
  return result;
}

}  // namespace

codec::JsonArray metric_values(const MetricValues& metrics, std::string_view get) {
  codec::JsonArray list;
  if (get.empty()) {
    for (const auto& [id, value] : metrics) list.push_back(codec::JsonObject{{"id", id}});
    return list;
  }
  for (const std::string& id : split(get, ',')) {
    const auto found = metrics.find(id);
    if (found != metrics.end()) list.push_back(codec::JsonObject{{"id", id}, {"value", found->second}});
  }
  return list;
}

codec::JsonArray aggregated_metrics(const std::vector<MetricValues>& members, std::string_view get,
                                    std::string_view agg) {
  codec::JsonArray list;
  if (get.empty()) {
    std::set<std::string> ids;
    for (const MetricValues& member : members) {
      for (const auto& [id, value] : member) ids.insert(id);
    }
    for (const std::string& id : ids) list.push_back(codec::JsonObject{{"id", id}});
    return list;
  }
  for (const std::string& id : split(get, ',')) {
    std::vector<double> values;
    for (const MetricValues& member : members) {
      const auto found = member.find(id);
      if (found == member.end()) continue;
      if (const std::optional<double> value = parse_double(found->second)) values.push_back(*value);
    }
    if (!values.empty()) list.push_back(aggregate(id, values, set_of(agg)));
  }
  return list;
}

}  // namespace raudal::flinkrest
