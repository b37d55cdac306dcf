// Files that the kernel makes up (/proc, cgroups): their size reads as 0, and a write counts only as a whole.
#pragma once

#include <string>

#include "base/result.h"

namespace raudal::sandbox {

Result<std::string> read_kernel_file(const std::string& path);
Status write_kernel_file(const std::string& path, const std::string& text);

}  // namespace raudal::sandbox
