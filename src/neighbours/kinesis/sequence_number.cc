#include "neighbours/kinesis/sequence_number.h"

#include <array>

#include <fmt/core.h>

namespace raudal::neighbours::kinesis {
namespace {

// A number of 192 bits, its lowest limb first.
using Wide = std::array<uint64_t, 3>;

constexpr int kLimbBits = 64;
constexpr uint64_t kChunk = 10'000'000'000'000'000'000u;  // 10^19
constexpr uint64_t kVersion = 2;

struct Field {
  int at;  // its lowest bit
  int bits;
};
constexpr Field kTail{0, 4};
constexpr Field kShard{4, 32};
constexpr Field kTime{36, 36};
constexpr Field kStep{72, 8};
constexpr Field kIndex{80, 64};
constexpr Field kShardDigit{144, 4};
constexpr Field kBirth{148, 36};
constexpr Field kHead{184, 4};

void set(Wide& wide, Field field, uint64_t value) {
  if (field.bits < kLimbBits) value &= (uint64_t{1} << field.bits) - 1;
  const int limb = field.at / kLimbBits, shift = field.at % kLimbBits;
  wide[limb] |= value << shift;
  if (shift + field.bits > kLimbBits) wide[limb + 1] |= value >> (kLimbBits - shift);
}

uint64_t get(const Wide& wide, Field field) {
  const int limb = field.at / kLimbBits, shift = field.at % kLimbBits;
  uint64_t value = wide[limb] >> shift;
  if (shift + field.bits > kLimbBits) value |= wide[limb + 1] << (kLimbBits - shift);
  return field.bits < kLimbBits ? value & ((uint64_t{1} << field.bits) - 1) : value;
}

// Divides by 10^19 and returns the rest.
uint64_t take_chunk(Wide& wide) {
  unsigned __int128 rest = 0;
  for (int i = 2; i >= 0; --i) {
    rest = rest << kLimbBits | wide[i];
    wide[i] = static_cast<uint64_t>(rest / kChunk);
    rest %= kChunk;
  }
  return static_cast<uint64_t>(rest);
}

}  // namespace

std::string format_sequence_number(const SequenceNumber& number) {
  Wide wide{};
  set(wide, kTail, kVersion);
  set(wide, kShard, number.shard);
  set(wide, kTime, number.time_s);
  set(wide, kStep, number.step);
  set(wide, kIndex, number.index);
  set(wide, kShardDigit, number.shard);
  set(wide, kBirth, number.birth_s);
  set(wide, kHead, kVersion);
  const uint64_t low = take_chunk(wide), middle = take_chunk(wide), high = take_chunk(wide);
  return fmt::format("{}{:019}{:019}", high, middle, low);
}

std::optional<SequenceNumber> parse_sequence_number(std::string_view text) {
  if (text.size() != 56) return std::nullopt;
  Wide wide{};
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    unsigned __int128 carry = static_cast<unsigned char>(c - '0');
    for (uint64_t& limb : wide) {
      carry += static_cast<unsigned __int128>(limb) * 10;
      limb = static_cast<uint64_t>(carry);
      carry >>= kLimbBits;
    }
  }
  if (get(wide, kHead) != kVersion || get(wide, kTail) != kVersion) return std::nullopt;
  const SequenceNumber number{.birth_s = get(wide, kBirth),
                              .shard = static_cast<uint32_t>(get(wide, kShard)),
                              .index = get(wide, kIndex),
                              .step = static_cast<uint8_t>(get(wide, kStep)),
                              .time_s = get(wide, kTime)};
  if (get(wide, kShardDigit) != (number.shard & 0xF)) return std::nullopt;
  return number;
}

}  // namespace raudal::neighbours::kinesis
