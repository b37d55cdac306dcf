// Shows Flink's dashboard of a running application, read only, under the URL of CreateApplicationPresignedUrl: its web
// pages where a JobManager serves them, and Flink's REST API in any case.
#pragma once

#include "control/control_plane.h"
#include "net/http.h"
#include "net/http_relay.h"

namespace raudal::apps {

// Any thread. What it is given must outlive it.
class Dashboard {
 public:
  explicit Dashboard(control::ControlPlane& control) : control_(control) {}

  static bool is_request(const net::HttpRequest& request);
  void handle(net::HttpRequest& request, net::ResponseWriter& response);

 private:
  static void show_overview(const net::RelayTarget& engine, net::ResponseWriter& response);
  static void show_config(const net::RelayTarget& engine, net::ResponseWriter& response);

  control::ControlPlane& control_;
  net::HttpRelay relay_;
};

}  // namespace raudal::apps
