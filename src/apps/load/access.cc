#include "apps/load/access.h"

#include <fmt/core.h>

#include "base/str.h"

namespace raudal::apps {
namespace {

std::string first_of(std::initializer_list<std::string> values) {
  for (const std::string& value : values) {
    if (!value.empty()) return value;
  }
  return "";
}

Result<net::AwsCredentials> credentials_of_file(Fs& fs, const std::string& path, const std::string& profile) {
  const auto text = read_file(fs, path);
  if (!text.ok()) return Error(ErrorCode::kInvalidRequest, "Cannot read the credentials file: " + path);
  return credentials_in(*text, profile);
}

Result<Access> access_of_data_directory(Fs& fs, const std::string& folder) {
  const auto url = read_file(fs, join_path(folder, "endpoint"));
  const auto region = read_file(fs, join_path(folder, "region"));
  if (!url.ok() || !region.ok()) {
    return Error(ErrorCode::kInvalidRequest,
                 fmt::format("no service has run on {0}: start one with `raudal serve --data {0}`", folder));
  }
  return Access{.endpoint_url = std::string(trim(*url)),
                .region = std::string(trim(*region)),
                .credentials = TRY(credentials_of_file(fs, join_path(folder, "credentials"), "default"))};
}

Result<net::AwsCredentials> credentials_of_variables(Fs& fs, const Variables& variables) {
  net::AwsCredentials key{.access_key_id = variables("AWS_ACCESS_KEY_ID"),
                          .secret_access_key = variables("AWS_SECRET_ACCESS_KEY"),
                          .session_token = variables("AWS_SESSION_TOKEN")};
  if (!key.access_key_id.empty() && !key.secret_access_key.empty()) return std::move(key);
  const std::string path =
      first_of({variables("AWS_SHARED_CREDENTIALS_FILE"), variables("HOME") + "/.aws/credentials"});
  return credentials_of_file(fs, path, first_of({variables("AWS_PROFILE"), "default"}));
}

// "http://127.0.0.1:4570/" without its end, and the host in it.
std::string_view host_of(std::string_view url) {
  const size_t scheme = url.find("://");
  return scheme == std::string_view::npos ? url : url.substr(scheme + 3);
}

}  // namespace

Result<net::AwsCredentials> credentials_in(std::string_view file_text, std::string_view profile) {
  net::AwsCredentials key;
  bool ours = false;
  for (const std::string& raw : split(file_text, '\n')) {
    const std::string_view line = trim(raw);
    if (line.starts_with('[')) ours = line == fmt::format("[{}]", profile);
    const size_t equals = line.find('=');
    if (!ours || equals == std::string_view::npos) continue;
    const std::string_view name = trim(line.substr(0, equals));
    const std::string value(trim(line.substr(equals + 1)));
    if (name == "aws_access_key_id") key.access_key_id = value;
    if (name == "aws_secret_access_key") key.secret_access_key = value;
    if (name == "aws_session_token") key.session_token = value;
  }
  if (key.access_key_id.empty() || key.secret_access_key.empty()) {
    return Error(ErrorCode::kNotFound, fmt::format("the credentials file has no key for the profile {}", profile));
  }
  return std::move(key);
}

Result<Access> find_access(Fs& fs, const AccessOptions& options, std::string_view service, const Variables& variables) {
  Access access;
  if (!options.data_directory.empty()) {
    access = TRY(access_of_data_directory(fs, options.data_directory));
  } else {
    access.endpoint_url = first_of(
        {options.endpoint_url, variables("AWS_ENDPOINT_URL_" + to_upper(service)), variables("AWS_ENDPOINT_URL")});
    if (access.endpoint_url.empty()) {
      return Error(ErrorCode::kInvalidRequest, "give --data, --endpoint-url or the variable AWS_ENDPOINT_URL");
    }
    access.credentials = TRY(credentials_of_variables(fs, variables));
    access.region = first_of({variables("AWS_REGION"), variables("AWS_DEFAULT_REGION"), "us-east-1"});
  }
  if (!options.endpoint_url.empty()) access.endpoint_url = options.endpoint_url;
  if (!options.region.empty()) access.region = options.region;
  while (access.endpoint_url.ends_with('/')) access.endpoint_url.pop_back();
  return std::move(access);
}

Poster::Poster(Access access, const Target& target, const Clock& clock)
    : access_(std::move(access)), target_(target), clock_(clock), client_([&] {
        net::HttpClientOptions options;
        options.base_url = access_.endpoint_url;
        return options;
      }()) {}

Result<TargetAnswer> Poster::post(const std::string& body) {
  net::HttpRequest request;
  request.method = "POST";
  request.target = request.raw_path = request.path = "/";
  request.headers = {{"Host", std::string(host_of(access_.endpoint_url))},
                     {"Content-Type", std::string(target_.content_type())},
                     {"X-Amz-Target", std::string(target_.action())}};
  net::sign_request(request, net::payload_hash(body), access_.credentials, access_.region, target_.service(), clock_);
  const net::HttpResponse response =
      TRY(client_.send({.method = "POST", .target = "/", .headers = request.headers, .body = body}));
  return TargetAnswer{.status = response.status, .body = response.body};
}

}  // namespace raudal::apps
