// The AWS actions: one function and one file each, and one table of them all (actions.cc). An action gets a validated
// request, changes the store in one transaction, wakes the lifecycle and answers; it never talks to an engine.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "codec/json.h"
#include "control/actions/dashboard_sessions.h"
#include "control/lifecycle/lifecycle.h"

namespace raudal::control::actions {

// What actions work on.
struct Services {
  lifecycle::Context& context;
  lifecycle::Lifecycle& lifecycle;
  DashboardSessions& dashboards;
};

// Who asks, for the audit.
struct Caller {
  std::string access_key;
  std::string request_id;
  std::string host;  // "127.0.0.1:4570": where the caller reaches the service
  bool over_tls = false;
};

// Below it a session's token and a slash are the root of the application's Flink REST API and dashboard. No bucket can
// have the name.
inline constexpr char kDashboardPath[] = "/_dashboard/";

using Answer = Result<codec::JsonObject>;
using Request = codec::JsonObject;
using ActionFunction = Answer (*)(Services&, const Caller&, const Request&);

// A row of the table.
struct Action {
  std::string_view name;
  ActionFunction run;
};

// Null: the service model may have it, but it is not built.
const Action* find_action(std::string_view name);

Answer create_application(Services&, const Caller&, const Request&);
Answer describe_application(Services&, const Caller&, const Request&);
Answer list_applications(Services&, const Caller&, const Request&);
Answer update_application(Services&, const Caller&, const Request&);
Answer start_application(Services&, const Caller&, const Request&);
Answer stop_application(Services&, const Caller&, const Request&);
Answer delete_application(Services&, const Caller&, const Request&);
Answer create_application_presigned_url(Services&, const Caller&, const Request&);
Answer create_application_snapshot(Services&, const Caller&, const Request&);
Answer describe_application_snapshot(Services&, const Caller&, const Request&);
Answer list_application_snapshots(Services&, const Caller&, const Request&);
Answer delete_application_snapshot(Services&, const Caller&, const Request&);
Answer list_application_versions(Services&, const Caller&, const Request&);
Answer describe_application_version(Services&, const Caller&, const Request&);
Answer list_application_operations(Services&, const Caller&, const Request&);
Answer describe_application_operation(Services&, const Caller&, const Request&);

}  // namespace raudal::control::actions
