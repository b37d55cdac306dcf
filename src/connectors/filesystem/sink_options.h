// The options of a file sink, as values.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "connector/table.h"

namespace raudal::connectors::filesystem {

struct SinkOptions {
  int64_t file_size_bytes = int64_t{128} << 20;
  int64_t rollover_interval_ms = 30 * 60'000;
  int64_t inactivity_interval_ms = 30 * 60'000;
  int64_t check_interval_ms = 60'000;
  std::string default_partition = "__DEFAULT_PARTITION__";
  std::string success_file;              // written into a partition's folder with its first part; empty: none
};

// kSqlUnsupported for what Flink has and this sink does not do.
Result<SinkOptions> read_sink_options(const connector::Options& options);

}  // namespace raudal::connectors::filesystem
