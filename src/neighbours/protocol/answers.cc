#include "neighbours/protocol/answers.h"

#include <algorithm>

#include <fmt/core.h>

#include "base/rng.h"
#include "base/str.h"

namespace raudal::neighbours::protocol {
namespace {

// The query protocol's names for what all services may answer.
constexpr std::pair<std::string_view, std::string_view> kQueryCodes[] = {
    {"AccessDeniedException", "AccessDenied"},
    {"ExpiredTokenException", "ExpiredToken"},
    {"IncompleteSignatureException", "IncompleteSignature"},
    {"InvalidSignatureException", "SignatureDoesNotMatch"},
    {"MissingAuthenticationTokenException", "MissingAuthenticationToken"},
    {"RequestEntityTooLargeException", "RequestEntityTooLarge"},
    {"ServiceUnavailableException", "ServiceUnavailable"},
    {"UnknownOperationException", "InvalidAction"},
    {"UnrecognizedClientException", "InvalidClientTokenId"},
    {"ValidationException", "ValidationError"},
};

std::string query_code(const AwsFailure& failure) {
  if (!failure.query_code.empty()) return failure.query_code;
  for (const auto& [json, query] : kQueryCodes) {
    if (failure.code == json) return std::string(query);
  }
  return failure.code;
}

std::string_view fault(const AwsFailure& failure) { return failure.http_status < 500 ? "Sender" : "Receiver"; }

net::HttpHeaders answer_headers(const AwsCall& call) {
  std::string type = call.content_type;
  if (call.protocol == Protocol::kQuery) type = "text/xml";
  if (type.empty()) type = "application/x-amz-json-1.1";
  net::HttpHeaders headers{{"x-amzn-RequestId", call.request_id}, {"Content-Type", type}};
  if (call.protocol == Protocol::kSmithyCbor) headers.add("smithy-protocol", "rpc-v2-cbor");
  return headers;
}

void write_xml(std::string& out, std::string_view name, const codec::Json& value) {
  out += fmt::format("<{}>", name);
  switch (value.kind()) {
    case boost::json::kind::object:
      for (const auto& member : value.get_object()) write_xml(out, member.key(), member.value());
      break;
    case boost::json::kind::array:
      for (const codec::Json& item : value.get_array()) write_xml(out, "member", item);
      break;
    case boost::json::kind::string: out += xml_escaped(value.get_string()); break;
    default: out += codec::write_json(value);
  }
  out += fmt::format("</{}>", name);
}

// The head of a CBOR text string, then its bytes (RFC 8949 §3.1).
void write_cbor_text(std::string& out, std::string_view text) {
  const size_t size = std::min<size_t>(text.size(), 0xFFFF);
  out += '\x79';
  out += static_cast<char>(size >> 8);
  out += static_cast<char>(size & 0xFF);
  out += text.substr(0, size);
}

// {"__type": code, "message": message}
std::string cbor_failure(const AwsFailure& failure) {
  std::string out = "\xA2";
  write_cbor_text(out, "__type");
  write_cbor_text(out, failure.code);
  write_cbor_text(out, "message");
  write_cbor_text(out, failure.message);
  return out;
}

std::string json_failure(const AwsFailure& failure) {
  codec::JsonObject body;
  body["__type"] = failure.code;
  // Which of the two a client reads depends on the service's model.
  body["message"] = failure.message;
  body["Message"] = failure.message;
  for (const auto& member : failure.extra) body[member.key()] = member.value();
  return codec::write_json(body);
}

std::string xml_failure(const AwsCall& call, const AwsFailure& failure) {
  return fmt::format(
      "<ErrorResponse xmlns=\"{}\"><Error><Type>{}</Type><Code>{}</Code><Message>{}</Message></Error>"
      "<RequestId>{}</RequestId></ErrorResponse>",
      call.service.xml_namespace, fault(failure), xml_escaped(query_code(failure)), xml_escaped(failure.message),
      call.request_id);
}

}  // namespace

std::string new_request_id() {
  const std::string hex = secure_random_hex(16);
  return fmt::format("{}-{}-{}-{}-{}", hex.substr(0, 8), hex.substr(8, 4), hex.substr(12, 4), hex.substr(16, 4),
                     hex.substr(20));
}

std::string xml_escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\r': out += "&#13;"; break;
      default: out += c;
    }
  }
  return out;
}

void answer_json(const AwsCall& call, net::ResponseWriter& response, const codec::JsonObject& answer) {
  (void)response.send(200, answer_headers(call), codec::write_json(answer)).ok();
}

void answer_query(const AwsCall& call, net::ResponseWriter& response, const codec::JsonObject& answer) {
  std::string xml;
  for (const auto& member : answer) write_xml(xml, member.key(), member.value());
  answer_query_xml(call, response, xml);
}

void answer_query_xml(const AwsCall& call, net::ResponseWriter& response, std::string_view result_xml) {
  const std::string result =
      result_xml.empty() ? "" : fmt::format("<{0}Result>{1}</{0}Result>", call.operation, result_xml);
  (void)response
      .send(200, answer_headers(call),
            fmt::format("<{0}Response xmlns=\"{1}\">{2}<ResponseMetadata><RequestId>{3}</RequestId></ResponseMetadata>"
                        "</{0}Response>",
                        call.operation, call.service.xml_namespace, result, call.request_id))
      .ok();
}

void answer_failure(const AwsCall& call, net::ResponseWriter& response, const AwsFailure& failure) {
  if (response.started()) {
    response.close_after();
    return;
  }
  net::HttpHeaders headers = answer_headers(call);
  std::string body;
  switch (call.protocol) {
    case Protocol::kJson: body = json_failure(failure); break;
    case Protocol::kCbor:
    case Protocol::kSmithyCbor: body = cbor_failure(failure); break;
    case Protocol::kQuery: body = xml_failure(call, failure); break;
  }
  // The name alone: SDKs take a namespace ("com.amazonaws.sqs#") off the body's name, but not off the header's.
  const std::string name = failure.code.substr(failure.code.rfind('#') + 1);
  if (call.protocol != Protocol::kQuery) headers.add("x-amzn-ErrorType", name);
  if (!failure.query_code.empty() && call.protocol != Protocol::kQuery) {
    headers.add("x-amzn-query-error", fmt::format("{};{}", failure.query_code, fault(failure)));
  }
  (void)response.send(failure.http_status, headers, body).ok();
}

AwsResult<codec::JsonObject> json_request(const AwsCall& call) {
  if (call.body.empty()) return codec::JsonObject();
  return TRY(codec::parse_json_object(call.body, {.bytes_max = call.service.body_bytes_max}));
}

AwsFailure unknown_operation(const AwsCall& call) {
  if (call.operation.empty()) return AwsFailure("UnknownOperationException", "The request names no operation");
  return AwsFailure("UnknownOperationException",
                    fmt::format("Raudal's {} does not answer this operation: {}", call.service.name, call.operation));
}

AwsFailure::AwsFailure(const Error& error)
    : code(error_info(error.code()).aws_name),
      message(error.message()),
      http_status(error_info(error.code()).http_status) {}

}  // namespace raudal::neighbours::protocol
