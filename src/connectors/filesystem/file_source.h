// Reads the files of a table. A split is a whole file; a reader owns those that a hash of the path gives it. Bounded:
// the files that are there at the start. With a monitor interval: also those that come later, without end. Each path
// is read once, up to the size it had when it was found.
#pragma once

#include <memory>
#include <string>

#include "connector/registry.h"

namespace raudal::connectors::filesystem {

Result<std::unique_ptr<connector::Source>> make_file_source(const connector::Table& table,
                                                            const column::Schema& produced,
                                                            const connector::Environment& environment);

}  // namespace raudal::connectors::filesystem
