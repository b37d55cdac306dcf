#include "codec/digest.h"

#include <array>
#include <cstring>

#include <fmt/core.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <xxhash.h>
#include <zlib.h>

#include "base/check.h"

namespace raudal::codec {
namespace {

const EVP_MD* openssl_digest(DigestKind kind) {
  switch (kind) {
    case DigestKind::kMd5: return EVP_md5();
    case DigestKind::kSha1: return EVP_sha1();
    case DigestKind::kSha256: return EVP_sha256();
    default: return nullptr;
  }
}

std::string one_shot(const EVP_MD* kind, std::string_view bytes) {
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  CHECK(EVP_Digest(bytes.data(), bytes.size(), out, &size, kind, nullptr) == 1);
  return std::string(reinterpret_cast<const char*>(out), size);
}

template <class Word>
std::string big_endian(Word value) {
  std::string bytes;
  for (int shift = sizeof(Word) * 8 - 8; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift & 0xFF);
  return bytes;
}

// Eight tables for eight bytes a step ("slicing by 8"), for a reflected polynomial.
template <class Word>
using SlicingTables = std::array<std::array<Word, 256>, 8>;

template <class Word>
constexpr SlicingTables<Word> make_tables(Word polynomial) {
  SlicingTables<Word> tables{};
  for (uint32_t i = 0; i < 256; ++i) {
    Word crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ (crc & 1 ? polynomial : 0);
    tables[0][i] = crc;
  }
  for (size_t t = 1; t < 8; ++t) {
    for (size_t i = 0; i < 256; ++i) tables[t][i] = (tables[t - 1][i] >> 8) ^ tables[0][tables[t - 1][i] & 255];
  }
  return tables;
}

constinit const SlicingTables<uint32_t> kCrc32cTables = make_tables<uint32_t>(0x82F63B78u);
constinit const SlicingTables<uint64_t> kCrc64Tables = make_tables<uint64_t>(0x9A6C9329AC4BC9B5ull);

template <class Word>
Word sliced_crc(const SlicingTables<Word>& tables, std::string_view bytes, Word before) {
  Word crc = ~before;
  const auto* p = reinterpret_cast<const uint8_t*>(bytes.data());
  size_t n = bytes.size();
  for (; n >= 8; n -= 8, p += 8) {
    uint64_t word;
    std::memcpy(&word, p, 8);
    word ^= crc;
    crc = tables[7][word & 255] ^ tables[6][word >> 8 & 255] ^ tables[5][word >> 16 & 255] ^
          tables[4][word >> 24 & 255] ^ tables[3][word >> 32 & 255] ^ tables[2][word >> 40 & 255] ^
          tables[1][word >> 48 & 255] ^ tables[0][word >> 56];
  }
  for (; n > 0; --n, ++p) crc = (crc >> 8) ^ tables[0][(crc ^ *p) & 255];
  return ~crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) uint32_t hardware_crc32c(std::string_view bytes, uint32_t before) {
  uint64_t crc = static_cast<uint32_t>(~before);
  const char* p = bytes.data();
  size_t n = bytes.size();
  for (; n >= 8; n -= 8, p += 8) {
    uint64_t word;
    std::memcpy(&word, p, 8);
    crc = __builtin_ia32_crc32di(crc, word);
  }
  for (; n > 0; --n, ++p) {
    crc = __builtin_ia32_crc32qi(static_cast<uint32_t>(crc), static_cast<unsigned char>(*p));
  }
  return ~static_cast<uint32_t>(crc);
}
#endif

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string hex(std::string_view bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    out += kDigits[static_cast<uint8_t>(c) >> 4];
    out += kDigits[static_cast<uint8_t>(c) & 15];
  }
  return out;
}

Result<std::string> unhex(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); i += 2) {
    const int high = hex_value(text[i]);
    const int low = i + 1 < text.size() ? hex_value(text[i + 1]) : -1;
    if (high < 0 || low < 0) return Error(ErrorCode::kSerialization, fmt::format("Malformed hex at byte {}", i));
    out += static_cast<char>(high << 4 | low);
  }
  return out;
}

std::string sha256(std::string_view bytes) { return one_shot(EVP_sha256(), bytes); }
std::string sha256_hex(std::string_view bytes) { return hex(sha256(bytes)); }
std::string sha1(std::string_view bytes) { return one_shot(EVP_sha1(), bytes); }
std::string md5(std::string_view bytes) { return one_shot(EVP_md5(), bytes); }

std::string hmac_sha256(std::string_view key, std::string_view bytes) {
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  CHECK(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
             reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), out, &size) != nullptr);
  return std::string(reinterpret_cast<const char*>(out), size);
}

uint32_t crc32(std::string_view bytes, uint32_t before) {
  return static_cast<uint32_t>(
      ::crc32_z(before, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()));
}

uint32_t crc32c(std::string_view bytes, uint32_t before) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("sse4.2")) return hardware_crc32c(bytes, before);
#endif
  return sliced_crc(kCrc32cTables, bytes, before);
}

uint64_t crc64nvme(std::string_view bytes, uint64_t before) { return sliced_crc(kCrc64Tables, bytes, before); }

uint64_t xxh3_64(std::string_view bytes) { return XXH3_64bits(bytes.data(), bytes.size()); }

bool equal_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

struct Digest::State {
  EVP_MD_CTX* openssl = nullptr;
  XXH3_state_t* xxh3 = nullptr;
  uint64_t crc = 0;

  ~State() {
    EVP_MD_CTX_free(openssl);
    XXH3_freeState(xxh3);
  }
};

Digest::Digest(DigestKind kind) : kind_(kind), state_(std::make_unique<State>()) {
  if (const EVP_MD* md = openssl_digest(kind)) {
    state_->openssl = EVP_MD_CTX_new();
    CHECK(EVP_DigestInit_ex(state_->openssl, md, nullptr) == 1);
  } else if (kind == DigestKind::kXxh3) {
    state_->xxh3 = XXH3_createState();
    XXH3_64bits_reset(state_->xxh3);
  }
}

Digest::~Digest() = default;
Digest::Digest(Digest&&) noexcept = default;
Digest& Digest::operator=(Digest&&) noexcept = default;

void Digest::update(std::string_view bytes) {
  switch (kind_) {
    case DigestKind::kMd5:
    case DigestKind::kSha1:
    case DigestKind::kSha256: CHECK(EVP_DigestUpdate(state_->openssl, bytes.data(), bytes.size()) == 1); break;
    case DigestKind::kCrc32: state_->crc = crc32(bytes, static_cast<uint32_t>(state_->crc)); break;
    case DigestKind::kCrc32c: state_->crc = crc32c(bytes, static_cast<uint32_t>(state_->crc)); break;
    case DigestKind::kCrc64Nvme: state_->crc = crc64nvme(bytes, state_->crc); break;
    case DigestKind::kXxh3: XXH3_64bits_update(state_->xxh3, bytes.data(), bytes.size()); break;
  }
}

std::string Digest::finish() {
  switch (kind_) {
    case DigestKind::kMd5:
    case DigestKind::kSha1:
    case DigestKind::kSha256: {
      unsigned char out[EVP_MAX_MD_SIZE];
      unsigned int size = 0;
      CHECK(EVP_DigestFinal_ex(state_->openssl, out, &size) == 1);
      return std::string(reinterpret_cast<const char*>(out), size);
    }
    case DigestKind::kCrc32:
    case DigestKind::kCrc32c: return big_endian(static_cast<uint32_t>(state_->crc));
    case DigestKind::kCrc64Nvme: return big_endian(state_->crc);
    case DigestKind::kXxh3: return big_endian(uint64_t{XXH3_64bits_digest(state_->xxh3)});
  }
  return {};
}

}  // namespace raudal::codec
