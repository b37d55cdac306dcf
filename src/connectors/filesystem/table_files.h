// Where the files of a table lie and which of them count: names that begin with a dot or an underscore do not, they
// are unpublished or for bookkeeping.
#pragma once

#include <string>
#include <vector>

#include "base/fs.h"
#include "base/result.h"
#include "connector/table.h"

namespace raudal::connectors::filesystem {

// A file to be read, as it was when it was found.
struct FoundFile {
  std::string path;
  int64_t size_bytes = 0;
  int64_t modified_us = 0;
};

// The option `path` as a path of this machine: "file:///x" is "/x". Other schemes are refused.
Result<std::string> local_path(const connector::Table& table);
bool is_hidden(std::string_view name);
// All files below `root` (or itself, if it is a file), folders within folders included, oldest first, then by path.
// `pattern`: if not empty, a regular expression that the whole path has to match. A missing root: kSourceMissing.
Result<std::vector<FoundFile>> find_files(Fs& fs, const std::string& root, const std::string& pattern,
                                          const std::string& table_name);
// Whether the pattern compiles: kSqlOption.
Status check_pattern(const std::string& pattern);

}  // namespace raudal::connectors::filesystem
