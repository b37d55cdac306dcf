// What a stream is, apart from its records: attributes, shards, consumers, tags. A value: it is changed by making
// another one, and kept as one JSON document a stream (stream_store.h).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "neighbours/kinesis/hash_key.h"
#include "neighbours/kinesis/sequence_number.h"

namespace raudal::neighbours::kinesis {

using Tags = std::map<std::string, std::string>;

// A run of hash keys, and of the stream's log: the lane of the same number.
struct Shard {
  uint32_t index = 0;
  HashKey first_key = 0;
  HashKey last_key = 0;
  std::optional<uint32_t> parent;
  std::optional<uint32_t> adjacent_parent;
  uint64_t birth_s = 0;  // of its sequence numbers; greater than its parents'
  int64_t created_ms = 0;
  std::optional<int64_t> closed_ms;  // empty: open

  bool is_open() const { return !closed_ms; }
  std::string id() const;  // "shardId-000000000000"
  // Numbers before and after those of all records.
  std::string starting_sequence_number() const;
  std::string ending_sequence_number() const;
};

// "shardId-…" to its index.
std::optional<uint32_t> parse_shard_id(std::string_view id);

// Who reads by enhanced fan-out.
struct Consumer {
  std::string name;
  int64_t created_ms = 0;
  Tags tags;
};

// Everything about a stream that DescribeStream and its like can say.
struct StreamState {
  uint64_t number = 0;  // never used again after the stream is deleted
  std::string name;
  int64_t created_ms = 0;
  bool is_on_demand = false;
  int64_t retention_hours = 24;
  int64_t trimmed_ms = 0;  // older records are gone, whatever the retention is now
  std::string key_id;      // of KMS; empty: not encrypted
  int64_t record_kib_max = 1024;
  int64_t warm_mib_per_s = 0;
  std::vector<std::string> metrics;
  std::vector<Shard> shards;        // by index, which is the position
  std::vector<Consumer> consumers;  // by name
  Tags tags;
  std::map<std::string, std::string> policies;  // by ARN, of the stream and its consumers

  // The open shards by their first key; together they hold all keys.
  std::vector<uint32_t> open_shards() const;
  const Shard* find_shard(std::string_view id) const;
  const Consumer* find_consumer(std::string_view consumer_name) const;
  std::vector<const Shard*> children_of(uint32_t shard) const;
  // Records that arrived before are not shown.
  int64_t horizon_ms(int64_t now_ms) const;
  // Closed for longer than records are kept.
  bool is_expired(const Shard& shard, int64_t now_ms) const;

  // Shards that share the keys evenly, for a new stream.
  void add_even_shards(uint32_t count, int64_t now_ms);
  // Closes a shard; its keys below `key` and those from it on go to two children.
  void split(uint32_t shard, HashKey key, int64_t now_ms);
  // Closes two shards with adjacent keys; one child takes all.
  void merge(uint32_t shard, uint32_t adjacent, int64_t now_ms);
  // Splits and merges until `count` open shards share the keys evenly.
  void scale_to(uint32_t count, int64_t now_ms);

 private:
  Shard& add_shard(HashKey first, HashKey last, int64_t now_ms);
};

std::string encode_state(const StreamState& state);
// kCorrupt for what the above did not write.
Result<StreamState> decode_state(std::string_view document);

}  // namespace raudal::neighbours::kinesis
