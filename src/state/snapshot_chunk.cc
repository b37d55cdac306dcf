#include "state/snapshot_chunk.h"

#include <fmt/core.h>

#include <cstring>

namespace raudal::state {
namespace {

using column::Storage;
using column::StringRef;

constexpr std::string_view kMagic = "RKS1";

StringRef load_ref(const std::byte* cell) {
  StringRef ref;
  std::memcpy(&ref, cell, sizeof(ref));
  return ref;
}

// Appends `count` bytes that hold a string cell: a long one without its address, which means nothing elsewhere.
void clear_pointers(const EntryLayout& layout, std::string* out, size_t keys_at) {
  for (const KeyCell& cell : layout.cells) {
    if (cell.storage != Storage::kString) continue;
    char* at = out->data() + keys_at + (cell.offset - kKeysOffset);
    if (load_ref(reinterpret_cast<const std::byte*>(at)).inlined()) continue;
    std::memset(at + offsetof(StringRef, pointer), 0, sizeof(const char*));
  }
}

}  // namespace

std::string schema_text(const StateSchema& schema) {
  std::string keys;
  for (const column::Type& type : schema.keys) {
    keys += fmt::format("{}{}", keys.empty() ? "" : ",", static_cast<int>(type.storage()));
  }
  return fmt::format("{} [keys {}; value {}; strings {}]", schema.description, keys, schema.value_width,
                     schema.num_byte_strings);
}

ChunkBuilder::ChunkBuilder(const EntryLayout& layout, const ChunkHeader& header) : layout_(layout) {
  ByteWriter out(&bytes_);
  out.bytes(kMagic);
  out.integer(header.hash_id);
  out.integer(header.key_groups.begin);
  out.integer(header.key_groups.end);
  out.integer(header.range);
  out.text(header.schema);
}

void ChunkBuilder::end_section() {
  if (count_at_ != 0) std::memcpy(bytes_.data() + count_at_, &count_, sizeof(count_));
  count_at_ = 0;
  count_ = 0;
}

void ChunkBuilder::in_section(SectionKind kind, int64_t name_space) {
  if (count_at_ != 0 && kind == kind_ && name_space == name_space_) return;
  end_section();
  kind_ = kind;
  name_space_ = name_space;
  ByteWriter out(&bytes_);
  out.integer(static_cast<uint8_t>(kind));
  out.integer(name_space);
  count_at_ = bytes_.size();
  out.integer(uint32_t{0});
  ++num_sections_;
}

void ChunkBuilder::add_drop(int64_t name_space) { in_section(SectionKind::kDrop, name_space); }

void ChunkBuilder::add_erased(int64_t name_space, const std::byte* entry) {
  in_section(SectionKind::kErased, name_space);
  encode_keys(layout_, entry, &bytes_);
  ++count_;
}

void ChunkBuilder::add_entry(int64_t name_space, const std::byte* entry) {
  in_section(SectionKind::kEntries, name_space);
  encode_entry(layout_, entry, &bytes_);
  ++count_;
}

void ChunkBuilder::add_encoded(int64_t name_space, std::string_view encoded, uint32_t count) {
  in_section(SectionKind::kEntries, name_space);
  bytes_.append(encoded);
  count_ += count;
}

std::string ChunkBuilder::finish() {
  end_section();
  return std::move(bytes_);
}

void encode_keys(const EntryLayout& layout, const std::byte* entry, std::string* out) {
  const auto* header = reinterpret_cast<const EntryHeader*>(entry);
  ByteWriter writer(out);
  writer.integer(header->hash);
  writer.integer(header->flags & kNullBits);
  const size_t keys_at = out->size();
  out->append(reinterpret_cast<const char*>(entry) + kKeysOffset, layout.keys_bytes);
  if (!layout.has_string_keys) return;
  clear_pointers(layout, out, keys_at);
  for (const KeyCell& cell : layout.cells) {
    if (cell.storage != Storage::kString) continue;
    const StringRef ref = load_ref(entry + cell.offset);
    if (!ref.inlined()) writer.bytes(ref.view());
  }
}

void encode_entry(const EntryLayout& layout, const std::byte* entry, std::string* out) {
  encode_keys(layout, entry, out);
  out->append(reinterpret_cast<const char*>(entry) + layout.value_offset, layout.value_bytes);
  for (uint32_t i = 0; i < layout.num_strings; ++i) ByteWriter(out).text(layout.strings(entry)[i].view());
}

void decode_keys(const EntryLayout& layout, ByteReader& in, DecodedEntry* entry) {
  entry->bytes.assign(layout.stride, std::byte{0});
  auto* header = reinterpret_cast<EntryHeader*>(entry->bytes.data());
  header->hash = in.integer<uint64_t>();
  header->flags = in.integer<uint32_t>() & kNullBits;
  const std::string_view cells = in.bytes(layout.keys_bytes);
  if (!in.ok()) return;
  std::memcpy(entry->bytes.data() + kKeysOffset, cells.data(), cells.size());
  for (const KeyCell& cell : layout.cells) {
    if (cell.storage != Storage::kString) continue;
    std::byte* at = entry->bytes.data() + cell.offset;
    StringRef ref = load_ref(at);
    if (ref.inlined()) continue;
    ref.pointer = in.bytes(ref.size).data();
    std::memcpy(at, &ref, sizeof(ref));
    if (!in.ok()) return;
  }
}

void decode_entry(const EntryLayout& layout, ByteReader& in, DecodedEntry* entry) {
  decode_keys(layout, in, entry);
  const std::string_view value = in.bytes(layout.value_bytes);
  if (!in.ok()) return;
  std::memcpy(entry->bytes.data() + layout.value_offset, value.data(), value.size());
  for (uint32_t i = 0; i < layout.num_strings; ++i) layout.strings(entry->bytes.data())[i] = StringRef(in.text());
}

Result<ChunkHeader> read_chunk_header(ByteReader& in) {
  if (in.bytes(kMagic.size()) != kMagic) return Error(ErrorCode::kCorrupt, "Chunk of state has a wrong magic number");
  ChunkHeader header;
  header.hash_id = in.integer<uint32_t>();
  header.key_groups.begin = in.integer<int32_t>();
  header.key_groups.end = in.integer<int32_t>();
  header.range = in.integer<uint8_t>();
  header.schema = in.text();
  if (!in.ok()) return Error(ErrorCode::kCorrupt, "Chunk of state ends early");
  return header;
}

}  // namespace raudal::state
