// Randomness comes from a seeded Rng, so that a run can be repeated. Counter-based: draw i of a seed is a pure
// function of both, which lets a source resume at any row and lets loops vectorise.
#pragma once

#include <cstdint>
#include <string>

namespace raudal {

// The i-th 64-bit draw of a seed (SplitMix64's output function).
constexpr uint64_t random_at(uint64_t seed, uint64_t index) {
  uint64_t z = seed + (index + 1) * 0x9E3779B97F4A7C15ull;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
  return z ^ (z >> 31);
}

class Rng {
 public:
  explicit Rng(uint64_t seed) : seed_(seed) {}
  uint64_t next() { return random_at(seed_, index_++); }
  // Uniform in [0, bound); bound > 0.
  uint64_t below(uint64_t bound) {
    return static_cast<uint64_t>((static_cast<unsigned __int128>(next()) * bound) >> 64);
  }

 private:
  uint64_t seed_;
  uint64_t index_ = 0;
};

// Bytes from the kernel's generator, for keys and ids that nobody may guess; lower-case hex, two digits a byte.
std::string secure_random_hex(int num_bytes);

}  // namespace raudal
