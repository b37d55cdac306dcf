#include <fmt/core.h>

#include "base/rng.h"
#include "control/actions/describe.h"
#include "control/actions/inline_code.h"
#include "control/actions/request.h"
#include "control/configuration/versions.h"

namespace raudal::control::actions {
namespace {

using codec::JsonObject;
using metadata::Application;

constexpr int64_t kApplicationsMax = 1000;

Result<std::string> mode_of(const Request& request, std::string_view runtime) {
  const auto given = codec::find_string(request, "ApplicationMode");
  const std::string_view needed = configuration::is_zeppelin(runtime) ? "INTERACTIVE" : "STREAMING";
  if (configuration::is_zeppelin(runtime) && !given) {
    return Error(ErrorCode::kInvalidArgument, fmt::format("ApplicationMode INTERACTIVE is required for {}", runtime));
  }
  if (given && *given != needed) {
    return Error(ErrorCode::kInvalidArgument,
                 fmt::format("ApplicationMode {} does not fit the runtime {}", *given, runtime));
  }
  return std::string(needed);
}

}  // namespace

Answer create_application(Services& services, const Caller& caller, const Request& request) {
  lifecycle::Context& context = services.context;
  auto tx = TRY(context.store.begin());
  if (TRY(tx.find_application(application_name(request)))) {
    return Error(ErrorCode::kResourceInUse, fmt::format("Application already exists: {}", application_name(request)));
  }
  auto draft = TRY(configuration::create_version(request));
  const auto tags = TRY(configuration::read_tags(request));

  Application application;
  application.name = application_name(request);
  application.mode = TRY(mode_of(request, draft.version.runtime));
  application.created_ms = context.now_ms();
  application.updated_ms = application.created_ms;
  application.maintenance_start = default_maintenance_start(context.options.region);
  if (const auto text = codec::find_string(request, "ApplicationDescription")) application.description = *text;
  draft.version.created_ms = application.created_ms;
  draft.version.conditional_token = secure_random_hex(16);

  if (TRY(tx.count_applications()) >= kApplicationsMax) {
    return Error(ErrorCode::kLimitExceeded, fmt::format("There may be at most {} applications", kApplicationsMax));
  }
  TRY(store_inline_code(context, application, draft));
  TRY(tx.insert_application(application));
  TRY(tx.insert_version(application.id, draft.version));
  TRY(tx.insert_tags(application.id, tags));
  TRY(audit(tx, services, caller, "CreateApplication", request));
  TRY(tx.commit());

  JsonObject answer;
  answer["ApplicationDetail"] = describe_version(services, application, draft.version, std::nullopt);
  return answer;
}

}  // namespace raudal::control::actions
