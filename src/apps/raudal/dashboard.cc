#include "apps/raudal/dashboard.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include <fmt/core.h>

#include "base/fs.h"
#include "base/str.h"
#include "codec/json.h"
#include "control/actions/actions.h"
#include "engine/run_directory.h"
#include "flinkrest/error_response.h"
#include "neighbours/protocol/answers.h"
#include "net/http_client.h"

namespace raudal::apps {
namespace {

constexpr int kEngineTimeoutMs = 10'000;
constexpr int kRefreshMs = 3'000;
constexpr size_t kPageBytesMax = 1 << 20;

// The token is part of the URL: no other site is to learn it, no cache to keep what it shows.
const net::HttpHeaders kHeaders = {{"Referrer-Policy", "no-referrer"}, {"Cache-Control", "no-store"}};

void refuse(net::ResponseWriter& response, int status, const std::string& message) {
  net::HttpHeaders headers = kHeaders;
  headers.add("Content-Type", "application/json");
  if (status == 405) headers.add("Allow", "GET, HEAD");
  (void)response.send(status, headers, codec::write_json(flinkrest::error_response(message)));
}

net::HttpClient client_of(const net::RelayTarget& engine) {
  return net::HttpClient({.base_url = engine.base_url,
                          .unix_path = engine.unix_path,
                          .timeout_ms = kEngineTimeoutMs,
                          .response_bytes_max = kPageBytesMax});
}

// What Flink does on GET although it changes something, and what belongs to uploading.
bool is_hidden(std::string_view path) {
  constexpr std::array<std::string_view, 3> kHidden = {"jars", "yarn-cancel", "yarn-stop"};
  for (const std::string& part : split(path, '/')) {
    if (part == ".." || std::ranges::find(kHidden, part) != kHidden.end()) return true;
  }
  return false;
}

std::string escaped(std::string_view text) { return neighbours::protocol::xml_escaped(text); }

// One row of the page: a job and where to read about it.
std::string job_row(const codec::JsonObject& job) {
  const std::string id = escaped(codec::find_string(job, "jid").value_or(""));
  std::string links;
  for (const char* part : {"", "/checkpoints", "/exceptions", "/config", "/plan"}) {
    links += fmt::format(R"( <a href="jobs/{0}{1}">{2}</a>)", id, part, *part ? part + 1 : "job");
  }
  return fmt::format("<tr><td>{}</td><td>{}</td><td>{}</td></tr>\n",
                     escaped(codec::find_string(job, "name").value_or("")),
                     escaped(codec::find_string(job, "state").value_or("")), links);
}

std::string overview_page(const codec::JsonObject& overview) {
  std::string rows;
  if (const codec::JsonArray* jobs = codec::find_array(overview, "jobs")) {
    for (const codec::Json& job : *jobs) {
      if (job.is_object()) rows += job_row(job.get_object());
    }
  }
  return fmt::format(R"(<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Raudal</title><style>
body {{ font-family: sans-serif; margin: 2em; }} td, th {{ text-align: left; padding: 0.2em 1em 0.2em 0; }}
</style></head><body>
<h1>Job</h1>
<table><tr><th>Name</th><th>State</th><th>Read</th></tr>
{}</table>
<p>This application runs on Raudal's native engine, which has no web pages of its own. It answers Flink's REST API
below this address, for reading:
<a href="overview">overview</a> <a href="jobs/overview">jobs</a> <a href="taskmanagers">taskmanagers</a>
<a href="config">config</a></p>
</body></html>
)",
                     rows);
}

}  // namespace

bool Dashboard::is_request(const net::HttpRequest& request) {
  return request.path.starts_with(control::actions::kDashboardPath);
}

void Dashboard::handle(net::HttpRequest& request, net::ResponseWriter& response) {
  // "<token>/<path>"
  const std::string_view rest =
      std::string_view(request.raw_path).substr(std::string_view(control::actions::kDashboardPath).size());
  const size_t slash = rest.find('/');
  const std::string_view token = rest.substr(0, slash);
  if (request.method != "GET" && request.method != "HEAD") {
    return refuse(response, 405, "The dashboard is for reading: use the API to change an application");
  }
  const auto shown = control_.dashboard(token);
  if (!shown.ok()) {
    const bool denied = shown.error().code() == ErrorCode::kAccessDenied;
    return refuse(response, denied ? 403 : 404, shown.error().message());
  }
  if (slash == std::string_view::npos) {  // the pages' links are relative
    net::HttpHeaders headers = kHeaders;
    headers.add("Location", request.raw_path + "/");
    return (void)response.send(301, headers, "");
  }
  const auto path = net::percent_decode(rest.substr(slash));
  if (!path || is_hidden(*path)) return refuse(response, 403, "The dashboard is for reading: this is not shown");
  net::RelayTarget engine;
  if (shown->remote_address.empty()) {
    engine = {.base_url = "http://localhost", .unix_path = join_path(shown->run_directory, engine::kRestSocket)};
  } else {
    engine = {.base_url = shown->remote_address};
  }
  if (*path == "/" || *path == "/index.html") return show_overview(engine, response);
  if (*path == "/config") return show_config(engine, response);
  engine.target = std::string(rest.substr(slash));
  const size_t question = request.target.find('?');
  if (question != std::string::npos) engine.target += request.target.substr(question);
  // Nothing of the browser's is the engine's business but what it wants to read.
  net::HttpHeaders asked = {{"Host", "localhost"}};
  for (const char* name : {"Accept", "Accept-Encoding", "If-Modified-Since", "If-None-Match", "Range"}) {
    if (const std::string* value = request.headers.find(name)) asked.add(name, *value);
  }
  request.headers = std::move(asked);
  request.content_length.reset();
  relay_.relay(request, response, engine);
}

void Dashboard::show_overview(const net::RelayTarget& engine, net::ResponseWriter& response) {
  net::HttpClient client = client_of(engine);
  net::HttpHeaders headers = kHeaders;
  headers.add("Content-Type", "text/html; charset=UTF-8");
  const auto page = client.get("/");
  if (!page.ok()) return refuse(response, 502, page.error().message());
  if (page->status == 200 && page->headers.get("Content-Type").starts_with("text/html")) {
    return (void)response.send(200, headers, page->body);
  }
  const auto overview = client.get("/jobs/overview");
  if (!overview.ok()) return refuse(response, 502, overview.error().message());
  const auto jobs = codec::parse_json_object(overview->body);
  (void)response.send(200, headers, overview_page(jobs.ok() ? *jobs : codec::JsonObject()));
}

// What the pages are told of themselves: that they offer no button which changes something, and ask every few seconds,
// however often the engine looks for itself.
void Dashboard::show_config(const net::RelayTarget& engine, net::ResponseWriter& response) {
  const auto answer = client_of(engine).get("/config");
  if (!answer.ok()) return refuse(response, 502, answer.error().message());
  auto config = codec::parse_json_object(answer->body);
  if (!config.ok()) return refuse(response, 502, config.error().message());
  (*config)["refresh-interval"] = kRefreshMs;
  if (codec::Json* features = config->if_contains("features"); features && features->is_object()) {
    for (const char* feature : {"web-submit", "web-cancel", "web-rescale"}) features->get_object()[feature] = false;
  }
  net::HttpHeaders headers = kHeaders;
  headers.add("Content-Type", "application/json; charset=UTF-8");
  (void)response.send(answer->status, headers, codec::write_json(*config));
}

}  // namespace raudal::apps
