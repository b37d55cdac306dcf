// Partition columns: their values stand in the names of folders, "day=2026-01-01/", and not in the files.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "column/batch.h"
#include "column/type.h"

namespace raudal::connectors::filesystem {

using PartitionValues = std::map<std::string, std::string>;

// Whether values of the type can stand in a folder's name.
bool can_be_partition(const column::Type& type);
// The values that the folders of a path show; %XX in names is undone.
PartitionValues partition_values(const std::string& path);
// A column of num_rows times one value; NULL for the default name. kDecode if it is no value of the type.
Result<column::Column> constant_column(const column::Type& type, const std::string& text,
                                       const std::string& default_name, size_t num_rows);
// "day=2026-01-01/hour=5/": the folders of a row. NULL and the empty string have the default name.
std::string partition_folders(const std::vector<std::string>& keys, const std::vector<const column::Column*>& columns,
                              size_t row, const std::string& default_name);

}  // namespace raudal::connectors::filesystem
