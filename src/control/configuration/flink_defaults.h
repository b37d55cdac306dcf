// The three blocks of FlinkApplicationConfigurationDescription with the service's defaults: what is missing is filled
// in, and ConfigurationType DEFAULT overrides whatever was sent.
#pragma once

#include "base/result.h"
#include "codec/json.h"

namespace raudal::control::configuration {

void apply_flink_defaults(codec::JsonObject& flink_description);

// kInvalidArgument or kLimitExceeded when parallelism leaves the service's limits.
Status check_parallelism(const codec::JsonObject& flink_description);

}  // namespace raudal::control::configuration
