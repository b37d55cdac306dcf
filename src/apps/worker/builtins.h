// The connectors and formats that this worker has: one explicit list.
#pragma once

#include "connector/registry.h"

namespace raudal::apps {

void register_builtins(connector::Registry& registry);

}  // namespace raudal::apps
