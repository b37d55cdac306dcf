#include "control/actions/describe.h"
#include "control/actions/request.h"

namespace raudal::control::actions {

Answer describe_application_version(Services& services, const Caller&, const Request& request) {
  auto tx = TRY(services.context.store.begin());
  const auto application = TRY(tx.require_application(application_name(request)));
  const int64_t number = codec::find_int(request, "ApplicationVersionId").value_or(0);
  const auto version = TRY(tx.require_version(application.id, number));
  const bool current = number == application.version;
  const auto run = current ? TRY(find_current_run(tx, application)) : std::nullopt;
  codec::JsonObject answer;
  answer["ApplicationVersionDetail"] = describe_version(services, application, version, run);
  return answer;
}

}  // namespace raudal::control::actions
