// Writes a table's rows into files, each exactly once. Rows gather in an unpublished part per partition and subtask;
// a part is finished at each checkpoint and by the rolling policy; it is published by a rename once the checkpoint's
// manifest stands. Readers of the folder never see a row that may still be taken back.
#pragma once

#include <memory>

#include "connector/registry.h"

namespace raudal::connectors::filesystem {

Result<std::unique_ptr<connector::Sink>> make_file_sink(const connector::Table& table,
                                                        const connector::Environment& environment);

}  // namespace raudal::connectors::filesystem
