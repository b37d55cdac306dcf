// The connector `blackhole`: a sink that swallows every row. For measuring and for tables nobody reads.
#pragma once

#include "connector/registry.h"

namespace raudal::connectors::blackhole {

void register_connector(connector::Registry& registry);

}  // namespace raudal::connectors::blackhole
