#include "base/rng.h"

#include <sys/random.h>

#include <vector>

#include "base/check.h"

namespace raudal {

std::string secure_random_hex(int num_bytes) {
  std::vector<unsigned char> bytes(num_bytes);
  CHECK(getrandom(bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()));
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  for (unsigned char byte : bytes) {
    hex += kDigits[byte >> 4];
    hex += kDigits[byte & 15];
  }
  return hex;
}

}  // namespace raudal
