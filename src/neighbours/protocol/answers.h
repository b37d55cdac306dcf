// The bytes that go back to clients of AWS services: successes and refusals in each protocol, with the headers that
// SDKs look at. Used by every neighbour but S3, and by the router for calls that reach none.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "codec/json.h"
#include "neighbours/protocol/aws_result.h"
#include "neighbours/protocol/aws_service.h"
#include "net/http.h"

namespace raudal::neighbours::protocol {

// "c2e1f0aa-…": as AWS spells request ids.
std::string new_request_id();

// A success; the object is written as JSON.
void answer_json(const AwsCall& call, net::ResponseWriter& response, const codec::JsonObject& answer);
// A success of the query protocol: members become elements, arrays <member> lists.
void answer_query(const AwsCall& call, net::ResponseWriter& response, const codec::JsonObject& answer);
// The same with the content of <OperationResult> already written.
void answer_query_xml(const AwsCall& call, net::ResponseWriter& response, std::string_view result_xml);
// A refusal in the protocol of the call.
void answer_failure(const AwsCall& call, net::ResponseWriter& response, const AwsFailure& failure);

// One operation of a service whose requests are JSON objects.
template <class Service>
struct Operation {
  std::string_view name;
  AwsResult<codec::JsonObject> (Service::*run)(const AwsCall& call, const codec::JsonObject& request);
};

// The request's body as an object; SerializationException otherwise. An empty body is an empty object.
AwsResult<codec::JsonObject> json_request(const AwsCall& call);
AwsFailure unknown_operation(const AwsCall& call);

// The usual life of a JSON call: find the operation, parse, run, answer.

template <class Service>
AwsResult<codec::JsonObject> run_operation(Service& service, std::span<const Operation<Service>> operations,
                                           const AwsCall& call) {
  for (const Operation<Service>& operation : operations) {
    if (operation.name != call.operation) continue;
    const codec::JsonObject request = TRY(json_request(call));
    return (service.*operation.run)(call, request);
  }
  return unknown_operation(call);
}

// Text as it stands between XML tags.
std::string xml_escaped(std::string_view text);

}  // namespace raudal::neighbours::protocol
