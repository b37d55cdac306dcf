#include <bit>
#include <cstring>

#include "base/check.h"
#include "state/table_impl.h"

namespace raudal::state {
namespace {

using column::Storage;
using column::StringRef;

constexpr size_t kFirstSlots = 16;
constexpr size_t kBlockBytesMax = 64 << 10;
constexpr size_t kFirstBlockBytes = 1024;
constexpr size_t kSlabBytes = size_t{2} << 20;
constexpr size_t kBlocksBeforeSlabs = 16;
// A table whose index is larger than this misses the cache; its look-ups are prefetched.
constexpr size_t kPrefetchFromSlots = 4096;
constexpr size_t kPrefetchSlotAhead = 32;
constexpr size_t kPrefetchEntryAhead = 16;   // a power of two

// Keys of one column without NULL, compared without packing.
template <class T>
struct SingleKey {
  const T* values;
  bool equal(const std::byte* entry, size_t row) const {
    return std::memcmp(entry + kKeysOffset, &values[row], sizeof(T)) == 0 &&
           (reinterpret_cast<const EntryHeader*>(entry)->flags & kNullBits) == 0;
  }
  uint32_t nulls(size_t) const { return 0; }
  void write(std::byte* entry, size_t row, const EntryLayout&) const {
    std::memcpy(entry + kKeysOffset, &values[row], sizeof(T));
  }
};

template <>
bool SingleKey<StringRef>::equal(const std::byte* entry, size_t row) const {
  StringRef cell;
  std::memcpy(&cell, entry + kKeysOffset, sizeof(cell));
  const StringRef& value = values[row];
  if (std::memcmp(&cell, &value, 8) != 0) return false;
  if ((reinterpret_cast<const EntryHeader*>(entry)->flags & kNullBits) != 0) return false;
  if (cell.inlined()) return std::memcmp(cell.rest, value.rest, 8) == 0;
  return std::memcmp(cell.pointer, value.pointer, cell.size) == 0;
}

// Keys of any columns, packed before. Row i of the batch part is packed row i.
struct PackedKeysView {
  const EntryLayout* layout;
  const std::byte* cells;
  const uint32_t* null_bits;
  bool equal(const std::byte* entry, size_t row) const {
    if ((reinterpret_cast<const EntryHeader*>(entry)->flags & kNullBits) != null_bits[row]) return false;
    return same_keys(*layout, entry + kKeysOffset, cells + row * layout->keys_bytes);
  }
  uint32_t nulls(size_t row) const { return null_bits[row]; }
  void write(std::byte* entry, size_t row, const EntryLayout&) const {
    if (layout->keys_bytes == 0) return;
    std::memcpy(entry + kKeysOffset, cells + row * layout->keys_bytes, layout->keys_bytes);
  }
};

// Keys of another table's entries.
struct EntryKeysView {
  const EntryLayout* layout;
  const std::byte* const* entries;
  bool equal(const std::byte* entry, size_t row) const {
    if (nulls_of(entry) != nulls_of(entries[row])) return false;
    return same_keys(*layout, entry + kKeysOffset, entries[row] + kKeysOffset);
  }
  static uint32_t nulls_of(const std::byte* entry) {
    return reinterpret_cast<const EntryHeader*>(entry)->flags & kNullBits;
  }
  uint32_t nulls(size_t row) const { return nulls_of(entries[row]); }
  void write(std::byte* entry, size_t row, const EntryLayout&) const {
    std::memcpy(entry + kKeysOffset, entries[row] + kKeysOffset, layout->keys_bytes);
  }
};

}  // namespace

KeyedTable::Impl::Impl(const EntryLayout& layout_in, const SnapshotEpochs& epochs_in, BlockAllocator* allocator_in)
    : layout(layout_in),
      epochs(epochs_in),
      allocator(allocator_in),
      free_ids(allocator),
      arena(allocator),
      touched(allocator),
      erased(allocator),
      closed_touched(allocator),
      closed_erased(allocator),
      releasing(allocator),
      born_epoch(epochs.current) {
  CHECK(layout.stride <= kBlockBytesMax);
  const size_t fitting = std::max<size_t>(kBlockBytesMax / layout.stride, 1);
  shift = static_cast<uint32_t>(std::bit_width(fitting) - 1);
  entry_mask = (1u << shift) - 1;
  block_bytes = (size_t{1} << shift) * layout.stride;
  slots = reinterpret_cast<Slot*>(allocator->allocate(kFirstSlots * sizeof(Slot)));
  slot_mask = kFirstSlots - 1;
  std::memset(slots, 0xFF, kFirstSlots * sizeof(Slot));
}

KeyedTable::Impl::~Impl() {
  discard_saved();
  allocator->release(reinterpret_cast<std::byte*>(slots), (slot_mask + 1) * sizeof(Slot));
  for (size_t i = 0; i < blocks.size() && i < kBlocksBeforeSlabs; ++i) {
    allocator->release(blocks[i], i == 0 ? first_block_entries * layout.stride : block_bytes);
  }
  for (std::byte* slab : slabs) allocator->release(slab, kSlabBytes);
}

// Makes room for entry next_id. Block 0 doubles until it has its full size; from block 16 on blocks are cut from
// slabs.
void KeyedTable::Impl::add_block() {
  const size_t full = size_t{entry_mask} + 1;
  if (blocks.size() <= 1 && first_block_entries < full) {
    const size_t wanted = first_block_entries == 0 ? std::max<size_t>(kFirstBlockBytes / layout.stride, 1)
                                                   : first_block_entries * 2;
    const size_t capacity = std::min(wanted, full);
    std::byte* block = allocator->allocate(capacity * layout.stride);
    if (!blocks.empty()) {
      std::memcpy(block, blocks[0], first_block_entries * layout.stride);
      allocator->release(blocks[0], first_block_entries * layout.stride);
      blocks.clear();
    }
    blocks.push_back(block);
    first_block_entries = capacity;
    return;
  }
  if (blocks.size() < kBlocksBeforeSlabs) {
    blocks.push_back(allocator->allocate(block_bytes));
    return;
  }
  if (slab_left < block_bytes) {
    slab_next = allocator->allocate(kSlabBytes);
    slab_left = kSlabBytes;
    slabs.push_back(slab_next);
  }
  blocks.push_back(slab_next);
  slab_next += block_bytes;
  slab_left -= block_bytes;
}

EntryId KeyedTable::Impl::new_entry(uint64_t hash, uint32_t null_flags) {
  EntryId entry;
  if (!free_ids.empty()) {
    entry = free_ids.pop_back();
  } else {
    const size_t capacity = blocks.size() <= 1 ? first_block_entries : blocks.size() << shift;
    if (next_id == capacity) [[unlikely]] add_block();
    entry = next_id++;
    CHECK(entry != kNoEntry);
  }
  std::byte* bytes = at(entry);
  std::memset(bytes, 0, layout.stride);
  auto* head = reinterpret_cast<EntryHeader*>(bytes);
  head->hash = hash;
  head->epoch = epochs.current;
  head->flags = null_flags | kLiveFlag | kFreshFlag;
  if (epochs.tracking) add_touched(entry);
  ++num_live;
  return entry;
}

// Copies what the key cells point to into the table's arena.
void KeyedTable::Impl::own_key_strings(std::byte* entry) {
  for (const KeyCell& cell : layout.cells) {
    if (cell.storage != Storage::kString) continue;
    StringRef ref;
    std::memcpy(&ref, entry + cell.offset, sizeof(ref));
    if (ref.inlined()) continue;
    ref = arena.store(ref.view());
    std::memcpy(entry + cell.offset, &ref, sizeof(ref));
  }
}

template <class Keys>
EntryId KeyedTable::Impl::insert(const Keys& keys, size_t row, uint64_t hash, size_t slot) {
  const EntryId entry = new_entry(hash, keys.nulls(row));
  std::byte* bytes = at(entry);
  keys.write(bytes, row, layout);
  if (layout.has_string_keys) own_key_strings(bytes);
  slots[slot] = {.tag = static_cast<uint32_t>(hash), .entry = entry};
  if (num_live * 8 > (slot_mask + 1) * 5) [[unlikely]] grow_index();
  return entry;
}

void KeyedTable::Impl::grow_index() {
  const size_t old_size = slot_mask + 1;
  const size_t new_size = old_size * 2;
  auto* wider = reinterpret_cast<Slot*>(allocator->allocate(new_size * sizeof(Slot)));
  std::memset(wider, 0xFF, new_size * sizeof(Slot));
  for (size_t i = 0; i < old_size; ++i) {
    if (slots[i].entry == kNoEntry) continue;
    size_t to = slots[i].tag & (new_size - 1);
    while (wider[to].entry != kNoEntry) to = (to + 1) & (new_size - 1);
    wider[to] = slots[i];
  }
  allocator->release(reinterpret_cast<std::byte*>(slots), old_size * sizeof(Slot));
  slots = wider;
  slot_mask = new_size - 1;
}

// Takes an entry out of the index; those behind it that it had displaced move up, so that no tombstone is needed.
void KeyedTable::Impl::unlink(EntryId entry) {
  size_t hole = static_cast<uint32_t>(header(entry).hash) & slot_mask;
  while (slots[hole].entry != entry) {
    CHECK(slots[hole].entry != kNoEntry);
    hole = (hole + 1) & slot_mask;
  }
  for (size_t next = (hole + 1) & slot_mask; slots[next].entry != kNoEntry; next = (next + 1) & slot_mask) {
    const size_t home = slots[next].tag & slot_mask;
    if (((next - home) & slot_mask) < ((next - hole) & slot_mask)) continue;
    slots[hole] = slots[next];
    hole = next;
  }
  slots[hole].entry = kNoEntry;
  --num_live;
}

// Rows go through three stages at distances that cover a miss each: fetch the slot; find the tag and fetch its entry;
// compare. A row whose tag was not there yet, or was another key's, is looked up once more.
template <class Keys, bool kPrefetch>
void KeyedTable::Impl::probe(const Keys& keys, const uint64_t* hashes, const uint16_t* rows, size_t num_rows,
                             EntryId* entries, uint8_t* inserted) {
  const auto row_of = [&](size_t i) { return rows ? size_t{rows[i]} : i; };
  EntryId likely[kPrefetchEntryAhead];
  const auto prepare = [&](size_t i) {
    const auto tag = static_cast<uint32_t>(hashes[row_of(i)]);
    size_t slot = tag & slot_mask;
    while (slots[slot].tag != tag && slots[slot].entry != kNoEntry) slot = (slot + 1) & slot_mask;
    const EntryId entry = slots[slot].entry;
    likely[i % kPrefetchEntryAhead] = entry;
    if (entry != kNoEntry) prefetch_entry(entry);
  };
  if constexpr (kPrefetch) {
    for (size_t i = 0; i < std::min(kPrefetchSlotAhead, num_rows); ++i) {
      __builtin_prefetch(&slots[static_cast<uint32_t>(hashes[row_of(i)]) & slot_mask]);
    }
    for (size_t i = 0; i < std::min(kPrefetchEntryAhead, num_rows); ++i) prepare(i);
  }
  for (size_t i = 0; i < num_rows; ++i) {
    const size_t row = row_of(i);
    const size_t key_row = std::is_same_v<Keys, PackedKeysView> ? i : row;
    EntryId entry = kNoEntry;
    if constexpr (kPrefetch) {
      entry = likely[i % kPrefetchEntryAhead];
      if (i + kPrefetchSlotAhead < num_rows) {
        __builtin_prefetch(&slots[static_cast<uint32_t>(hashes[row_of(i + kPrefetchSlotAhead)]) & slot_mask]);
      }
      if (i + kPrefetchEntryAhead < num_rows) prepare(i + kPrefetchEntryAhead);
    }
    inserted[i] = 0;
    if (entry == kNoEntry || !keys.equal(at(entry), key_row)) {
      entry = find_or_insert_one(keys, key_row, hashes[row], &inserted[i]);
    }
    entries[i] = entry;
  }
}

template <class Keys>
EntryId KeyedTable::Impl::find_or_insert_one(const Keys& keys, size_t key_row, uint64_t hash, uint8_t* inserted) {
  const auto tag = static_cast<uint32_t>(hash);
  for (size_t slot = tag & slot_mask;; slot = (slot + 1) & slot_mask) {
    const Slot found = slots[slot];
    if (found.entry == kNoEntry) {
      *inserted = 1;
      return insert(keys, key_row, hash, slot);
    }
    if (found.tag == tag && keys.equal(at(found.entry), key_row)) return found.entry;
  }
}

template <class Keys>
void KeyedTable::Impl::find_only(const Keys& keys, const uint64_t* hashes, const uint16_t* rows, size_t num_rows,
                                 EntryId* entries) const {
  for (size_t i = 0; i < num_rows; ++i) {
    const size_t row = rows ? size_t{rows[i]} : i;
    const size_t key_row = std::is_same_v<Keys, PackedKeysView> ? i : row;
    const auto tag = static_cast<uint32_t>(hashes[row]);
    size_t slot = tag & slot_mask;
    while (slots[slot].entry != kNoEntry &&
           !(slots[slot].tag == tag && keys.equal(at(slots[slot].entry), key_row))) {
      slot = (slot + 1) & slot_mask;
    }
    entries[i] = slots[slot].entry;
  }
}

template <class Keys>
void KeyedTable::Impl::run(const Keys& keys, const uint64_t* hashes, const uint16_t* rows, size_t num_rows,
                           EntryId* entries, uint8_t* inserted, bool insert) {
  if (!insert) return find_only(keys, hashes, rows, num_rows, entries);
  if (slot_mask >= kPrefetchFromSlots) return probe<Keys, true>(keys, hashes, rows, num_rows, entries, inserted);
  probe<Keys, false>(keys, hashes, rows, num_rows, entries, inserted);
}

void KeyedTable::Impl::look_up(std::span<const column::Column> keys, const uint64_t* hashes, const uint16_t* rows,
                               size_t num_rows, EntryId* entries, uint8_t* inserted, bool insert) {
  std::vector<uint8_t> unwanted;
  if (insert && inserted == nullptr) {
    unwanted.resize(num_rows);
    inserted = unwanted.data();
  }
  if (keys.size() == 1 && !keys[0].validity) {
    switch (keys[0].type.storage()) {
      case Storage::kInt64:
        return run(SingleKey<int64_t>{keys[0].data<int64_t>()}, hashes, rows, num_rows, entries, inserted, insert);
      case Storage::kInt32:
        return run(SingleKey<int32_t>{keys[0].data<int32_t>()}, hashes, rows, num_rows, entries, inserted, insert);
      case Storage::kString:
        return run(SingleKey<StringRef>{keys[0].data<StringRef>()}, hashes, rows, num_rows, entries, inserted, insert);
      default: break;
    }
  }
  PackedKeys packed;
  pack_keys(layout, keys, rows, num_rows, &packed);
  const PackedKeysView view{.layout = &layout, .cells = packed.cells.data(), .null_bits = packed.nulls.data()};
  run(view, hashes, rows, num_rows, entries, inserted, insert);
}

EntryId KeyedTable::Impl::find_or_insert_decoded(const DecodedEntry& decoded, uint64_t hash, bool insert) {
  const uint32_t nulls = decoded.header().flags & kNullBits;
  const PackedKeysView view{.layout = &layout, .cells = decoded.bytes.data() + kKeysOffset, .null_bits = &nulls};
  EntryId entry = kNoEntry;
  uint8_t inserted = 0;
  run(view, &hash, nullptr, 1, &entry, &inserted, insert);
  return entry;
}

KeyedTable::KeyedTable(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
KeyedTable::~KeyedTable() = default;

void KeyedTable::find_or_insert(std::span<const column::Column> keys, const uint64_t* hashes, size_t num_rows,
                                EntryId* entries, uint8_t* inserted) {
  impl_->look_up(keys, hashes, nullptr, num_rows, entries, inserted, true);
}

void KeyedTable::find_or_insert(std::span<const column::Column> keys, const uint64_t* hashes,
                                std::span<const uint16_t> rows, EntryId* entries, uint8_t* inserted) {
  impl_->look_up(keys, hashes, rows.data(), rows.size(), entries, inserted, true);
}

void KeyedTable::find_or_insert(KeyedTable& from, std::span<const EntryId> from_entries, EntryId* entries,
                                uint8_t* inserted) {
  CHECK(from.impl_->layout.stride == impl_->layout.stride);
  CHECK(from.impl_->layout.cells.size() == impl_->layout.cells.size());
  std::vector<const std::byte*> at(from_entries.size());
  std::vector<uint64_t> hashes(from_entries.size());
  std::vector<uint8_t> unwanted(inserted == nullptr ? from_entries.size() : 0);
  for (size_t i = 0; i < from_entries.size(); ++i) {
    at[i] = from.impl_->at(from_entries[i]);
    hashes[i] = reinterpret_cast<const EntryHeader*>(at[i])->hash;
  }
  const EntryKeysView view{.layout = &impl_->layout, .entries = at.data()};
  impl_->run(view, hashes.data(), nullptr, from_entries.size(), entries, inserted ? inserted : unwanted.data(), true);
}

void KeyedTable::find(std::span<const column::Column> keys, const uint64_t* hashes, size_t num_rows,
                      EntryId* entries) {
  impl_->look_up(keys, hashes, nullptr, num_rows, entries, nullptr, false);
}

void KeyedTable::reserve(size_t num_entries) {
  while ((num_entries + impl_->num_live) * 8 > (impl_->slot_mask + 1) * 5) impl_->grow_index();
}

void KeyedTable::touch(EntryId entry) { impl_->touch(entry); }

void KeyedTable::touch_many(std::span<const EntryId> entries) {
  for (const EntryId entry : entries) impl_->touch(entry);
}

void KeyedTable::erase(EntryId entry) { impl_->erase(entry); }

std::byte* KeyedTable::value(EntryId entry) { return impl_->at(entry) + impl_->layout.value_offset; }

EntryValues KeyedTable::values() const {
  return {.blocks = impl_->blocks.data(), .shift = impl_->shift, .mask = impl_->entry_mask,
          .stride = impl_->layout.stride, .offset = impl_->layout.value_offset};
}

std::string_view KeyedTable::bytes(EntryId entry, int slot) const {
  // The view of a short string lies in the entry itself.
  return impl_->layout.strings(impl_->at(entry))[slot].view();
}

void KeyedTable::set_bytes(EntryId entry, int slot, std::string_view text) {
  StringRef& cell = impl_->layout.strings(impl_->at(entry))[slot];
  const StringRef before = cell;
  cell = impl_->arena.store(text);
  impl_->arena.release(before);
}

uint64_t KeyedTable::hash(EntryId entry) const { return impl_->header(entry).hash; }

size_t KeyedTable::size() const { return impl_->num_live; }

size_t KeyedTable::scan(uint32_t* cursor, std::span<EntryId> entries) const {
  size_t found = 0;
  for (; *cursor < impl_->next_id && found < entries.size(); ++*cursor) {
    if (impl_->live(*cursor)) entries[found++] = *cursor;
  }
  return found;
}

void KeyedTable::read_keys(std::span<const EntryId> entries, std::span<column::ColumnBuilder> builders) const {
  std::vector<const std::byte*> at(entries.size());
  for (size_t i = 0; i < entries.size(); ++i) at[i] = impl_->at(entries[i]);
  append_keys(impl_->layout, at, builders);
}

void KeyedTable::prefetch(EntryId entry) const { impl_->prefetch_entry(entry); }

}  // namespace raudal::state
