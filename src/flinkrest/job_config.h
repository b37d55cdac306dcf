// GET /jobs/:jobid/config: how the job executes, and the options it was given.
#pragma once

#include <map>
#include <string>

#include "codec/json.h"

namespace raudal::flinkrest {

struct JobConfiguration {
  std::string id;
  std::string name;
  std::string restart_strategy;
  int parallelism = 1;
  std::map<std::string, std::string> options;
};
codec::JsonObject to_json(const JobConfiguration& config);

// GET /jobmanager/config: [{"key", "value"}].
codec::JsonArray key_values(const std::map<std::string, std::string>& options);

}  // namespace raudal::flinkrest
