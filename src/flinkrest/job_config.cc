#include "flinkrest/job_config.h"

namespace raudal::flinkrest {

codec::JsonObject to_json(const JobConfiguration& config) {
  codec::JsonObject options;
  for (const auto& [key, value] : config.options) options[key] = value;
  return {{"jid", config.id},
          {"name", config.name},
          {"execution-config", codec::JsonObject{{"restart-strategy", config.restart_strategy},
                                                 {"job-parallelism", config.parallelism},
                                                 {"object-reuse-mode", true},
                                                 {"user-config", std::move(options)}}}};
}

codec::JsonArray key_values(const std::map<std::string, std::string>& options) {
  codec::JsonArray list;
  for (const auto& [key, value] : options) list.push_back(codec::JsonObject{{"key", key}, {"value", value}});
  return list;
}

}  // namespace raudal::flinkrest
