// The one port: decides for each HTTP request whether it is the service's own, an AWS JSON call or S3's, and verifies
// the signature of AWS JSON calls (S3 verifies its own).
#pragma once

#include <string>

#include "base/clock.h"
#include "control/control_plane.h"
#include "neighbours/s3/s3_service.h"
#include "net/http.h"
#include "net/sigv4.h"

namespace raudal::apps {

// Which signatures it takes.
struct FrontDoorOptions {
  std::string region;
  net::SecretLookup secrets;  // empty: no signature is verified
};

// Handles requests of any thread. What it is given must outlive it.
class FrontDoor {
 public:
  FrontDoor(control::ControlPlane& control, neighbours::s3::S3Service& s3, const Clock& clock, FrontDoorOptions options)
      : control_(control), s3_(s3), clock_(clock), options_(std::move(options)) {}

  void handle(net::HttpRequest& request, net::ResponseWriter& response);

 private:
  void handle_api(net::HttpRequest& request, net::ResponseWriter& response);
  // The access key that signed; empty when signatures are not verified.
  Result<std::string> authenticate(const net::HttpRequest& request, const std::string& body);

  control::ControlPlane& control_;
  neighbours::s3::S3Service& s3_;
  const Clock& clock_;
  const FrontDoorOptions options_;
};

}  // namespace raudal::apps
