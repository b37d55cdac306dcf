#include "neighbours/kinesis/stream_state.h"

#include <algorithm>

#include <fmt/core.h>

#include "base/check.h"
#include "base/str.h"

namespace raudal::neighbours::kinesis {
namespace {

constexpr std::string_view kShardPrefix = "shardId-";
constexpr uint64_t kIndexAfterAll = INT64_MAX;
constexpr int64_t kHourMs = 3'600'000;

// Where the i-th of `count` even runs of keys begins.
HashKey even_start(uint32_t i, uint32_t count) {
  const HashKey size = kHashKeyMax / count + (kHashKeyMax % count == count - 1 ? 1 : 0);
  return size * i;
}

HashKey even_end(uint32_t i, uint32_t count) { return i + 1 == count ? kHashKeyMax : even_start(i + 1, count) - 1; }

}  // namespace

std::string Shard::id() const { return fmt::format("{}{:012}", kShardPrefix, index); }

std::string Shard::starting_sequence_number() const {
  return format_sequence_number({.birth_s = birth_s, .shard = index, .time_s = birth_s});
}

std::string Shard::ending_sequence_number() const {
  return format_sequence_number({.birth_s = birth_s,
                                 .shard = index,
                                 .index = kIndexAfterAll,
                                 .step = 0xFF,
                                 .time_s = static_cast<uint64_t>(closed_ms.value_or(0) / 1000)});
}

std::optional<uint32_t> parse_shard_id(std::string_view id) {
  if (!id.starts_with(kShardPrefix)) return std::nullopt;
  const auto number = parse_int(id.substr(kShardPrefix.size()));
  if (!number || *number < 0 || *number > UINT32_MAX) return std::nullopt;
  return static_cast<uint32_t>(*number);
}

std::vector<uint32_t> StreamState::open_shards() const {
  std::vector<uint32_t> open;
  for (const Shard& shard : shards) {
    if (shard.is_open()) open.push_back(shard.index);
  }
  std::ranges::sort(open, {}, [&](uint32_t index) { return shards[index].first_key; });
  return open;
}

const Shard* StreamState::find_shard(std::string_view id) const {
  const auto index = parse_shard_id(id);
  return index && *index < shards.size() ? &shards[*index] : nullptr;
}

const Consumer* StreamState::find_consumer(std::string_view consumer_name) const {
  const auto found = std::ranges::find(consumers, consumer_name, &Consumer::name);
  return found == consumers.end() ? nullptr : &*found;
}

std::vector<const Shard*> StreamState::children_of(uint32_t shard) const {
  std::vector<const Shard*> children;
  for (const Shard& child : shards) {
    if (child.parent == shard || child.adjacent_parent == shard) children.push_back(&child);
  }
  return children;
}

int64_t StreamState::horizon_ms(int64_t now_ms) const {
  return std::max(trimmed_ms, now_ms - retention_hours * kHourMs);
}

bool StreamState::is_expired(const Shard& shard, int64_t now_ms) const {
  return shard.closed_ms && *shard.closed_ms < horizon_ms(now_ms);
}

Shard& StreamState::add_shard(HashKey first, HashKey last, int64_t now_ms) {
  shards.push_back({.index = static_cast<uint32_t>(shards.size()),
                    .first_key = first,
                    .last_key = last,
                    .birth_s = static_cast<uint64_t>(now_ms / 1000),
                    .created_ms = now_ms});
  return shards.back();
}

void StreamState::add_even_shards(uint32_t count, int64_t now_ms) {
  for (uint32_t i = 0; i < count; ++i) add_shard(even_start(i, count), even_end(i, count), now_ms);
}

void StreamState::split(uint32_t shard, HashKey key, int64_t now_ms) {
  const Shard parent = shards[shard];
  CHECK(parent.is_open() && key > parent.first_key && key <= parent.last_key);
  shards[shard].closed_ms = now_ms;
  for (const auto& [first, last] : {std::pair{parent.first_key, key - 1}, std::pair{key, parent.last_key}}) {
    Shard& child = add_shard(first, last, now_ms);
    child.parent = shard;
    child.birth_s = std::max(child.birth_s, parent.birth_s + 1);
  }
}

void StreamState::merge(uint32_t shard, uint32_t adjacent, int64_t now_ms) {
  const Shard one = shards[shard], other = shards[adjacent];
  CHECK(one.is_open() && other.is_open());
  shards[shard].closed_ms = shards[adjacent].closed_ms = now_ms;
  Shard& child = add_shard(std::min(one.first_key, other.first_key), std::max(one.last_key, other.last_key), now_ms);
  child.parent = shard;
  child.adjacent_parent = adjacent;
  child.birth_s = std::max({child.birth_s, one.birth_s + 1, other.birth_s + 1});
}

// First every wanted border is cut, then what lies between two wanted borders is merged.
void StreamState::scale_to(uint32_t count, int64_t now_ms) {
  for (uint32_t i = 1; i < count; ++i) {
    const HashKey border = even_start(i, count);
    for (const uint32_t open : open_shards()) {
      if (shards[open].first_key < border && border <= shards[open].last_key) split(open, border, now_ms);
    }
  }
  for (uint32_t i = 0; i < count; ++i) {
    std::vector<uint32_t> inside;
    for (const uint32_t open : open_shards()) {
      if (shards[open].first_key >= even_start(i, count) && shards[open].last_key <= even_end(i, count)) {
        inside.push_back(open);
      }
    }
    while (inside.size() > 1) {
      merge(inside[0], inside[1], now_ms);
      inside.erase(inside.begin());
      inside[0] = static_cast<uint32_t>(shards.size() - 1);
    }
  }
}

}  // namespace raudal::neighbours::kinesis
