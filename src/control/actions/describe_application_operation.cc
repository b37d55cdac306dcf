#include <fmt/core.h>

#include "control/actions/describe.h"
#include "control/actions/request.h"

namespace raudal::control::actions {

Answer describe_application_operation(Services& services, const Caller&, const Request& request) {
  const auto id = codec::find_string(request, "OperationId").value_or("");
  auto tx = TRY(services.context.store.begin());
  const auto application = TRY(tx.require_application(application_name(request)));
  const auto operation = TRY(tx.find_operation(application.id, id));
  if (!operation) return Error(ErrorCode::kResourceNotFound, fmt::format("Operation not found: {}", id));
  codec::JsonObject answer;
  answer["ApplicationOperationInfoDetails"] = describe_operation(*operation);
  return answer;
}

}  // namespace raudal::control::actions
