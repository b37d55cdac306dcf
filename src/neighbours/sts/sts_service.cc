#include "neighbours/sts/sts_service.h"

#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "base/str.h"
#include "codec/digest.h"
#include "codec/json.h"
#include "neighbours/protocol/answers.h"

namespace raudal::neighbours::sts {
namespace {

using codec::JsonObject;
using protocol::AwsCall;
using protocol::AwsFailure;
using protocol::AwsResult;
using protocol::AwsStatus;

constexpr int64_t kDurationMin = 900;
constexpr int64_t kRoleDurationMax = 43'200;
constexpr int64_t kSessionDurationMax = 129'600;

AwsFailure validation(std::string message) { return AwsFailure("ValidationException", std::move(message)); }

std::string iso_seconds(int64_t seconds) {
  const std::string text = format_utc_ms(seconds * 1'000'000);
  return text.substr(0, text.find('.')) + "Z";
}

// "AROA" and seventeen letters that are always the same for the role.
std::string role_id(std::string_view role_arn) { return "AROA" + to_upper(codec::sha256_hex(role_arn).substr(0, 17)); }

bool is_session_name(std::string_view name) {
  const auto is_letter = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::string_view("_+=,.@-").find(c) != std::string_view::npos;
  };
  return name.size() >= 2 && name.size() <= 64 && std::ranges::all_of(name, is_letter);
}

AwsResult<int64_t> duration(const AwsCall& call, int64_t otherwise, int64_t most) {
  const std::string_view text = call.form_value("DurationSeconds");
  if (text.empty()) return otherwise;
  const auto seconds = parse_int(text);
  if (!seconds || *seconds < kDurationMin || *seconds > most) {
    return validation(
        fmt::format("1 validation error detected: Value '{}' at 'durationSeconds' failed to satisfy "
                    "constraint: Member must have a value between {} and {}",
                    text, kDurationMin, most));
  }
  return *seconds;
}

class StsService final : public protocol::AwsService {
 public:
  StsService(const protocol::ServiceContext& context, const net::SessionKeys& keys) : context_(context), keys_(keys) {}

  AwsStatus handle(AwsCall& call, net::ResponseWriter& response) override {
    protocol::answer_query(call, response, TRY(run(call)));
    return {};
  }

 private:
  AwsResult<JsonObject> run(const AwsCall& call) {
    if (call.operation == "GetCallerIdentity") return get_caller_identity(call);
    if (call.operation == "AssumeRole") return assume_role(call);
    if (call.operation == "GetSessionToken") return get_session_token(call);
    if (call.operation == "GetAccessKeyInfo") return JsonObject{{"Account", context_.account}};
    if (call.operation == "AssumeRoleWithWebIdentity" || call.operation == "AssumeRoleWithSAML") {
      return AwsFailure("InvalidIdentityToken",
                        fmt::format("Raudal knows no identity provider that could prove who calls: use AssumeRole with "
                                    "a key instead of {}",
                                    call.operation));
    }
    return protocol::unknown_operation(call);
  }

  AwsResult<JsonObject> get_caller_identity(const AwsCall& call) {
    const protocol::Caller& caller = call.caller;
    if (caller.role_arn.empty()) {
      return JsonObject{{"Arn", fmt::format("arn:aws:iam::{}:root", context_.account)},
                        {"UserId", context_.account},
                        {"Account", context_.account}};
    }
    const std::vector<std::string> parts = split(caller.role_arn, ':');
    const std::string arn = assumed_role_arn(caller.role_arn, caller.session_name);
    // An application's role is any text that begins with "arn:".
    return JsonObject{{"Arn", arn.empty() ? caller.role_arn : arn},
                      {"UserId", role_id(caller.role_arn) + ":" + caller.session_name},
                      {"Account", arn.empty() ? context_.account : parts[4]}};
  }

  AwsResult<JsonObject> assume_role(const AwsCall& call) {
    const std::string role(call.form_value("RoleArn"));
    const std::string name(call.form_value("RoleSessionName"));
    const std::string arn = assumed_role_arn(role, name);
    if (arn.empty()) return validation(fmt::format("{} is invalid", role.empty() ? "RoleArn" : role));
    if (!is_session_name(name)) {
      return validation(
          fmt::format("1 validation error detected: Value '{}' at 'roleSessionName' failed to satisfy "
                      "constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*",
                      name));
    }
    const int64_t seconds = TRY(duration(call, 3600, kRoleDurationMax));
    JsonObject answer = credentials({.role_arn = role, .session_name = name, .expires_s = now_s() + seconds});
    answer["AssumedRoleUser"] = JsonObject{{"AssumedRoleId", role_id(role) + ":" + name}, {"Arn", arn}};
    const std::string_view identity = call.form_value("SourceIdentity");
    if (!identity.empty()) answer["SourceIdentity"] = identity;
    return answer;
  }

  AwsResult<JsonObject> get_session_token(const AwsCall& call) {
    if (call.caller.access_key_id.starts_with("ASIA")) {
      return AwsFailure("AccessDeniedException", "Cannot call GetSessionToken with session credentials", 403);
    }
    const int64_t seconds = TRY(duration(call, 43'200, kSessionDurationMax));
    return credentials({.role_arn = "", .session_name = "", .expires_s = now_s() + seconds});
  }

  JsonObject credentials(const net::Session& session) const {
    const net::AwsCredentials made = keys_.issue(session);
    return {{"Credentials", JsonObject{{"AccessKeyId", made.access_key_id},
                                       {"SecretAccessKey", made.secret_access_key},
                                       {"SessionToken", made.session_token},
                                       {"Expiration", iso_seconds(session.expires_s)}}}};
  }

  int64_t now_s() const { return context_.clock.wall_us() / 1'000'000; }

  const protocol::ServiceContext context_;
  const net::SessionKeys& keys_;
};

}  // namespace

std::string assumed_role_arn(std::string_view role_arn, std::string_view session_name) {
  const std::vector<std::string> parts = split(role_arn, ':');
  if (parts.size() != 6 || parts[0] != "arn" || parts[2] != "iam" || !parts[5].starts_with("role/")) return "";
  if (parts[4].size() != 12 || !parse_int(parts[4])) return "";
  const std::string name = parts[5].substr(parts[5].rfind('/') + 1);
  return name.empty() ? "" : fmt::format("arn:{}:sts::{}:assumed-role/{}/{}", parts[1], parts[4], name, session_name);
}

protocol::ServiceEntry sts_service(const net::SessionKeys& keys) {
  return {.info = {.name = "STS",
                   .signing_name = "sts",
                   .query_version = "2011-06-15",
                   .xml_namespace = "https://sts.amazonaws.com/doc/2011-06-15/",
                   .unsigned_operations = {"AssumeRoleWithWebIdentity", "AssumeRoleWithSAML"},
                   .any_region = true},
          .open = [&keys](const protocol::ServiceContext& context) -> Result<std::unique_ptr<protocol::AwsService>> {
            return std::unique_ptr<protocol::AwsService>(new StsService(context, keys));
          }};
}

}  // namespace raudal::neighbours::sts
