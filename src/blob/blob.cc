#include "blob/blob.h"

#include <fmt/core.h>

#include "base/str.h"

namespace raudal::blob {

bool exists(BlobStore& store, const std::string& key) { return store.open(key).ok(); }

Status check_key(std::string_view key) {
  const auto bad = [&](std::string_view why) {
    return Error(ErrorCode::kInvalidArgument, fmt::format("Blob key {}: {}", why, key.substr(0, 100)));
  };
  if (key.empty() || key.size() > 1024) return bad("has not 1 to 1024 bytes");
  if (key.find('\0') != std::string_view::npos) return bad("contains NUL");
  for (const std::string& part : split(key, '/')) {
    if (part.empty()) return bad("has an empty part");
    if (part == "." || part == "..") return bad("leads elsewhere");
    if (part.size() > 200) return bad("has a part of more than 200 bytes");
    if (part.starts_with(".tmp-")) return bad("has the name of a temporary file");
  }
  return {};
}

}  // namespace raudal::blob
