#include "apps/raudal/service_endpoints.h"

#include "base/str.h"

namespace raudal::apps {
namespace {

constexpr std::string_view kOwnService = "kinesisanalytics";

Error bad_setting(const std::string& setting, const std::string& why) {
  return Error(ErrorCode::kInvalidArgument, "--endpoint " + setting + ": " + why);
}

bool is_base_url(std::string_view url) {
  if (!url.starts_with("http://") && !url.starts_with("https://")) return false;
  const std::string_view host = url.substr(url.find("//") + 2);
  return !host.empty() && host[0] != '/' && url.find_first_of(" ?#@") == std::string_view::npos;
}

}  // namespace

const std::string* ServiceEndpoints::find(const std::string& service) const {
  const auto found = forward.find(service);
  return found == forward.end() ? nullptr : &found->second;
}

Result<ServiceEndpoints> parse_service_endpoints(const std::vector<std::string>& settings) {
  ServiceEndpoints endpoints;
  for (const std::string& setting : settings) {
    const size_t equals = setting.find('=');
    const std::string service = to_lower(setting.substr(0, equals));
    if (equals == std::string::npos || service.empty()) {
      return bad_setting(setting, "give SERVICE=URL, SERVICE=aws or all=aws");
    }
    std::string place = setting.substr(equals + 1);
    if (service == kOwnService) return bad_setting(setting, "this service is the one that is served here");
    if (place == "aws") {
      endpoints.direct.push_back(service == "all" ? "*" : service);
      continue;
    }
    if (service == "all") return bad_setting(setting, "only aws is for all");
    while (place.ends_with('/')) place.pop_back();
    if (!is_base_url(place)) return bad_setting(setting, "a place is aws, or begins with http:// or https://");
    endpoints.forward[service] = place;
  }
  return endpoints;
}

}  // namespace raudal::apps
