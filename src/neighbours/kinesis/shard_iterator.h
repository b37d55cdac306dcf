// Shard iterators: what GetShardIterator hands out and GetRecords takes. Signed with the service's own key, so that
// a client can neither make one up nor change one, and good across restarts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "journal/journal.h"

namespace raudal::neighbours::kinesis {

inline constexpr int64_t kIteratorLifeMs = 300'000;

// A place in a shard.
struct ShardIterator {
  uint64_t stream = 0;
  uint32_t shard = 0;
  journal::Cursor cursor;
  int64_t issued_ms = 0;
};

std::string seal_iterator(const ShardIterator& iterator, std::string_view key);
// Nothing for what was not sealed with this key.
std::optional<ShardIterator> open_iterator(std::string_view text, std::string_view key);

// A listing's NextToken, sealed in the same way: some text and when it was issued.
struct Token {
  std::string text;
  int64_t issued_ms = 0;
};

std::string seal_token(std::string_view text, int64_t issued_ms, std::string_view key);
std::optional<Token> open_token(std::string_view sealed, std::string_view key);

}  // namespace raudal::neighbours::kinesis
