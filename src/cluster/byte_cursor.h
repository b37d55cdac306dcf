// Walks over bytes that Java's DataOutputStream wrote: big-endian numbers, strings behind their length. A read past the
// end fails for good and gives zeros, so that a reader checks once at the end of what belongs together.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace raudal::cluster {

class ByteCursor {
 public:
  explicit ByteCursor(std::string_view bytes) : rest_(bytes) {}

  bool ok() const { return ok_; }
  void fail() { ok_ = false, rest_ = {}; }
  size_t left() const { return rest_.size(); }

  uint8_t u8() { return static_cast<uint8_t>(number(1)); }
  uint16_t u16() { return static_cast<uint16_t>(number(2)); }
  int32_t i32() { return static_cast<int32_t>(number(4)); }
  int64_t i64() { return static_cast<int64_t>(number(8)); }
  std::string_view utf() { return bytes(u16()); }
  std::string_view bytes(size_t length) {
    if (length > rest_.size()) {
      fail();
      return {};
    }
    const std::string_view taken = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return taken;
  }
  // A count of things of which each takes at least `bytes_each`: one that cannot be true fails.
  int32_t count(size_t bytes_each) {
    const int32_t n = i32();
    if (n < 0 || static_cast<size_t>(n) > rest_.size() / bytes_each) {
      fail();
      return 0;
    }
    return n;
  }

 private:
  uint64_t number(size_t width) {
    uint64_t value = 0;
    for (const char c : bytes(width)) value = value << 8 | static_cast<uint8_t>(c);
    return value;
  }

  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace raudal::cluster
