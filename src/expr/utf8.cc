#include "expr/utf8.h"

#include <cstring>

namespace raudal::expr {
namespace {

bool is_continuation(char c) { return (static_cast<uint8_t>(c) & 0xC0) == 0x80; }

// Blocks where upper and lower case differ by a fixed step.
uint32_t upper_of(uint32_t c) {
  if (c >= 'a' && c <= 'z') return c - 32;
  if (c < 0x80) return c;
  if ((c >= 0xE0 && c <= 0xFE && c != 0xF7) || (c >= 0x3B1 && c <= 0x3C9 && c != 0x3C2)) return c - 32;
  if (c == 0x3C2) return 0x3A3;
  if (c == 0xFF) return 0x178;
  if (c == 0xB5) return 0x39C;
  if (c >= 0x430 && c <= 0x44F) return c - 32;
  if (c >= 0x450 && c <= 0x45F) return c - 80;
  const bool paired = (c >= 0x100 && c <= 0x137) || (c >= 0x14A && c <= 0x177) || (c >= 0x460 && c <= 0x481) ||
                      (c >= 0x48A && c <= 0x4BF) || (c >= 0x4D0 && c <= 0x52F) || (c >= 0x1E00 && c <= 0x1E95) ||
                      (c >= 0x1EA0 && c <= 0x1EFF);
  if (paired && c != 0x131) return c & ~1u;
  if (c == 0x131) return 'I';
  if ((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17E)) return (c & 1) == 0 ? c - 1 : c;
  return c;
}

uint32_t lower_of(uint32_t c) {
  if (c >= 'A' && c <= 'Z') return c + 32;
  if (c < 0x80) return c;
  if ((c >= 0xC0 && c <= 0xDE && c != 0xD7) || (c >= 0x391 && c <= 0x3A9 && c != 0x3A2)) return c + 32;
  if (c == 0x178) return 0xFF;
  if (c >= 0x410 && c <= 0x42F) return c + 32;
  if (c >= 0x400 && c <= 0x40F) return c + 80;
  const bool paired = (c >= 0x100 && c <= 0x137) || (c >= 0x14A && c <= 0x177) || (c >= 0x460 && c <= 0x481) ||
                      (c >= 0x48A && c <= 0x4BF) || (c >= 0x4D0 && c <= 0x52F) || (c >= 0x1E00 && c <= 0x1E95) ||
                      (c >= 0x1EA0 && c <= 0x1EFF);
  if (paired && c != 0x130) return c | 1u;
  if (c == 0x130) return 'i';
  if ((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17E)) return (c & 1) != 0 ? c + 1 : c;
  return c;
}

template <class Map>
std::string map_text(std::string_view text, Map map) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size();) utf8_append(map(utf8_next(text, &i)), &out);
  return out;
}

}  // namespace

bool is_ascii(std::string_view text) {
  size_t i = 0;
  for (; i + 8 <= text.size(); i += 8) {
    uint64_t word;
    std::memcpy(&word, text.data() + i, 8);
    if ((word & 0x8080808080808080ull) != 0) return false;
  }
  for (; i < text.size(); ++i) {
    if (static_cast<uint8_t>(text[i]) >= 0x80) return false;
  }
  return true;
}

size_t utf8_length(std::string_view text) {
  size_t length = 0;
  for (char c : text) length += is_continuation(c) ? 0 : 1;
  return length;
}

size_t utf8_offset(std::string_view text, size_t index) {
  if (is_ascii(text)) return index < text.size() ? index : text.size();
  size_t offset = 0;
  for (size_t i = 0; i < index && offset < text.size(); ++i) {
    ++offset;
    while (offset < text.size() && is_continuation(text[offset])) ++offset;
  }
  return offset;
}

std::string_view utf8_prefix(std::string_view text, size_t length) { return text.substr(0, utf8_offset(text, length)); }

uint32_t utf8_next(std::string_view text, size_t* offset) {
  const auto first = static_cast<uint8_t>(text[*offset]);
  ++*offset;
  if (first < 0xC0) return first;
  const int more = first >= 0xF0 ? 3 : (first >= 0xE0 ? 2 : 1);
  uint32_t code_point = first & (0x3Fu >> more);
  for (int i = 0; i < more && *offset < text.size() && is_continuation(text[*offset]); ++i) {
    code_point = (code_point << 6) | (static_cast<uint8_t>(text[*offset]) & 0x3F);
    ++*offset;
  }
  return code_point;
}

void utf8_append(uint32_t c, std::string* out) {
  if (c < 0x80) {
    out->push_back(static_cast<char>(c));
  } else if (c < 0x800) {
    out->push_back(static_cast<char>(0xC0 | (c >> 6)));
    out->push_back(static_cast<char>(0x80 | (c & 0x3F)));
  } else if (c < 0x10000) {
    out->push_back(static_cast<char>(0xE0 | (c >> 12)));
    out->push_back(static_cast<char>(0x80 | ((c >> 6) & 0x3F)));
    out->push_back(static_cast<char>(0x80 | (c & 0x3F)));
  } else {
    out->push_back(static_cast<char>(0xF0 | (c >> 18)));
    out->push_back(static_cast<char>(0x80 | ((c >> 12) & 0x3F)));
    out->push_back(static_cast<char>(0x80 | ((c >> 6) & 0x3F)));
    out->push_back(static_cast<char>(0x80 | (c & 0x3F)));
  }
}

std::string utf8_upper(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  if (is_ascii(text)) {
    for (char c : text) out.push_back(static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c));
    return out;
  }
  for (size_t i = 0; i < text.size();) {
    const uint32_t c = utf8_next(text, &i);
    if (c == 0xDF)
      out += "SS";
    else
      utf8_append(upper_of(c), &out);
  }
  return out;
}

std::string utf8_lower(std::string_view text) {
  if (!is_ascii(text)) return map_text(text, lower_of);
  std::string out;
  out.reserve(text.size());
  for (char c : text) out.push_back(static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c));
  return out;
}

}  // namespace raudal::expr
