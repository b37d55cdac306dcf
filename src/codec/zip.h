// Code packages: unpacks a ZIP from strangers into a folder, so that nothing lands outside it and nothing explodes.
// Refused with kCodeValidation and a sentence that names the entry: absolute names, "..", backslashes, NUL, links and
// devices, duplicate names, a name that is a file and a folder, encryption, damage, more than the limits.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/fs.h"
#include "base/result.h"

namespace raudal::codec {

// Counted on what is really inflated, not on what the archive's directory claims.
struct ZipLimits {
  int64_t entries_max = 10'000;
  int64_t total_bytes_max = int64_t{2} << 30;
  int64_t ratio_max = 200;  // inflated : compressed bytes, once more than 16 MiB are out
};

// Unpacks the archive at `zip_path` into the existing or new folder `into`. Returns the files' names, sorted. After an
// error the folder may hold some files: the caller removes it.
Result<std::vector<std::string>> unpack_zip(Fs& fs, const std::string& zip_path, const std::string& into,
                                            const ZipLimits& limits = {});

// The names of all entries, as they stand in the archive's directory. Nothing is unpacked, and nothing is safe to
// unpack because of it.
Result<std::vector<std::string>> list_zip(Fs& fs, const std::string& zip_path);

// One entry's bytes. kNotFound where there is no such entry.
Result<std::string> read_zip_entry(Fs& fs, const std::string& zip_path, const std::string& name, int64_t bytes_max);

// An archive of {name, content} entries, in memory.
Result<std::string> make_zip(const std::vector<std::pair<std::string, std::string>>& entries);

}  // namespace raudal::codec
