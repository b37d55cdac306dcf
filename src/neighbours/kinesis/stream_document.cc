// A stream's state as a JSON document and back.
#include <boost/json.hpp>

#include "codec/json.h"
#include "neighbours/kinesis/stream_state.h"

namespace raudal::neighbours::kinesis {
namespace {

using codec::JsonArray;
using codec::JsonObject;

JsonObject texts_of(const std::map<std::string, std::string>& texts) {
  JsonObject object;
  for (const auto& [key, value] : texts) object[key] = value;
  return object;
}

Result<std::map<std::string, std::string>> read_texts(const JsonObject& object, std::string_view key) {
  std::map<std::string, std::string> texts;
  for (const auto& member : *TRY(codec::require_object(object, key))) {
    if (!member.value().is_string()) return Error(ErrorCode::kCorrupt, "Stream's document has a member of no text");
    texts[std::string(member.key())] = std::string(member.value().get_string());
  }
  return texts;
}

JsonObject shard_object(const Shard& shard) {
  JsonObject object{{"first_key", format_hash_key(shard.first_key)},
                    {"last_key", format_hash_key(shard.last_key)},
                    {"birth_s", static_cast<int64_t>(shard.birth_s)},
                    {"created_ms", shard.created_ms}};
  if (shard.parent) object["parent"] = *shard.parent;
  if (shard.adjacent_parent) object["adjacent_parent"] = *shard.adjacent_parent;
  if (shard.closed_ms) object["closed_ms"] = *shard.closed_ms;
  return object;
}

Result<Shard> read_shard(const codec::Json& value, uint32_t index) {
  const Error bad(ErrorCode::kCorrupt, "Stream's document has a shard that is none");
  if (!value.is_object()) return bad;
  const JsonObject& object = value.get_object();
  const auto first = parse_hash_key(TRY(codec::require_string(object, "first_key")));
  const auto last = parse_hash_key(TRY(codec::require_string(object, "last_key")));
  if (!first || !last) return bad;
  Shard shard{.index = index,
              .first_key = *first,
              .last_key = *last,
              .birth_s = static_cast<uint64_t>(TRY(codec::require_int(object, "birth_s"))),
              .created_ms = TRY(codec::require_int(object, "created_ms")),
              .closed_ms = codec::find_int(object, "closed_ms")};
  if (const auto parent = codec::find_int(object, "parent")) shard.parent = static_cast<uint32_t>(*parent);
  if (const auto parent = codec::find_int(object, "adjacent_parent")) {
    shard.adjacent_parent = static_cast<uint32_t>(*parent);
  }
  return shard;
}

Result<StreamState> read_state(const JsonObject& object) {
  StreamState state{.number = static_cast<uint64_t>(TRY(codec::require_int(object, "number"))),
                    .name = TRY(codec::require_string(object, "name")),
                    .created_ms = TRY(codec::require_int(object, "created_ms")),
                    .is_on_demand = TRY(codec::require_bool(object, "is_on_demand")),
                    .retention_hours = TRY(codec::require_int(object, "retention_hours")),
                    .trimmed_ms = TRY(codec::require_int(object, "trimmed_ms")),
                    .key_id = TRY(codec::require_string(object, "key_id")),
                    .record_kib_max = TRY(codec::require_int(object, "record_kib_max")),
                    .warm_mib_per_s = TRY(codec::require_int(object, "warm_mib_per_s"))};
  for (const codec::Json& metric : *TRY(codec::require_array(object, "metrics"))) {
    if (metric.is_string()) state.metrics.emplace_back(metric.get_string());
  }
  for (const codec::Json& shard : *TRY(codec::require_array(object, "shards"))) {
    state.shards.push_back(TRY(read_shard(shard, static_cast<uint32_t>(state.shards.size()))));
  }
  for (const codec::Json& value : *TRY(codec::require_array(object, "consumers"))) {
    if (!value.is_object()) return Error(ErrorCode::kCorrupt, "Stream's document has a consumer that is none");
    const JsonObject& consumer = value.get_object();
    state.consumers.push_back({.name = TRY(codec::require_string(consumer, "name")),
                               .created_ms = TRY(codec::require_int(consumer, "created_ms")),
                               .tags = TRY(read_texts(consumer, "tags"))});
  }
  state.tags = TRY(read_texts(object, "tags"));
  state.policies = TRY(read_texts(object, "policies"));
  return state;
}

}  // namespace

std::string encode_state(const StreamState& state) {
  JsonArray metrics, shards, consumers;
  for (const std::string& metric : state.metrics) metrics.emplace_back(metric);
  for (const Shard& shard : state.shards) shards.emplace_back(shard_object(shard));
  for (const Consumer& consumer : state.consumers) {
    consumers.emplace_back(
        JsonObject{{"name", consumer.name}, {"created_ms", consumer.created_ms}, {"tags", texts_of(consumer.tags)}});
  }
  const JsonObject object{{"number", static_cast<int64_t>(state.number)},
                          {"name", state.name},
                          {"created_ms", state.created_ms},
                          {"is_on_demand", state.is_on_demand},
                          {"retention_hours", state.retention_hours},
                          {"trimmed_ms", state.trimmed_ms},
                          {"key_id", state.key_id},
                          {"record_kib_max", state.record_kib_max},
                          {"warm_mib_per_s", state.warm_mib_per_s},
                          {"metrics", std::move(metrics)},
                          {"shards", std::move(shards)},
                          {"consumers", std::move(consumers)},
                          {"tags", texts_of(state.tags)},
                          {"policies", texts_of(state.policies)}};
  return codec::write_json(codec::Json(object));
}

Result<StreamState> decode_state(std::string_view document) {
  const auto object = codec::parse_json_object(document, {.bytes_max = size_t{256} << 20});
  if (!object.ok()) return Error(ErrorCode::kCorrupt, "Stream's document is damaged: " + object.error().message());
  auto state = read_state(*object);
  if (!state.ok()) return Error(ErrorCode::kCorrupt, "Stream's document is damaged: " + state.error().message());
  return state;
}

}  // namespace raudal::neighbours::kinesis
