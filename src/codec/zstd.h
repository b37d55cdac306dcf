// Zstandard frames, for state files and long texts.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace raudal::codec {

std::string zstd_compress(std::string_view bytes, int level = 1);
// kCorrupt when it is no whole frame or would exceed bytes_max.
Result<std::string> zstd_decompress(std::string_view frame, size_t bytes_max);

}  // namespace raudal::codec
