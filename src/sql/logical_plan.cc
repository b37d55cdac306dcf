#include "sql/logical_plan.h"

#include <set>

namespace raudal::sql {

using expr::Expr;

PlanPtr make_plan(graph::Spec spec, std::vector<PlanPtr> inputs, column::Schema output) {
  auto plan = std::make_shared<Plan>();
  plan->spec = std::move(spec);
  plan->inputs = std::move(inputs);
  plan->output = std::move(output);
  return plan;
}

std::vector<Expr> identity_projection(const column::Schema& schema) {
  std::vector<Expr> projections;
  for (size_t i = 0; i < schema.size(); ++i) projections.push_back(Expr::input(static_cast<int>(i), schema[i].type));
  return projections;
}

PlanPtr make_filter(PlanPtr input, Expr condition) {
  graph::CalcSpec calc{std::move(condition), identity_projection(input->output)};
  column::Schema output = input->output;
  return make_plan(std::move(calc), {std::move(input)}, std::move(output));
}

PlanPtr make_projection(PlanPtr input, std::vector<Expr> projections, std::vector<std::string> names) {
  column::Schema output;
  for (size_t i = 0; i < projections.size(); ++i) output.push_back({names[i], projections[i].type});
  return make_plan(graph::CalcSpec{std::nullopt, std::move(projections)}, {std::move(input)}, std::move(output));
}

std::vector<std::string> unique_names(std::vector<std::string> names) {
  std::set<std::string> used(names.begin(), names.end());
  std::set<std::string> seen;
  for (std::string& name : names) {
    if (seen.insert(name).second) continue;
    std::string candidate;
    for (int n = 0;; ++n) {
      candidate = name + std::to_string(n);
      if (used.insert(candidate).second) break;
    }
    name = std::move(candidate);
    seen.insert(name);
  }
  return names;
}

}  // namespace raudal::sql
