// Chunks of keyed state: what KeyedState::drain() writes and restore_chunk() reads. Self-contained: each names the
// schema and the key groups of its writer. docs/design/checkpoint-format.md draws them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "column/hash.h"
#include "state/byte_io.h"
#include "state/key_layout.h"

namespace raudal::state {

enum class SectionKind : uint8_t {
  kDrop = 1,        // a namespace was dropped: its entries in the writer's key groups are gone
  kErased = 2,      // hash and keys of erased entries
  kEntries = 3,     // whole entries, new or written again
};

// What every chunk says of its writer.
struct ChunkHeader {
  static constexpr uint8_t kFullRange = 255;   // of a full snapshot
  uint32_t hash_id = column::kHashId;
  column::KeyGroupRange key_groups;
  uint8_t range = kFullRange;                  // which of the 16 ranges an incremental snapshot has in full
  std::string schema;
};

// The text by which a snapshot's schema is compared: the description, and how entries are laid out.
std::string schema_text(const StateSchema& schema);

// Writes entries of one layout into sections of a chunk.
class ChunkBuilder {
 public:
  ChunkBuilder(const EntryLayout& layout, const ChunkHeader& header);

  void add_drop(int64_t name_space);
  void add_erased(int64_t name_space, const std::byte* entry);
  void add_entry(int64_t name_space, const std::byte* entry);
  // Entries that encode_entry() has written before.
  void add_encoded(int64_t name_space, std::string_view encoded, uint32_t count);

  size_t size_bytes() const { return bytes_.size(); }
  bool has_sections() const { return num_sections_ > 0; }
  std::string finish();

 private:
  void in_section(SectionKind kind, int64_t name_space);
  void end_section();

  const EntryLayout& layout_;
  std::string bytes_;
  SectionKind kind_ = SectionKind::kDrop;
  int64_t name_space_ = 0;
  size_t count_at_ = 0;      // where the open section's count stands; 0: none is open
  uint32_t count_ = 0;
  uint32_t num_sections_ = 0;
};

void encode_keys(const EntryLayout& layout, const std::byte* entry, std::string* out);
void encode_entry(const EntryLayout& layout, const std::byte* entry, std::string* out);

// An entry in the form of the layout; its string cells point into the chunk that was read.
struct DecodedEntry {
  std::vector<std::byte> bytes;
  const EntryHeader& header() const { return *reinterpret_cast<const EntryHeader*>(bytes.data()); }
};
// Reads what encode_keys() or encode_entry() wrote; the reader fails where it is too short.
void decode_keys(const EntryLayout& layout, ByteReader& in, DecodedEntry* entry);
void decode_entry(const EntryLayout& layout, ByteReader& in, DecodedEntry* entry);

Result<ChunkHeader> read_chunk_header(ByteReader& in);

}  // namespace raudal::state
