#include "apps/raudal/front_door.h"

#include <fmt/core.h>

#include "api/protocol.h"
#include "base/rng.h"
#include "codec/digest.h"

namespace raudal::apps {
namespace {

constexpr size_t kApiBodyBytesMax = 72 << 20;  // an inline ZIP of 50 MiB in base64, and the rest of a request
constexpr char kTarget[] = "X-Amz-Target";
constexpr char kService[] = "kinesisanalytics";

bool is_health(const net::HttpRequest& request) {
  return request.path == "/health" && (request.method == "GET" || request.method == "HEAD") &&
         net::signature_service(request).empty();
}

// A call of the API names its operation in a header. Without it, what is signed for another service or meant for a
// bucket is S3's; a POST to "/" can only be a call of the API gone wrong.
bool is_api_call(const net::HttpRequest& request) {
  if (request.headers.has(kTarget)) return true;
  if (net::signature_service(request) == kService) return true;
  return request.method == "POST" && request.path == "/" && net::signature_service(request) != "s3" &&
         request.query.empty();
}

// "c2e1f0aa-…": as AWS spells request ids.
std::string new_request_id() {
  const std::string hex = secure_random_hex(16);
  return fmt::format("{}-{}-{}-{}-{}", hex.substr(0, 8), hex.substr(8, 4), hex.substr(12, 4), hex.substr(16, 4),
                     hex.substr(20));
}

}  // namespace

void FrontDoor::handle(net::HttpRequest& request, net::ResponseWriter& response) {
  if (is_health(request)) {
    (void)response.send_json(200, R"({"status":"ok"})");
  } else if (is_api_call(request)) {
    handle_api(request, response);
  } else {
    s3_.handle(request, response);
  }
}

void FrontDoor::handle_api(net::HttpRequest& request, net::ResponseWriter& response) {
  control::ApiCall call;
  call.target = request.headers.get(kTarget);
  call.request_id = new_request_id();
  control::ApiResponse answer;
  auto body = net::read_all(*request.body, kApiBodyBytesMax);
  if (body.ok()) {
    call.body = *std::move(body);
    auto key = authenticate(request, call.body);
    if (key.ok()) {
      call.access_key = *std::move(key);
      answer = control_.handle(call);
    } else {
      answer = control::error_response(key.error());
    }
  } else {
    response.close_after();
    answer = control::error_response(body.error());
  }
  net::HttpHeaders headers{{"Content-Type", std::string(api::kContentType)}, {"x-amzn-RequestId", call.request_id}};
  if (!answer.error_type.empty()) headers.add("x-amzn-errortype", answer.error_type);
  (void)response.send(answer.status, headers, answer.body);
}

Result<std::string> FrontDoor::authenticate(const net::HttpRequest& request, const std::string& body) {
  if (!options_.secrets) return std::string();
  const net::VerifyOptions options{.region = options_.region, .service = kService};
  const auto signature =
      TRY(net::verify_signature(request, codec::sha256_hex(body), options_.secrets, clock_, options));
  return signature.claim.access_key_id;
}

}  // namespace raudal::apps
