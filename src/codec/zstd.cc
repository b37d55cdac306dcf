#include "codec/zstd.h"

#include <fmt/core.h>
#include <zstd.h>

#include "base/check.h"

namespace raudal::codec {
namespace {

Error bad_frame(std::string_view why) {
  return Error(ErrorCode::kCorrupt, fmt::format("Compressed data is damaged, {}", why));
}

}  // namespace

std::string zstd_compress(std::string_view bytes, int level) {
  std::string out(ZSTD_compressBound(bytes.size()), '\0');
  const size_t size = ZSTD_compress(out.data(), out.size(), bytes.data(), bytes.size(), level);
  CHECK(!ZSTD_isError(size));
  out.resize(size);
  return out;
}

Result<std::string> zstd_decompress(std::string_view frame, size_t bytes_max) {
  // Our frames always carry their size, so the output is allocated once and a lie in it is caught.
  const unsigned long long size = ZSTD_getFrameContentSize(frame.data(), frame.size());
  if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN) return bad_frame("no frame with a size");
  if (size > bytes_max) return bad_frame(fmt::format("{} bytes are more than {}", size, bytes_max));
  std::string out(size, '\0');
  const size_t done = ZSTD_decompress(out.data(), out.size(), frame.data(), frame.size());
  if (ZSTD_isError(done)) return bad_frame(ZSTD_getErrorName(done));
  if (done != size) return bad_frame("it is shorter than it says");
  return out;
}

}  // namespace raudal::codec
