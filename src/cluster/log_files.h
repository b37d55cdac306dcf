// Bounds the log files that several processes append to. None of them can be told to open another file, so the file
// itself stays: what it holds is copied to FILE.1, then it is cut to nothing, and writers in append mode go on at its
// beginning. What is written between the two is lost. Links are not followed: programs may write to the folder, and
// would have us write where they may not.
#pragma once

#include <cstdint>
#include <string>

#include "base/fs.h"
#include "base/result.h"

namespace raudal::cluster {

inline constexpr int64_t kLogBytesMax = 64 << 20;

// Before a log file is opened and while no program runs: removes what stands in its place and is no file.
Status remove_link(const std::string& path);

// Absent is fine.
Status bound_log_file(Fs& fs, const std::string& path, int64_t bytes_max);

}  // namespace raudal::cluster
