// The seam between the front door and the neighbours: what an AWS service says about itself, and the call it is given
// when the router has found out that a request is for it. Implemented once a service; opened when it is first needed.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/fs.h"
#include "base/result.h"
#include "neighbours/protocol/aws_result.h"
#include "net/http.h"
#include "obs/log.h"

namespace raudal::neighbours::protocol {

// How the client speaks. Errors must go back in the same way.
enum class Protocol {
  kJson,        // application/x-amz-json-1.0 or -1.1: AwsCall::content_type says which
  kCbor,        // application/x-amz-cbor-1.1, the same target header as JSON
  kQuery,       // form body or query string with Action and Version; XML back
  kSmithyCbor,  // POST /service/NAME/operation/NAME, smithy-protocol: rpc-v2-cbor
};

// Who signed. Without verification (--no-auth) only what the request claims.
struct Caller {
  std::string access_key_id;  // empty: nobody
  std::string role_arn;       // of a session of a role; empty: the root key
  std::string session_name;
};

// What the router must know to find a service, and the protocol to answer for it.
struct ServiceInfo {
  std::string name;                          // "Secrets Manager", for people
  std::string signing_name;                  // "secretsmanager": in signatures, and the first label of its hosts
  std::vector<std::string> target_prefixes;  // "AmazonSQS": X-Amz-Target up to its last '.'; also Smithy's name
  std::string query_version;                 // "2011-06-15": of the query protocol; empty: it has none
  std::string xml_namespace;                 // of its XML answers
  size_t body_bytes_max = 16 << 20;
  std::vector<std::string> unsigned_operations;  // that are called without a signature
  bool any_region = false;                       // its clients may sign for another region than the service's
};

// One call, authenticated, its body read.
struct AwsCall {
  net::HttpRequest& http;
  std::string request_id;
  Protocol protocol = Protocol::kJson;
  std::string content_type;  // of the answer: as the request's
  std::string operation;     // "GetSecretValue"; empty when the request names none
  std::string body;          // the raw bytes
  net::QueryPairs form;      // kQuery: parameters of body and query string
  Caller caller;
  const ServiceInfo& service;

  std::string_view form_value(std::string_view name) const;  // empty text when absent
};

// A service. Handles calls of any thread until it is destroyed.
class AwsService {
 public:
  virtual ~AwsService() = default;
  // Answers the call (answers.h does the usual), or returns why not: the router then answers and logs the refusal.
  virtual AwsStatus handle(AwsCall& call, net::ResponseWriter& response) = 0;
  // Ends waiting calls and background work; called once, before the HTTP server stops.
  virtual void stop() {}
};

// What every neighbour is made of.
struct ServiceContext {
  Fs& fs;
  const Clock& clock;
  obs::Logger log;
  std::string directory;  // the service's own: <data>/neighbours/<signing name>; made by the service when it needs it
  std::string region;
  std::string account;
  // Another service by its signing name, opened if need be; null when there is none. Not while a service is opened.
  std::function<AwsService*(std::string_view signing_name)> sibling;

  // "arn:aws:sqs:us-east-1:000000000000:orders"
  std::string arn(std::string_view service, std::string_view resource) const;
};

// A line of the list of services: `open` is called at the first request, or at the start when the service's folder is
// there already and `works_alone` says that it has something to do without being asked.
struct ServiceEntry {
  ServiceInfo info;
  bool works_alone = false;
  std::function<Result<std::unique_ptr<AwsService>>(const ServiceContext&)> open;
};

}  // namespace raudal::neighbours::protocol
