// The 128-bit numbers by which Kinesis spreads records over shards: MD5 of a partition key, or given outright.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace raudal::neighbours::kinesis {

using HashKey = unsigned __int128;
inline constexpr HashKey kHashKeyMax = ~HashKey{0};

HashKey hash_of(std::string_view partition_key);
// Decimal without leading zeros, below 2^128.
std::optional<HashKey> parse_hash_key(std::string_view text);
std::string format_hash_key(HashKey key);

}  // namespace raudal::neighbours::kinesis
