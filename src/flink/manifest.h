// The manifest of a distribution: each file with its size and SHA-256. It is written when everything else is in place
// and durable, so a folder without it is no distribution.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/fs.h"
#include "base/result.h"

namespace raudal::flink {

inline constexpr char kManifestFile[] = "manifest.json";

// What manifest.json holds; format version 1.
struct Manifest {
  struct Entry {
    std::string path;  // below the home
    int64_t size_bytes = 0;
    std::string sha256;  // hex
  };
  std::string runtime;
  std::string release;
  std::string origin;
  std::vector<std::string> missing;
  std::vector<Entry> files;  // sorted by path

  int64_t size_bytes() const;
};

// The files below a folder, without the manifest: each is read, synced and must be a whole JAR if it is named like
// one. `seen` is told of each, and ends it with kCancelled by answering false.
Result<std::vector<Manifest::Entry>> take_inventory(Fs& fs, const std::string& home,
                                                    const std::function<bool(const Manifest::Entry&)>& seen);

Status write_manifest(Fs& fs, const std::string& home, const Manifest& manifest);
// kNotFound without one, kCorrupt when it is not what was written.
Result<Manifest> read_manifest(Fs& fs, const std::string& home);

// kCorrupt naming the first file that is gone, new, or has another size: some hundred looks at folders, no reading.
Status check_sizes(Fs& fs, const std::string& home, const Manifest& manifest);
// The same, and each file's bytes.
Status check_contents(Fs& fs, const std::string& home, const Manifest& manifest);

}  // namespace raudal::flink
