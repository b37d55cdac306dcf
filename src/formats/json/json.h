// The format `json`: one object a line, Flink's rules and leniencies. Of a record only the wanted fields are parsed,
// and what follows the last of them is not looked at: faults there pass.
#pragma once

#include "connector/registry.h"

namespace raudal::formats::json {

void register_format(connector::Registry& registry);

}  // namespace raudal::formats::json
