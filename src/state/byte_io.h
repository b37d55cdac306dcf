// Little-endian bytes of the durable formats: a writer that appends to a string, a reader that never goes past the
// end. A reader that met too few bytes stays failed and gives zeros; whoever reads asks ok() before he believes
// anything.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace raudal::state {

// Appends fixed-width integers and length-prefixed strings.
class ByteWriter {
 public:
  explicit ByteWriter(std::string* out) : out_(out) {}

  template <class T> void integer(T value) {
    out_->append(reinterpret_cast<const char*>(&value), sizeof(T));
  }
  void bytes(std::string_view raw) { out_->append(raw); }
  void text(std::string_view value) {
    integer(static_cast<uint32_t>(value.size()));
    out_->append(value);
  }

 private:
  std::string* out_;
};

// Reads what ByteWriter wrote.
class ByteReader {
 public:
  explicit ByteReader(std::string_view in) : in_(in) {}

  template <class T> T integer() {
    T value{};
    const std::string_view raw = bytes(sizeof(T));
    if (ok_) std::memcpy(&value, raw.data(), sizeof(T));
    return value;
  }
  std::string_view bytes(size_t count) {
    if (!ok_ || in_.size() < count) {
      ok_ = false;
      return "";
    }
    const std::string_view part = in_.substr(0, count);
    in_.remove_prefix(count);
    return part;
  }
  std::string_view text() { return bytes(integer<uint32_t>()); }

  void fail() { ok_ = false; }
  bool ok() const { return ok_; }
  bool at_end() const { return in_.empty(); }
  size_t remaining() const { return in_.size(); }

 private:
  std::string_view in_;
  bool ok_ = true;
};

}  // namespace raudal::state
