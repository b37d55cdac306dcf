// The connector `filesystem`: reads the files of a directory, and writes parts into one, each row exactly once.
// file_source.h and file_sink.h say how.
#pragma once

#include "connector/registry.h"

namespace raudal::connectors::filesystem {

void register_connector(connector::Registry& registry);

}  // namespace raudal::connectors::filesystem
