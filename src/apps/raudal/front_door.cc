#include "apps/raudal/front_door.h"

#include "api/protocol.h"
#include "codec/json.h"
#include "neighbours/protocol/answers.h"

namespace raudal::apps {
namespace {

constexpr size_t kApiBodyBytesMax = 72 << 20;  // an inline ZIP of 50 MiB in base64, and the rest of a request
constexpr char kTarget[] = "X-Amz-Target";
constexpr char kService[] = "kinesisanalytics";

bool is_health(const net::HttpRequest& request) {
  return request.path == "/health" && (request.method == "GET" || request.method == "HEAD") &&
         net::signature_service(request).empty();
}

// What names no service: a POST to "/" can only be a call of the API gone wrong, everything else is meant for a bucket.
bool is_api_call(const net::HttpRequest& request, const std::string& service) {
  if (service == kService) return true;
  if (!service.empty()) return false;
  return request.headers.has(kTarget) || (request.method == "POST" && request.path == "/" && request.query.empty());
}

// "/path?query", also where a proxy's form was sent.
std::string origin_form(const net::HttpRequest& request) {
  const size_t question = request.target.find('?');
  return request.raw_path + (question == std::string::npos ? "" : request.target.substr(question));
}

}  // namespace

void FrontDoor::handle(net::HttpRequest& request, net::ResponseWriter& response) {
  if (is_health(request)) {
    (void)response.send_json(200, R"({"status":"ok"})");
    return;
  }
  if (neighbours::sts::ContainerCredentials::is_request(request)) {
    credentials_.handle(request, response);
    return;
  }
  if (Dashboard::is_request(request)) {
    dashboard_.handle(request, response);
    return;
  }
  const std::string service = router_.find_service(request);
  const bool is_own = is_api_call(request, service);
  const std::string* elsewhere = is_own ? nullptr : endpoints_.find(service.empty() ? "s3" : service);
  if (elsewhere) {
    relay_.relay(request, response, {.base_url = *elsewhere, .target = origin_form(request)});
  } else if (is_own) {
    handle_api(request, response);
  } else if (service.empty() || service == "s3") {
    s3_.handle(request, response);
  } else {
    router_.handle(service, request, response);
  }
}

void FrontDoor::handle_api(net::HttpRequest& request, net::ResponseWriter& response) {
  control::ApiCall call;
  call.target = request.headers.get(kTarget);
  call.request_id = neighbours::protocol::new_request_id();
  call.host = request.headers.get("Host");
  call.over_tls = request.over_tls;
  control::ApiResponse answer;
  auto body = net::read_all(*request.body, kApiBodyBytesMax);
  if (body.ok()) {
    call.body = *std::move(body);
    auto caller = authentication_.verify(request, call.body, kService);
    if (caller.ok()) {
      call.access_key = caller->access_key_id;
      answer = control_.handle(call);
    } else {
      answer = control::error_response(caller.error());
    }
  } else {
    response.close_after();
    answer = control::error_response(body.error());
  }
  if (call.access_key.empty()) call.access_key = neighbours::protocol::claimed_key(request);
  if (answer.status >= 400) log_refusal(call, answer);
  net::HttpHeaders headers{{"Content-Type", std::string(api::kContentType)}, {"x-amzn-RequestId", call.request_id}};
  if (!answer.error_type.empty()) headers.add("x-amzn-errortype", answer.error_type);
  (void)response.send(answer.status, headers, answer.body);
}

void FrontDoor::log_refusal(const control::ApiCall& call, const control::ApiResponse& answer) {
  const auto body = codec::parse_json_object(answer.body);
  const std::string_view message = body.ok() ? codec::find_string(*body, "message").value_or("") : "";
  router_.refusals().write(kService, call.target.substr(call.target.rfind('.') + 1), answer.status, answer.error_type,
                           message, call.access_key);
}

}  // namespace raudal::apps
