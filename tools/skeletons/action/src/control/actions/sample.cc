#include "control/actions/request.h"

namespace raudal::control::actions {

// The request is valid by the service model already. One transaction reads, checks, writes and records the audit.
Answer sample(Services& services, const Caller& caller, const Request& request) {
  auto tx = TRY(services.context.store.begin());
  const metadata::Application application = TRY(tx.require_application(application_name(request)));
  TRY(audit(tx, services, caller, "Sample", request));
  TRY(tx.commit());
  services.lifecycle.wake(application.id);
  return codec::JsonObject();
}

}  // namespace raudal::control::actions
