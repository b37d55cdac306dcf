#include "net/http_client.h"

#include <utility>

#include <curl/curl.h>
#include <fmt/core.h>

#include "base/str.h"
#include "net/unix_path.h"

namespace raudal::net {
namespace {

// What the callbacks of one transfer fill.
struct Transfer {
  HttpResponse response;
  size_t bytes_max = 0;
  bool too_long = false;
};

size_t take_body(char* data, size_t size, size_t count, void* user) {
  Transfer& transfer = *static_cast<Transfer*>(user);
  const size_t n = size * count;
  if (transfer.response.body.size() + n > transfer.bytes_max) {
    transfer.too_long = true;
    return 0;
  }
  transfer.response.body.append(data, n);
  return n;
}

size_t take_header(char* data, size_t size, size_t count, void* user) {
  Transfer& transfer = *static_cast<Transfer*>(user);
  const std::string_view line(data, size * count);
  if (line.starts_with("HTTP/")) transfer.response.headers = {};  // a new head, after a 100
  const size_t colon = line.find(':');
  if (colon != std::string_view::npos) {
    transfer.response.headers.add(std::string(trim(line.substr(0, colon))), std::string(trim(line.substr(colon + 1))));
  }
  return size * count;
}

struct ListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

}  // namespace

struct HttpClient::State {
  explicit State(HttpClientOptions given) : options(std::move(given)), unix_path(options.unix_path) {}

  HttpClientOptions options;
  UnixPath unix_path;
  CURL* curl = nullptr;

  ~State() { curl_easy_cleanup(curl); }
};

HttpClient::HttpClient(HttpClientOptions options) : state_(std::make_unique<State>(std::move(options))) {
  static const CURLcode initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
  CHECK(initialised == CURLE_OK);
  state_->curl = curl_easy_init();
  CHECK(state_->curl != nullptr);
}

HttpClient::~HttpClient() = default;
HttpClient::HttpClient(HttpClient&&) noexcept = default;

Result<HttpResponse> HttpClient::send(const HttpCall& call) {
  CURL* curl = state_->curl;
  const HttpClientOptions& options = state_->options;
  curl_easy_reset(curl);  // keeps the connections
  const std::string url = options.base_url + call.target;
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt(curl, CURLOPT_PROXY, "");  // local peers are never behind the environment's proxy
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_TCP_NODELAY, 1L);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options.connect_timeout_ms));
  const int timeout_ms = call.timeout_ms > 0 ? call.timeout_ms : options.timeout_ms;
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(timeout_ms));
  if (!options.unix_path.empty()) curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, state_->unix_path.get().c_str());

  if (!options.ca_file.empty()) curl_easy_setopt(curl, CURLOPT_CAINFO, options.ca_file.c_str());
  const bool tls = options.base_url.starts_with("https:");
  const long http2 = tls ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE;
  curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, options.http2 ? http2 : long{CURL_HTTP_VERSION_1_1});
  // libcurl 7.88 fails where it uses such a connection again.
  if (options.http2 && !tls) curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, 1L);

  curl_slist* raw = curl_slist_append(nullptr, "Expect:");
  for (const auto& [name, value] : call.headers) {
    raw = curl_slist_append(raw, value.empty() ? (name + ";").c_str() : (name + ": " + value).c_str());
  }
  const std::unique_ptr<curl_slist, ListDeleter> headers(raw);
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.get());
  if (call.method == "HEAD") {
    curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
  } else if (!call.body.empty() || call.method != "GET") {
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, call.body.data());
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(call.body.size()));
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, call.method.c_str());
  }

  Transfer transfer{.response = {}, .bytes_max = options.response_bytes_max};
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &transfer);
  const CURLcode code = curl_easy_perform(curl);
  const std::string where = options.unix_path.empty() ? url : options.unix_path + call.target;
  if (transfer.too_long) {
    return Error(ErrorCode::kRequestTooLarge,
                 fmt::format("Response is longer than {} bytes: {}", transfer.bytes_max, where));
  }
  if (code == CURLE_OPERATION_TIMEDOUT) {
    return Error(ErrorCode::kTimeout, fmt::format("No answer within {} ms: {}", timeout_ms, where));
  }
  if (code != CURLE_OK) {
    return Error(ErrorCode::kIo, fmt::format("Request failed, {}: {}", curl_easy_strerror(code), where));
  }
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  transfer.response.status = static_cast<int>(status);
  return std::move(transfer.response);
}

Result<HttpResponse> HttpClient::get(std::string target) {
  return send({.method = "GET", .target = std::move(target), .headers = {}, .body = {}});
}

Result<HttpResponse> HttpClient::post_json(std::string target, std::string body) {
  return send({.method = "POST",
               .target = std::move(target),
               .headers = {{"Content-Type", "application/json"}},
               .body = std::move(body)});
}

}  // namespace raudal::net
