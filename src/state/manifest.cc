#include <fmt/core.h>

#include "state/byte_io.h"
#include "state/checkpoint_log.h"
#include "state/log_record.h"

namespace raudal::state {
namespace {

void write_count(ByteWriter& out, size_t count) { out.integer(static_cast<uint32_t>(count)); }

// A count that the rest of the bytes can hold, each item being at least bytes_min long: a nonsensical one fails here
// and not in an allocation.
uint32_t read_count(ByteReader& in, size_t bytes_min) {
  const uint32_t count = in.integer<uint32_t>();
  if (count <= in.remaining() / bytes_min) return count;
  in.fail();
  return 0;
}

void write_texts(ByteWriter& out, const std::vector<std::string>& texts) {
  write_count(out, texts.size());
  for (const std::string& text : texts) out.text(text);
}

std::vector<std::string> read_texts(ByteReader& in) {
  std::vector<std::string> texts(read_count(in, 4));
  for (std::string& text : texts) text = in.text();
  return texts;
}

void write_map(ByteWriter& out, const std::map<std::string, std::string>& map) {
  write_count(out, map.size());
  for (const auto& [key, value] : map) {
    out.text(key);
    out.text(value);
  }
}

std::map<std::string, std::string> read_map(ByteReader& in) {
  std::map<std::string, std::string> map;
  const uint32_t count = read_count(in, 8);
  for (uint32_t i = 0; i < count && in.ok(); ++i) {
    std::string key(in.text());
    map[std::move(key)] = in.text();
  }
  return map;
}

void write_chain(ByteWriter& out, const std::vector<FileRef>& chain) {
  write_count(out, chain.size());
  for (const FileRef& file : chain) {
    out.text(file.name);
    out.integer(file.length_bytes);
    out.integer(file.crc32c);
  }
}

std::vector<FileRef> read_chain(ByteReader& in) {
  std::vector<FileRef> chain(read_count(in, 16));
  for (FileRef& file : chain) {
    file.name = in.text();
    file.length_bytes = in.integer<int64_t>();
    file.crc32c = in.integer<uint32_t>();
  }
  return chain;
}

void write_operator(ByteWriter& out, const OperatorSnapshot& snapshot) {
  out.text(snapshot.uid);
  out.text(snapshot.kind);
  out.integer(static_cast<int32_t>(snapshot.parallelism));
  out.integer(snapshot.watermark_ms);
  write_count(out, snapshot.keyed.size());
  for (const auto& [name, chain] : snapshot.keyed) {
    out.text(name);
    write_chain(out, chain);
  }
  write_map(out, snapshot.schemas);
  write_texts(out, snapshot.items);
  write_texts(out, snapshot.committables);
}

OperatorSnapshot read_operator(ByteReader& in) {
  OperatorSnapshot snapshot;
  snapshot.uid = in.text();
  snapshot.kind = in.text();
  snapshot.parallelism = in.integer<int32_t>();
  snapshot.watermark_ms = in.integer<int64_t>();
  const uint32_t num_chains = read_count(in, 8);
  for (uint32_t i = 0; i < num_chains && in.ok(); ++i) {
    std::string name(in.text());
    snapshot.keyed[std::move(name)] = read_chain(in);
  }
  snapshot.schemas = read_map(in);
  snapshot.items = read_texts(in);
  snapshot.committables = read_texts(in);
  return snapshot;
}

}  // namespace

std::string encode_manifest(const Manifest& manifest) {
  std::string body;
  ByteWriter out(&body);
  write_identity(out, manifest.identity);
  out.integer(manifest.id.value());
  out.integer(static_cast<uint8_t>(manifest.savepoint));
  out.integer(static_cast<int32_t>(manifest.parallelism));
  out.integer(static_cast<int32_t>(manifest.max_parallelism));
  out.integer(manifest.hash_id);
  out.integer(manifest.trigger_time_ms);
  write_map(out, manifest.properties);
  write_count(out, manifest.operators.size());
  for (const OperatorSnapshot& snapshot : manifest.operators) write_operator(out, snapshot);
  return frame_record(RecordKind::kCheckpoint, body);
}

Result<Manifest> decode_manifest(std::string_view bytes) {
  const LogRecord record = TRY(open_record(bytes));
  if (record.kind != RecordKind::kCheckpoint) return Error(ErrorCode::kCorrupt, "Record is a claim, not a manifest");
  ByteReader in(record.body);
  Manifest manifest;
  manifest.identity = read_identity(in);
  manifest.id = CheckpointId(in.integer<int64_t>());
  manifest.savepoint = in.integer<uint8_t>() != 0;
  manifest.parallelism = in.integer<int32_t>();
  manifest.max_parallelism = in.integer<int32_t>();
  manifest.hash_id = in.integer<uint32_t>();
  manifest.trigger_time_ms = in.integer<int64_t>();
  manifest.properties = read_map(in);
  const uint32_t num_operators = read_count(in, 40);
  for (uint32_t i = 0; i < num_operators && in.ok(); ++i) manifest.operators.push_back(read_operator(in));
  if (!in.ok() || !in.at_end()) return Error(ErrorCode::kCorrupt, "Manifest's body does not end where it should");
  if (manifest.parallelism < 1 || manifest.max_parallelism < 1) {
    return Error(ErrorCode::kCorrupt, fmt::format("Manifest has a parallelism of {} of {}", manifest.parallelism,
                                                  manifest.max_parallelism));
  }
  return manifest;
}

}  // namespace raudal::state
