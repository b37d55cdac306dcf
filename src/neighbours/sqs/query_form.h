// The legacy form of SQS, which older SDKs speak: requests as form parameters ("Attribute.1.Name=…"), answers as XML.
// Both are turned from and into the JSON shapes that the operations know.
#pragma once

#include <string>
#include <string_view>

#include "codec/json.h"
#include "neighbours/protocol/aws_result.h"
#include "net/http.h"

namespace raudal::neighbours::sqs {

// The JSON request of a form; all numbers stay texts.
protocol::AwsResult<codec::JsonObject> request_of_form(const net::QueryPairs& form);
// What stands in <OperationResult>; empty for no members.
std::string xml_of_answer(std::string_view operation, const codec::JsonObject& answer);

}  // namespace raudal::neighbours::sqs
