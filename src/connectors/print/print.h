// The connector `print`: a sink that writes each row as a line, "[identifier:][subtask>] +I[1, x]". At least once: a
// restart prints again what was printed since the last checkpoint.
#pragma once

#include "connector/registry.h"

namespace raudal::connectors::print {

void register_connector(connector::Registry& registry);

}  // namespace raudal::connectors::print
