// The one port: decides for each HTTP request whether it is the service's own, a call of the API, S3's or another AWS
// service's, and verifies the signature of calls of the API (S3 and the router verify theirs). What is answered
// elsewhere is passed on with its signature, for the other side to verify.
#pragma once

#include <utility>

#include "apps/raudal/dashboard.h"
#include "apps/raudal/service_endpoints.h"
#include "control/control_plane.h"
#include "neighbours/protocol/authentication.h"
#include "neighbours/protocol/router.h"
#include "neighbours/s3/s3_service.h"
#include "neighbours/sts/container_credentials.h"
#include "net/http.h"
#include "net/http_relay.h"

namespace raudal::apps {

// Handles requests of any thread. What it is given must outlive it.
class FrontDoor {
 public:
  FrontDoor(control::ControlPlane& control, neighbours::s3::S3Service& s3, neighbours::protocol::ServiceRouter& router,
            const neighbours::sts::ContainerCredentials& credentials,
            neighbours::protocol::Authentication authentication, ServiceEndpoints endpoints)
      : control_(control),
        s3_(s3),
        router_(router),
        credentials_(credentials),
        authentication_(std::move(authentication)),
        endpoints_(std::move(endpoints)),
        dashboard_(control) {}

  void handle(net::HttpRequest& request, net::ResponseWriter& response);

 private:
  void handle_api(net::HttpRequest& request, net::ResponseWriter& response);
  void log_refusal(const control::ApiCall& call, const control::ApiResponse& answer);

  control::ControlPlane& control_;
  neighbours::s3::S3Service& s3_;
  neighbours::protocol::ServiceRouter& router_;
  const neighbours::sts::ContainerCredentials& credentials_;
  const neighbours::protocol::Authentication authentication_;
  const ServiceEndpoints endpoints_;
  net::HttpRelay relay_;
  Dashboard dashboard_;
};

}  // namespace raudal::apps
