// A call from one service to another within the process, as a client makes it in JSON but without the network and
// without a signature.
#pragma once

#include <string>

#include "codec/json.h"
#include "neighbours/protocol/aws_result.h"
#include "neighbours/protocol/aws_service.h"

namespace raudal::neighbours::protocol {

// The answer, or the refusal that a client would see.
AwsResult<codec::JsonObject> call_service(AwsService& service, const std::string& operation,
                                          const codec::JsonObject& request);

}  // namespace raudal::neighbours::protocol
