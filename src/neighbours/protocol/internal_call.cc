#include "neighbours/protocol/internal_call.h"

#include <optional>
#include <string_view>
#include <utility>

#include "neighbours/protocol/answers.h"

namespace raudal::neighbours::protocol {
namespace {

// Keeps what would go to the network.
class AnswerInMemory final : public net::ResponseWriter {
 public:
  bool started() const override { return status != 0; }
  Status begin(int code, const net::HttpHeaders& /*headers*/, std::optional<int64_t> /*length*/) override {
    status = code;
    return {};
  }
  Status write(std::string_view bytes) override {
    body += bytes;
    return {};
  }
  Status finish() override { return {}; }
  void close_after() override {}

  int status = 0;
  std::string body;
};

}  // namespace

AwsResult<codec::JsonObject> call_service(AwsService& service, const std::string& operation,
                                          const codec::JsonObject& request) {
  static const ServiceInfo kInfo{.name = "an internal call"};
  constexpr char kType[] = "application/x-amz-json-1.1";
  net::StringBodyReader no_body("");
  net::HttpRequest http{.method = "POST",
                        .target = "/",
                        .raw_path = "/",
                        .path = "/",
                        .headers = {{"Content-Type", kType}, {"Host", "localhost"}},
                        .peer = "internal",
                        .body = &no_body};
  AwsCall call{.http = http,
               .request_id = new_request_id(),
               .protocol = Protocol::kJson,
               .content_type = kType,
               .operation = operation,
               .body = codec::write_json(request),
               .form = {},
               .caller = {},
               .service = kInfo};
  AnswerInMemory answer;
  TRY(service.handle(call, answer));
  return TRY(codec::parse_json_object(answer.body.empty() ? std::string_view("{}") : answer.body,
                                      {.bytes_max = kInfo.body_bytes_max * 4}));
}

}  // namespace raudal::neighbours::protocol
