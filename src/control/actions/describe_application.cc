#include "control/actions/describe.h"
#include "control/actions/request.h"

namespace raudal::control::actions {
namespace {

using codec::Json;
using codec::JsonObject;

// The job graph in the form of Flink's execution plan; empty while the worker does not answer.
std::string job_plan(Services& services, const metadata::Application& application) {
  const std::string folder = lifecycle::run_directory(services.context.options, application, application.run);
  const auto details = services.context.engine.job(folder)->details();
  return details.ok() ? details->plan : "";
}

}  // namespace

Answer describe_application(Services& services, const Caller&, const Request& request) {
  auto tx = TRY(services.context.store.begin());
  const auto application = TRY(tx.require_application(application_name(request)));
  const auto version = TRY(tx.require_version(application.id, application.version));
  const auto run = TRY(find_current_run(tx, application));
  TRY(tx.commit());

  JsonObject detail = describe_version(services, application, version, run);
  const bool additional = codec::find_bool(request, "IncludeAdditionalDetails").value_or(false);
  if (additional && application.status == metadata::ApplicationStatus::kRunning) {
    const std::string plan = job_plan(services, application);
    Json* flink = detail["ApplicationConfigurationDescription"].get_object().if_contains(
        "FlinkApplicationConfigurationDescription");
    if (flink != nullptr && !plan.empty()) flink->get_object()["JobPlanDescription"] = plan;
  }
  JsonObject answer;
  answer["ApplicationDetail"] = std::move(detail);
  return answer;
}

}  // namespace raudal::control::actions
