// A record's sequence number: 56 decimal digits, as AWS's. Ascending in a shard, and greater in a shard than in its
// parents, because it begins with a number that grows from parent to child. In hexadecimal it reads
//
//   2 | birth of the shard | shard | index of the record | step | time in s | shard | 2
//   1 |          9         |   1   |         16          |   2  |     9     |   8   | 1     digits
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace raudal::neighbours::kinesis {

// Positions of a shard are ordered by (index, step). Records have step 0.
struct SequenceNumber {
  uint64_t birth_s = 0;
  uint32_t shard = 0;
  uint64_t index = 0;
  uint8_t step = 0;
  uint64_t time_s = 0;
};

std::string format_sequence_number(const SequenceNumber& number);
// Nothing unless the text was written by the above.
std::optional<SequenceNumber> parse_sequence_number(std::string_view text);

}  // namespace raudal::neighbours::kinesis
