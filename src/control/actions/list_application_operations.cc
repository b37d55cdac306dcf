#include "control/actions/describe.h"
#include "control/actions/request.h"

namespace raudal::control::actions {

// Newest first, filtered by kind and status.
Answer list_application_operations(Services& services, const Caller&, const Request& request) {
  const auto page = TRY(read_page(request));
  auto tx = TRY(services.context.store.begin());
  const auto application = TRY(tx.require_application(application_name(request)));
  const auto operations =
      TRY(tx.list_operations(application.id, page, codec::find_string(request, "Operation").value_or(""),
                             codec::find_string(request, "OperationStatus").value_or("")));
  codec::JsonArray infos;
  for (const metadata::Operation& operation : operations) {
    codec::JsonObject info = describe_operation(operation);
    info["OperationId"] = operation.id;
    info.erase("ApplicationVersionChangeDetails");
    info.erase("OperationFailureDetails");
    infos.push_back(std::move(info));
  }
  codec::JsonObject answer;
  answer["ApplicationOperationInfoList"] = std::move(infos);
  if (!operations.empty()) write_next_token(answer, page, operations.size(), operations.back().sequence);
  return answer;
}

}  // namespace raudal::control::actions
