#include "neighbours/kinesis/hash_key.h"

#include <algorithm>

#include "codec/digest.h"

namespace raudal::neighbours::kinesis {

HashKey hash_of(std::string_view partition_key) {
  HashKey key = 0;
  for (const char byte : codec::md5(partition_key)) key = key << 8 | static_cast<unsigned char>(byte);
  return key;
}

std::optional<HashKey> parse_hash_key(std::string_view text) {
  if (text.empty() || (text.size() > 1 && text[0] == '0')) return std::nullopt;
  HashKey key = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    const HashKey digit = static_cast<unsigned char>(c - '0');
    if (key > (kHashKeyMax - digit) / 10) return std::nullopt;
    key = key * 10 + digit;
  }
  return key;
}

std::string format_hash_key(HashKey key) {
  std::string digits;
  do {
    digits += static_cast<char>('0' + static_cast<int>(key % 10));
    key /= 10;
  } while (key != 0);
  std::ranges::reverse(digits);
  return digits;
}

}  // namespace raudal::neighbours::kinesis
