// Maven, as the installer uses it: one run of the machine's `mvn`, followed line by line.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "flink/assembly.h"

namespace raudal::flink {

// Runs mvn with these arguments (batch mode and strict checksums are added). A failure says what was missing.
Status run_maven(const Assembly& assembly, const std::vector<std::string>& arguments);

// "flink-core-1.20.3.jar" and its bytes, of Maven's line "Downloaded from central: …/flink-core-1.20.3.jar (1.9 MB at
// 3 MB/s)"; an empty name when the line says something else.
struct Download {
  std::string file;
  int64_t size_bytes = 0;
  bool complete = false;
};
Download parse_download(std::string_view line);

}  // namespace raudal::flink
