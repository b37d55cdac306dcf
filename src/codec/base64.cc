#include "codec/base64.h"

#include <algorithm>
#include <array>

#include <fmt/core.h>

namespace raudal::codec {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::array<int8_t, 256> make_values() {
  std::array<int8_t, 256> values{};
  for (int8_t& value : values) value = -1;
  for (size_t i = 0; i < kAlphabet.size(); ++i) values[static_cast<uint8_t>(kAlphabet[i])] = static_cast<int8_t>(i);
  return values;
}

constexpr std::array<int8_t, 256> kValues = make_values();

Error bad_base64(size_t position) {
  return Error(ErrorCode::kSerialization, fmt::format("Malformed base64 at byte {}", position));
}

}  // namespace

std::string base64_encode(std::string_view bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (size_t i = 0; i < bytes.size(); i += 3) {
    const size_t n = std::min<size_t>(3, bytes.size() - i);
    uint32_t group = 0;
    for (size_t k = 0; k < 3; ++k) group = group << 8 | (k < n ? static_cast<uint8_t>(bytes[i + k]) : 0);
    for (size_t k = 0; k < 4; ++k) out += k <= n ? kAlphabet[group >> (18 - 6 * k) & 63] : '=';
  }
  return out;
}

Result<std::string> base64_decode(std::string_view text) {
  if (text.size() % 4 != 0) return bad_base64(text.size());
  std::string out;
  out.reserve(text.size() / 4 * 3);
  for (size_t i = 0; i < text.size(); i += 4) {
    const bool last = i + 4 == text.size();
    size_t pads = 0;
    if (last && text[i + 3] == '=') pads = text[i + 2] == '=' ? 2 : 1;
    uint32_t group = 0;
    for (size_t k = 0; k < 4 - pads; ++k) {
      const int8_t value = kValues[static_cast<uint8_t>(text[i + k])];
      if (value < 0) return bad_base64(i + k);
      group |= static_cast<uint32_t>(value) << (18 - 6 * k);
    }
    for (size_t k = 0; k < 3 - pads; ++k) out += static_cast<char>(group >> (16 - 8 * k) & 255);
    // Bits that the padding cuts off must be zero, so that each text has one spelling.
    if (pads > 0 && (group & (pads == 2 ? 0xFFFFu : 0xFFu)) != 0) return bad_base64(i + 3 - pads);
  }
  return out;
}

}  // namespace raudal::codec
