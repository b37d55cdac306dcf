#include "net/http_relay.h"

#include <array>
#include <mutex>
#include <utility>
#include <vector>

#include <curl/curl.h>
#include <fmt/core.h>

#include "base/str.h"
#include "net/unix_path.h"

namespace raudal::net {
namespace {

constexpr long kConnectTimeoutMs = 5'000;
constexpr long kSilenceMaxS = 330;  // longer than any subscription stays open
constexpr size_t kIdleMax = 64;     // handles that keep a connection

struct ListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using List = std::unique_ptr<curl_slist, ListDeleter>;

// One request under way, as libcurl's callbacks see it.
struct Passage {
  HttpRequest& request;
  ResponseWriter& response;
  CURL* curl;
  HttpHeaders headers = {};
  std::optional<int64_t> length = std::nullopt;
  bool chunked = false;                            // then a length that is said as well means nothing
  std::optional<Error> body_error = std::nullopt;  // of the request

  Status begin() {
    long status = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    return response.begin(static_cast<int>(status), headers, chunked ? std::nullopt : length);
  }
};

// Belongs to a connection, or is written anew by whoever sends.
bool stays_here(std::string_view name) {
  constexpr std::array<std::string_view, 9> kNames = {
      "connection",        "keep-alive", "proxy-connection", "proxy-authorization", "te",
      "transfer-encoding", "upgrade",    "expect",           "content-length"};
  for (const std::string_view mine : kNames) {
    if (equals_ignore_case(name, mine)) return true;
  }
  return false;
}

size_t give_body(char* buffer, size_t size, size_t count, void* user) {
  Passage& passage = *static_cast<Passage*>(user);
  const auto n = passage.request.body->read(std::span(buffer, size * count));
  if (n.ok()) return *n;
  passage.body_error = n.error();
  return CURL_READFUNC_ABORT;
}

size_t take_header(char* data, size_t size, size_t count, void* user) {
  Passage& passage = *static_cast<Passage*>(user);
  const std::string_view line(data, size * count);
  if (line.starts_with("HTTP/")) {  // a new head, after a 100
    passage.headers = {};
    passage.length.reset();
    passage.chunked = false;
  }
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0) return size * count;
  const std::string_view name = trim(line.substr(0, colon));
  const std::string_view value = trim(line.substr(colon + 1));
  if (equals_ignore_case(name, "content-length")) {
    passage.length = parse_int(value);
  } else if (equals_ignore_case(name, "transfer-encoding")) {
    passage.chunked = true;
  } else if (!stays_here(name)) {
    passage.headers.add(std::string(name), std::string(value));
  }
  return size * count;
}

size_t take_body(char* data, size_t size, size_t count, void* user) {
  Passage& passage = *static_cast<Passage*>(user);
  const std::string_view bytes(data, size * count);
  if (!passage.response.started() && !passage.begin().ok()) return 0;
  return passage.response.write(bytes).ok() ? bytes.size() : 0;
}

// A client that has left needs no answer.
int look_around(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Passage*>(user)->response.is_open() ? 0 : 1;
}

// This machine is never behind the environment's proxy.
bool is_here(std::string_view url) {
  const std::string_view host = url.substr(url.find("//") + 2);
  return host.starts_with("127.") || host.starts_with("localhost") || host.starts_with("[::1]");
}

bool has_body(const HttpRequest& request) {
  if (request.content_length) return *request.content_length > 0;
  if (request.headers.has("Transfer-Encoding")) return true;
  return request.method == "POST" || request.method == "PUT" || request.method == "PATCH";
}

void set_method(CURL* curl, const HttpRequest& request, Passage& passage) {
  if (request.method == "HEAD") {
    curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
    return;
  }
  if (has_body(request)) {
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, give_body);
    curl_easy_setopt(curl, CURLOPT_READDATA, &passage);
    curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(request.content_length.value_or(-1)));
  } else if (request.content_length) {
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, "");
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, 0L);
  }
  curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request.method.c_str());
}

List headers_of(const HttpRequest& request) {
  curl_slist* list = curl_slist_append(nullptr, "Expect:");
  // What libcurl would say of its own accord.
  for (const char* name : {"Accept", "User-Agent", "Content-Type"}) {
    if (!request.headers.has(name)) list = curl_slist_append(list, (std::string(name) + ":").c_str());
  }
  for (const auto& [name, value] : request.headers) {
    if (stays_here(name)) continue;
    list = curl_slist_append(list, value.empty() ? (name + ";").c_str() : (name + ": " + value).c_str());
  }
  return List(list);
}

}  // namespace

struct HttpRelay::State {
  ~State() {
    for (CURL* curl : idle) curl_easy_cleanup(curl);
  }

  CURL* take() {
    std::lock_guard lock(mutex);
    if (idle.empty()) return curl_easy_init();
    CURL* curl = idle.back();
    idle.pop_back();
    curl_easy_reset(curl);  // keeps the connections
    return curl;
  }
  void give_back(CURL* curl) {
    std::lock_guard lock(mutex);
    if (idle.size() < kIdleMax) {
      idle.push_back(curl);
    } else {
      curl_easy_cleanup(curl);
    }
  }

  std::mutex mutex;
  std::vector<CURL*> idle;
};

HttpRelay::HttpRelay() : state_(std::make_unique<State>()) {
  static const CURLcode initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
  CHECK(initialised == CURLE_OK);
}

HttpRelay::~HttpRelay() = default;

void HttpRelay::relay(HttpRequest& request, ResponseWriter& response, const RelayTarget& target) {
  CURL* curl = state_->take();
  CHECK(curl != nullptr);
  Passage passage{.request = request, .response = response, .curl = curl};
  const std::string url = target.base_url + target.target;
  const UnixPath socket(target.unix_path);
  const List headers = headers_of(request);
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_TCP_NODELAY, 1L);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, kConnectTimeoutMs);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, kSilenceMaxS);
  if (is_here(target.base_url)) curl_easy_setopt(curl, CURLOPT_PROXY, "");
  if (!target.unix_path.empty()) {
    curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, socket.get().c_str());
    curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, 1L);  // by its path, which may soon be another's
  }
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &passage);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &passage);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, look_around);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &passage);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  set_method(curl, request, passage);

  const CURLcode code = curl_easy_perform(curl);
  if (code == CURLE_OK && !response.started()) (void)passage.begin();
  state_->give_back(curl);
  if (code == CURLE_OK) {
    (void)response.finish();
  } else if (!response.started()) {
    response.close_after();
    const int status = passage.body_error                 ? error_info(passage.body_error->code()).http_status
                       : code == CURLE_OPERATION_TIMEDOUT ? 504
                                                          : 502;
    const std::string why = passage.body_error ? passage.body_error->message() : curl_easy_strerror(code);
    (void)response.send(status, {{"Content-Type", "text/plain"}},
                        fmt::format("No answer from {}: {}\n", target.base_url, why));
  }
}

}  // namespace raudal::net
