// Which AWS services are answered elsewhere, as `--endpoint SERVICE=URL|aws` says: real ones take the place of ours by
// one setting. "aws" means that programs reach the service themselves; a URL, that the front door passes requests on.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace raudal::apps {

struct ServiceEndpoints {
  std::vector<std::string> direct;             // "kinesis"; "*" for all
  std::map<std::string, std::string> forward;  // signing name → base URL without a slash at its end

  // Where requests for the service go; null: they are answered here.
  const std::string* find(const std::string& service) const;
};

// Each is "SERVICE=URL", "SERVICE=aws" or "all=aws"; kInvalidArgument says what is wrong with it.
Result<ServiceEndpoints> parse_service_endpoints(const std::vector<std::string>& settings);

}  // namespace raudal::apps
