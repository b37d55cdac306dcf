// Checksums and digests: for signatures (SHA-256, HMAC), for S3 (MD5, SHA-1, CRCs), for durable files (XXH3).
// Digests are raw bytes, CRCs big-endian in them; hex() shows them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace raudal::codec {

std::string hex(std::string_view bytes);                    // lower case
Result<std::string> unhex(std::string_view text);           // kSerialization unless pairs of hex digits
std::string sha256(std::string_view bytes);                 // 32 bytes
std::string sha256_hex(std::string_view bytes);
std::string sha1(std::string_view bytes);                   // 20 bytes
std::string md5(std::string_view bytes);                    // 16 bytes
std::string hmac_sha256(std::string_view key, std::string_view bytes);
// Each may continue an earlier result: crc32c(b, crc32c(a)) == crc32c(a + b).
uint32_t crc32(std::string_view bytes, uint32_t before = 0);
uint32_t crc32c(std::string_view bytes, uint32_t before = 0);
uint64_t crc64nvme(std::string_view bytes, uint64_t before = 0);
uint64_t xxh3_64(std::string_view bytes);

// Compares in a time that depends on the lengths only.
bool equal_constant_time(std::string_view a, std::string_view b);

enum class DigestKind { kMd5, kSha1, kSha256, kCrc32, kCrc32c, kCrc64Nvme, kXxh3 };

// A digest over bytes that arrive in pieces.
class Digest {
 public:
  explicit Digest(DigestKind kind);
  ~Digest();
  Digest(Digest&&) noexcept;
  Digest& operator=(Digest&&) noexcept;

  DigestKind kind() const { return kind_; }
  void update(std::string_view bytes);
  std::string finish();  // raw bytes; once

 private:
  struct State;
  DigestKind kind_;
  std::unique_ptr<State> state_;
};

}  // namespace raudal::codec
