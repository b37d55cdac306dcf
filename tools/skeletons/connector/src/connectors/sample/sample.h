// The connector `sample`: what it reads or writes, and what for.
#pragma once

#include "connector/registry.h"

namespace raudal::connectors::sample {

void register_connector(connector::Registry& registry);

}  // namespace raudal::connectors::sample
