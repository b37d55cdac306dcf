// What a program shows to get its credentials: a text that names the application and its role and can be made by the
// service alone. The control plane puts it into launch.json; whoever answers GET /credentials reads it. Nothing of it
// is stored but the key.
//
//   token = hex(application ARN, line feed, role ARN) "." hex(HMAC-SHA256(key, application ARN, line feed, role ARN))
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace raudal::codec {

// Who shows a token.
struct AccessClaim {
  std::string application_arn;
  std::string role_arn;
};

std::string write_access_token(std::string_view key, const AccessClaim& claim);
// kAccessDenied for a text that the holder of this key did not write.
Result<AccessClaim> read_access_token(std::string_view key, std::string_view token);

}  // namespace raudal::codec
