#include "net/sigv4.h"

#include <algorithm>
#include <span>
#include <utility>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "net/aws_payload.h"

namespace raudal::net {
namespace {

constexpr std::string_view kSecret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
constexpr int64_t kSignedAtUs = 1'767'323'045'000'000;  // 2026-01-02T03:04:05Z

// One key with a session token, and the same one without.
Result<std::string> secrets(std::string_view key, std::string_view token) {
  if (key != "AKIDEXAMPLE") return Error(ErrorCode::kUnrecognizedClient, "unknown");
  if (!token.empty() && token != "the token") return Error(ErrorCode::kInvalidToken, "wrong");
  return std::string(kSecret);
}

// The signatures below were computed by botocore 1.44 with its clock standing still.
std::string authorization(std::string_view service, std::string_view headers, std::string_view signature) {
  return fmt::format(
      "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260102/us-east-1/{}/aws4_request, SignedHeaders={}, "
      "Signature={}",
      service, headers, signature);
}

HttpRequest request_of(std::string method, std::string target, HttpHeaders headers) {
  HttpRequest request;
  request.method = std::move(method);
  request.target = std::move(target);
  request.headers = std::move(headers);
  request.headers.add("Host", "127.0.0.1:8080");
  EXPECT_TRUE(split_target(request).ok());
  return request;
}

HttpRequest list_applications() {
  return request_of(
      "POST", "/",
      {{"Content-Type", "application/x-amz-json-1.1"},
       {"X-Amz-Target", "KinesisAnalytics_20180523.ListApplications"},
       {"User-Agent", "x"},
       {"X-Amz-Date", "20260102T030405Z"},
       {"Authorization", authorization("kinesisanalytics", "content-type;host;x-amz-date;x-amz-target",
                                       "6e8bf4eb412ad8e3074164bbadc3c4082625645a9f4dfbff5f82e3905d8b9b60")}});
}

HttpRequest s3_put() {
  return request_of(
      "PUT", "/bucket/dir/a%20b%2Bc%C3%A4//x.txt?uploadId=a%2Fb%3D&partNumber=1",
      {{"x-amz-meta-note", "  two   blanks "},
       {"X-Amz-Date", "20260102T030405Z"},
       {"X-Amz-Content-SHA256", payload_hash("hello")},
       {"Authorization", authorization("s3", "host;x-amz-content-sha256;x-amz-date;x-amz-meta-note",
                                       "f6290ec1e1ee08df33ecd9735e4c23cd339283be7176c7dcb0d9bfa8a95a9406")}});
}

HttpRequest presigned_get() {
  return request_of("GET",
                    "/bucket/dir/a%20b.txt?response-content-type=text%2Fplain&versionId=v1&X-Amz-Algorithm="
                    "AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20260102%2Fus-east-1%2Fs3%2Faws4_request&"
                    "X-Amz-Date=20260102T030405Z&X-Amz-Expires=600&X-Amz-SignedHeaders=host&X-Amz-Signature="
                    "017fa29bac3de5be6a361c3afb7e402bb045c508759a402e77367f51fd0665b3",
                    {});
}

const VerifyOptions kApi{.region = "us-east-1", .service = "kinesisanalytics"};

ErrorCode code_of(const HttpRequest& request, std::string_view body, int64_t now_us = kSignedAtUs,
                  const VerifyOptions& options = kApi) {
  const auto verified = verify_signature(request, payload_hash(body), secrets, ManualClock(now_us), options);
  EXPECT_FALSE(verified.ok());
  return verified.ok() ? ErrorCode::kInternal : verified.error().code();
}

TEST(SigV4, verifies_what_botocore_signed) {
  const ManualClock clock(kSignedAtUs);
  EXPECT_TRUE(verify_signature(list_applications(), payload_hash("{\"Limit\": 5}"), secrets, clock, kApi).ok());
  const HttpRequest get = request_of(
      "GET", "/a%20b/../c//d/?b=2&a=x%20y&a=%2B&c",
      {{"X-Amz-Date", "20260102T030405Z"},
       {"Authorization", authorization("kinesisanalytics", "host;x-amz-date",
                                       "51c4bd3ac8ad0d45c4d7e53c5ada81b2ded7fb77aab96f86710e342937cae467")}});
  EXPECT_TRUE(verify_signature(get, payload_hash(""), secrets, clock, kApi).ok());
  EXPECT_TRUE(verify_s3_signature(s3_put(), secrets, clock, "us-east-1").ok());
  EXPECT_TRUE(verify_s3_signature(presigned_get(), secrets, clock, "us-east-1").ok());
}

TEST(SigV4, a_host_may_be_signed_under_its_name_in_http2) {
  const ManualClock clock(kSignedAtUs);
  HttpRequest request = request_of(
      "POST", "/",
      {{"X-Amz-Date", "20260102T030405Z"},
       {"Authorization", authorization("kinesisanalytics", ":authority;x-amz-date",
                                       "49b001f09ae085f24366404c9b7c7381b70bd4f884e4e9dc71b9c067205171a6")}});
  EXPECT_TRUE(verify_signature(request, payload_hash(""), secrets, clock, kApi).ok());
  request.headers.set("Host", "elsewhere");
  EXPECT_FALSE(verify_signature(request, payload_hash(""), secrets, clock, kApi).ok());
}

TEST(SigV4, signs_as_botocore_does) {
  HttpRequest request = list_applications();
  const std::string expected(request.headers.get("Authorization"));
  request.headers.remove("Authorization");
  request.headers.remove("X-Amz-Date");
  sign_request(request, payload_hash("{\"Limit\": 5}"), {"AKIDEXAMPLE", std::string(kSecret), ""}, "us-east-1",
               "kinesisanalytics", ManualClock(kSignedAtUs));
  EXPECT_EQ(request.headers.get("Authorization"), expected);
}

TEST(SigV4, any_change_breaks_the_signature) {
  EXPECT_EQ(code_of(list_applications(), "{\"Limit\": 6}"), ErrorCode::kInvalidSignature);
  HttpRequest request = list_applications();
  request.method = "PUT";
  EXPECT_EQ(code_of(request, "{\"Limit\": 5}"), ErrorCode::kInvalidSignature);
  request = list_applications();
  request.headers.set("X-Amz-Target", "KinesisAnalytics_20180523.DeleteApplication");
  EXPECT_EQ(code_of(request, "{\"Limit\": 5}"), ErrorCode::kInvalidSignature);
  request = list_applications();
  request.query.emplace_back("a", "b");
  EXPECT_EQ(code_of(request, "{\"Limit\": 5}"), ErrorCode::kInvalidSignature);
}

TEST(SigV4, each_defect_has_its_own_error) {
  HttpRequest request = list_applications();
  request.headers.remove("Authorization");
  EXPECT_EQ(code_of(request, ""), ErrorCode::kMissingAuthentication);
  request.headers.set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260102/us-east-1/x/aws4_request");
  EXPECT_EQ(code_of(request, ""), ErrorCode::kIncompleteSignature);
  request.headers.set("Authorization", "AWS4-HMAC-SHA256 Credential=a, SignedHeaders=host, Signature=1");
  EXPECT_EQ(code_of(request, ""), ErrorCode::kIncompleteSignature);
  request.headers.set("Authorization", "AWS AKID:abc");
  EXPECT_EQ(code_of(request, ""), ErrorCode::kIncompleteSignature);
  request.headers.set("Authorization",
                      "AWS4-HMAC-SHA256 Credential=NOBODY/20260102/us-east-1/kinesisanalytics/aws4_request, "
                      "SignedHeaders=host, Signature=1");
  EXPECT_EQ(code_of(request, ""), ErrorCode::kUnrecognizedClient);
  request = list_applications();
  request.headers.add("X-Amz-Security-Token", "t");
  EXPECT_EQ(code_of(request, ""), ErrorCode::kInvalidToken);
  request = list_applications();
  request.headers.add("X-Amz-Other", "unsigned");
  EXPECT_EQ(code_of(request, ""), ErrorCode::kAccessDenied);
  EXPECT_EQ(code_of(list_applications(), "", kSignedAtUs, {.region = "eu-west-1"}), ErrorCode::kInvalidSignature);
  EXPECT_EQ(code_of(list_applications(), "", kSignedAtUs, {.service = "s3"}), ErrorCode::kInvalidSignature);
}

TEST(SigV4, a_session_token_is_signed_and_told_to_the_lookup) {
  const ManualClock clock(kSignedAtUs);
  HttpRequest request = request_of("POST", "/", {{"Host", "localhost"}});
  sign_request(request, payload_hash("x"), {"AKIDEXAMPLE", std::string(kSecret), "the token"}, "us-east-1", "sts",
               clock);
  const auto verified = verify_signature(request, payload_hash("x"), secrets, clock, {.service = "sts"});
  ASSERT_TRUE(verified.ok());
  EXPECT_EQ(verified->claim.session_token, "the token");
  HttpRequest presigned = presigned_get();
  presigned.query.emplace_back("X-Amz-Security-Token", "another");
  EXPECT_EQ(verify_s3_signature(presigned, secrets, clock, "").error().code(), ErrorCode::kInvalidToken);
}

TEST(SigV4, clocks_may_differ_by_five_minutes) {
  const auto at = [](int64_t seconds) {
    const ManualClock clock(kSignedAtUs + seconds * 1'000'000);
    return verify_signature(list_applications(), payload_hash("{\"Limit\": 5}"), secrets, clock, kApi);
  };
  EXPECT_TRUE(at(300).ok());
  EXPECT_TRUE(at(-300).ok());
  ASSERT_FALSE(at(301).ok());
  EXPECT_EQ(at(301).error().code(), ErrorCode::kSignatureExpired);
  EXPECT_EQ(at(301).error().message(),
            "Signature expired: 20260102T030405Z is now earlier than 20260102T030406Z (20260102T030906Z - 5 min.)");
  EXPECT_EQ(at(-301).error().code(), ErrorCode::kSignatureExpired);
}

TEST(SigV4, presigned_requests_expire) {
  const auto at = [](int64_t seconds) {
    return verify_s3_signature(presigned_get(), secrets, ManualClock(kSignedAtUs + seconds * 1'000'000), "us-east-1");
  };
  EXPECT_TRUE(at(600).ok());
  EXPECT_EQ(at(601).error().code(), ErrorCode::kAccessDenied);
  HttpRequest longer = presigned_get();
  for (auto& [name, value] : longer.query) {
    if (name == "X-Amz-Expires") value = "6000";
  }
  EXPECT_EQ(verify_s3_signature(longer, secrets, ManualClock(kSignedAtUs), "").error().code(),
            ErrorCode::kInvalidSignature);
}

TEST(SigV4, service_of_a_signature_is_known_before_it_is_verified) {
  EXPECT_EQ(signature_service(list_applications()), "kinesisanalytics");
  EXPECT_EQ(signature_service(presigned_get()), "s3");
  EXPECT_EQ(signature_service(request_of("GET", "/health", {})), "");
}

// The published example of a signed stream of 64 KiB, 1 KiB and 0 bytes of 'a'.
struct Stream {
  std::string seed;
  std::vector<std::string> chunk_signatures;
  std::string end;

  std::string text() const {
    return fmt::format("10000;chunk-signature={}\r\n{}\r\n400;chunk-signature={}\r\n{}\r\n0;chunk-signature={}\r\n{}",
                       chunk_signatures[0], std::string(65536, 'a'), chunk_signatures[1], std::string(1024, 'a'),
                       chunk_signatures[2], end);
  }
};

Stream plain_stream() {
  return {"4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
          {"ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
           "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
           "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9"},
          "\r\n"};
}

Stream trailer_stream() {
  return {"106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e",
          {"b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2",
           "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7",
           "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992"},
          "x-amz-checksum-crc32c:sOO8/Q==\n\r\n"
          "x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n"};
}

Result<std::string> decode(std::string kind, std::string body, const std::string* seed,
                           HttpHeaders* trailers = nullptr) {
  HttpRequest request = request_of("PUT", "/b/k",
                                   {{"X-Amz-Content-Sha256", std::move(kind)},
                                    {"X-Amz-Decoded-Content-Length", "66560"},
                                    {"Content-Encoding", "aws-chunked, gzip"}});
  StringBodyReader reader(std::move(body));
  request.body = &reader;
  VerifiedSignature signature;
  if (seed) {
    signature.claim.timestamp = "20130524T000000Z";
    signature.claim.date = "20130524";
    signature.claim.region = "us-east-1";
    signature.claim.service = "s3";
    signature.claim.signature = *seed;
    signature.signing_key = signing_key("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "20130524", "us-east-1", "s3");
  }
  auto payload = TRY(AwsPayloadReader::wrap(request, seed ? &signature : nullptr));
  EXPECT_EQ(request.headers.get("Content-Encoding"), "gzip");
  EXPECT_EQ(request.content_length, 66560);
  std::string bytes = TRY(read_all(*payload, 1 << 20));
  if (trailers) *trailers = payload->trailers().trailers;
  return bytes;
}

TEST(AwsPayload, signed_stream_is_decoded_and_verified) {
  const Stream stream = plain_stream();
  const auto bytes = decode("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", stream.text(), &stream.seed);
  ASSERT_TRUE(bytes.ok()) << bytes.error().message();
  EXPECT_EQ(*bytes, std::string(66560, 'a'));
}

TEST(AwsPayload, signed_trailer_is_verified) {
  Stream stream = trailer_stream();
  HttpHeaders trailers;
  const auto bytes = decode("STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", stream.text(), &stream.seed, &trailers);
  ASSERT_TRUE(bytes.ok()) << bytes.error().message();
  EXPECT_EQ(trailers.get("x-amz-checksum-crc32c"), "sOO8/Q==");
  EXPECT_TRUE(decode("STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", stream.text(), nullptr).ok());
  stream.end[30] = 'X';
  EXPECT_EQ(decode("STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", stream.text(), &stream.seed).error().code(),
            ErrorCode::kInvalidSignature);
}

TEST(AwsPayload, changed_chunk_is_refused) {
  const Stream stream = plain_stream();
  std::string text = stream.text();
  text[text.size() / 2] = 'b';
  EXPECT_EQ(decode("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", text, &stream.seed).error().code(),
            ErrorCode::kInvalidSignature);
}

TEST(AwsPayload, unsigned_stream_with_trailer) {
  const std::string body = "10000\r\n" + std::string(65536, 'b') + "\r\n400\r\n" + std::string(1024, 'b') +
                           "\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n";
  HttpHeaders trailers;
  const auto bytes = decode("STREAMING-UNSIGNED-PAYLOAD-TRAILER", body, nullptr, &trailers);
  ASSERT_TRUE(bytes.ok()) << bytes.error().message();
  EXPECT_EQ(bytes->size(), 66560u);
  EXPECT_EQ(trailers.get("x-amz-checksum-crc32"), "AAAAAA==");
  for (const size_t cut : {body.size() - 10, body.size() - 60, size_t{100}, size_t{3}}) {
    EXPECT_EQ(decode("STREAMING-UNSIGNED-PAYLOAD-TRAILER", body.substr(0, cut), nullptr).error().code(),
              ErrorCode::kInvalidRequest)
        << cut;
  }
  EXPECT_EQ(decode("STREAMING-UNSIGNED-PAYLOAD-TRAILER", "5\r\nhello\r\n0\r\n\r\n", nullptr).error().code(),
            ErrorCode::kPayloadMismatch);
}

// Gives at most so many bytes a read, as a slow network does.
class DrippingReader final : public BodyReader {
 public:
  DrippingReader(std::string bytes, size_t step) : inner_(std::move(bytes)), step_(step) {}
  Result<size_t> read(std::span<char> buffer) override {
    return inner_.read(buffer.first(std::min(step_, buffer.size())));
  }

 private:
  StringBodyReader inner_;
  const size_t step_;
};

TEST(AwsPayload, stream_may_be_cut_anywhere_by_the_network) {
  const Stream stream = trailer_stream();
  for (const size_t step : {1, 2, 3, 7, 1000, 16384, 16385, 65537}) {
    HttpRequest request =
        request_of("PUT", "/b/k", {{"X-Amz-Content-Sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"}});
    DrippingReader reader(stream.text(), step);
    request.body = &reader;
    auto payload = AwsPayloadReader::wrap(request, nullptr).value();
    EXPECT_EQ(read_all(*payload, 1 << 20).value(), std::string(66560, 'a')) << step;
    EXPECT_EQ(payload->trailers().trailers.get("x-amz-checksum-crc32c"), "sOO8/Q==");
  }
}

TEST(AwsPayload, body_must_have_the_hash_that_was_signed) {
  const auto read = [](std::string body) {
    HttpRequest request = request_of("PUT", "/b/k", {{"X-Amz-Content-Sha256", payload_hash("hello")}});
    StringBodyReader reader(std::move(body));
    request.body = &reader;
    auto payload = AwsPayloadReader::wrap(request, nullptr).value();
    return read_all(*payload, 100);
  };
  EXPECT_EQ(read("hello").value(), "hello");
  EXPECT_EQ(read("hellO").error().code(), ErrorCode::kPayloadMismatch);
}

}  // namespace
}  // namespace raudal::net
