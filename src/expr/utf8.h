// UTF-8 text by code points, with a fast path for ASCII. SQL counts characters, not bytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace raudal::expr {

bool is_ascii(std::string_view text);
size_t utf8_length(std::string_view text);
// The byte position of code point `index`; text.size() beyond the end.
size_t utf8_offset(std::string_view text, size_t index);
std::string_view utf8_prefix(std::string_view text, size_t length);
// The code point that begins at *offset, which moves behind it. Malformed bytes count one each.
uint32_t utf8_next(std::string_view text, size_t* offset);
void utf8_append(uint32_t code_point, std::string* out);
// Upper and lower case of Latin, Greek and Cyrillic letters; others stay. 'ß' becomes "SS".
std::string utf8_upper(std::string_view text);
std::string utf8_lower(std::string_view text);

}  // namespace raudal::expr
