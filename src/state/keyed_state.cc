#include "state/keyed_state.h"

#include <fmt/core.h>

#include <map>

#include "base/check.h"
#include "state/snapshot_chunk.h"
#include "state/table_impl.h"

namespace raudal::state {

struct KeyedState::Impl {
  Impl(StateSchema schema_in, column::KeyGroupRange key_groups_in, int max_parallelism_in)
      : schema(std::move(schema_in)),
        layout(schema),
        key_groups(key_groups_in),
        max_parallelism(max_parallelism_in),
        text(schema_text(schema)),
        allocator(column::MemoryScope::current()) {}

  KeyedTable& table(int64_t name_space);
  void begin_snapshot(SnapshotKind kind);
  Result<bool> drain(ChunkWriter& writer, size_t bytes_max);
  void snapshot_failed();
  Status restore_chunk(std::string_view bytes);
  Status restore_section(const ChunkHeader& header, SectionKind kind, int64_t name_space, uint32_t count,
                         ByteReader& in);
  Result<uint64_t> hash_of(const ChunkHeader& header, const DecodedEntry& decoded) const;
  void restore_drop(const ChunkHeader& header, int64_t name_space);
  bool mine(uint64_t hash) const { return key_groups.contains(column::key_group_of(hash, max_parallelism)); }

  StateSchema schema;
  EntryLayout layout;
  column::KeyGroupRange key_groups;
  int max_parallelism;
  std::string text;
  BlockAllocator allocator;      // before the tables: it outlives them
  SnapshotEpochs epochs;
  std::map<int64_t, std::unique_ptr<KeyedTable>> tables;

  // Namespaces dropped in this epoch and in the closed one, of those that an earlier snapshot may have.
  std::vector<int64_t> dropped;
  std::vector<int64_t> closed_dropped;
  // Tables of the snapshot that is being drained; those dropped meanwhile live on in `doomed`.
  struct Pending {
    int64_t name_space;
    KeyedTable* table;
  };
  std::vector<Pending> pending;
  size_t next_pending = 0;
  std::vector<std::unique_ptr<KeyedTable>> doomed;
  bool first_chunk = false;
  uint8_t next_range = 0;
};

KeyedTable& KeyedState::Impl::table(int64_t name_space) {
  std::unique_ptr<KeyedTable>& place = tables[name_space];
  if (!place) place = std::make_unique<KeyedTable>(std::make_unique<KeyedTable::Impl>(layout, epochs, &allocator));
  return *place;
}

void KeyedState::Impl::begin_snapshot(SnapshotKind kind) {
  CHECK(!epochs.active);
  epochs.full = kind == SnapshotKind::kFull || !epochs.tracking;
  epochs.tracking = true;
  epochs.active = true;
  epochs.range = next_range;
  epochs.closed = epochs.current++;
  if (!epochs.full) next_range = static_cast<uint8_t>((next_range + 1) % SnapshotEpochs::kNumRanges);
  closed_dropped.clear();
  closed_dropped.swap(dropped);
  pending.clear();
  next_pending = 0;
  first_chunk = true;
  for (const auto& [name_space, table] : tables) {
    table->impl().begin_snapshot();
    pending.push_back({name_space, table.get()});
  }
}

Result<bool> KeyedState::Impl::drain(ChunkWriter& writer, size_t bytes_max) {
  CHECK(epochs.active);
  ChunkBuilder chunk(layout, {.key_groups = key_groups,
                              .range = epochs.full ? ChunkHeader::kFullRange : epochs.range,
                              .schema = text});
  DrainBudget budget{.bytes = static_cast<int64_t>(bytes_max)};
  if (first_chunk && !epochs.full) {
    for (const int64_t name_space : closed_dropped) chunk.add_drop(name_space);
  }
  while (next_pending < pending.size() && budget.bytes > 0) {
    const Pending& next = pending[next_pending];
    if (!next.table->impl().drain(next.name_space, &chunk, &budget)) break;
    budget.bytes -= DrainBudget::kBytesPerVisit;
    ++next_pending;
  }
  // The first one is written even if empty: it says which range comes next.
  if (first_chunk || chunk.has_sections()) TRY(writer.write_chunk(chunk.finish()));
  first_chunk = false;
  if (next_pending < pending.size()) return false;
  if (epochs.full) {
    dropped.insert(dropped.begin(), closed_dropped.begin(), closed_dropped.end());
    closed_dropped.clear();
  }
  epochs.active = false;
  pending.clear();
  doomed.clear();
  return true;
}

void KeyedState::Impl::snapshot_failed() {
  if (epochs.closed == 0) return;
  if (!epochs.full) next_range = epochs.range;
  for (const auto& [name_space, table] : tables) table->impl().carry_over();
  dropped.insert(dropped.begin(), closed_dropped.begin(), closed_dropped.end());
  closed_dropped.clear();
  epochs.active = false;
  pending.clear();
  doomed.clear();
}

KeyedState::KeyedState(StateSchema schema, column::KeyGroupRange key_groups, int max_parallelism)
    : impl_(std::make_unique<Impl>(std::move(schema), key_groups, max_parallelism)) {}
KeyedState::~KeyedState() = default;

const StateSchema& KeyedState::schema() const { return impl_->schema; }

KeyedTable& KeyedState::table(int64_t name_space) { return impl_->table(name_space); }

KeyedTable* KeyedState::find_table(int64_t name_space) {
  const auto it = impl_->tables.find(name_space);
  return it == impl_->tables.end() ? nullptr : it->second.get();
}

void KeyedState::drop(int64_t name_space) {
  const auto it = impl_->tables.find(name_space);
  if (it == impl_->tables.end()) return;
  const KeyedTable::Impl& table = it->second->impl();
  if (impl_->epochs.tracking && table.born_epoch < impl_->epochs.current) impl_->dropped.push_back(name_space);
  const bool needed = impl_->epochs.active && table.phase != KeyedTable::Impl::Phase::kNone &&
                      table.phase != KeyedTable::Impl::Phase::kDone;
  if (needed) impl_->doomed.push_back(std::move(it->second));
  impl_->tables.erase(it);
}

std::vector<int64_t> KeyedState::namespaces() const {
  std::vector<int64_t> all;
  for (const auto& [name_space, table] : impl_->tables) all.push_back(name_space);
  return all;
}

void KeyedState::begin_snapshot(SnapshotKind kind) { impl_->begin_snapshot(kind); }

Result<bool> KeyedState::drain(ChunkWriter& writer, size_t bytes_max) { return impl_->drain(writer, bytes_max); }

void KeyedState::abandon_snapshot() {
  if (impl_->epochs.active) impl_->snapshot_failed();
}

void KeyedState::snapshot_failed() { impl_->snapshot_failed(); }

Status KeyedState::restore_chunk(std::string_view bytes) { return impl_->restore_chunk(bytes); }

size_t KeyedState::memory_bytes() const { return static_cast<size_t>(impl_->allocator.used_bytes()); }

Status KeyedState::Impl::restore_chunk(std::string_view bytes) {
  ByteReader in(bytes);
  const ChunkHeader header = TRY(read_chunk_header(in));
  if (header.schema != text) {
    return Error(ErrorCode::kStateIncompatible,
                 fmt::format("State does not fit the program: the snapshot has {}, the program {}", header.schema,
                             text));
  }
  epochs.tracking = false;   // restored entries are on no list
  Status restored;
  while (restored.ok() && !in.at_end()) {
    const auto kind = in.integer<uint8_t>();
    const auto name_space = in.integer<int64_t>();
    const auto count = in.integer<uint32_t>();
    if (!in.ok() || kind < 1 || kind > 3) return Error(ErrorCode::kCorrupt, "Chunk of state has a damaged section");
    restored = restore_section(header, static_cast<SectionKind>(kind), name_space, count, in);
  }
  epochs.tracking = true;
  for (const auto& [name_space, table] : tables) table->impl().born_epoch = 0;
  if (header.range != ChunkHeader::kFullRange) {
    next_range = static_cast<uint8_t>((header.range + 1u) % SnapshotEpochs::kNumRanges);
  }
  return restored;
}

Status KeyedState::Impl::restore_section(const ChunkHeader& header, SectionKind kind, int64_t name_space,
                                         uint32_t count, ByteReader& in) {
  if (kind == SectionKind::kDrop) {
    restore_drop(header, name_space);
    return {};
  }
  DecodedEntry decoded;
  for (uint32_t i = 0; i < count; ++i) {
    if (kind == SectionKind::kErased) decode_keys(layout, in, &decoded);
    else decode_entry(layout, in, &decoded);
    if (!in.ok()) return Error(ErrorCode::kCorrupt, "Chunk of state ends early");
    const uint64_t hash = TRY(hash_of(header, decoded));
    if (!mine(hash)) continue;
    KeyedTable::Impl& target = table(name_space).impl();
    if (kind == SectionKind::kEntries) {
      target.apply(decoded, hash);
      continue;
    }
    const EntryId entry = target.find_or_insert_decoded(decoded, hash, false);
    if (entry != kNoEntry) target.forget(entry);
  }
  return {};
}

// The hash of an entry by this release's function: as it stands there, or from its keys where the snapshot had
// another.
Result<uint64_t> KeyedState::Impl::hash_of(const ChunkHeader& header, const DecodedEntry& decoded) const {
  if (header.hash_id == column::kHashId) return decoded.header().hash;
  std::vector<column::ColumnBuilder> builders;
  for (const column::Type& type : layout.key_types) builders.emplace_back(type, 1);
  const std::byte* entry = decoded.bytes.data();
  append_keys(layout, {&entry, 1}, builders);
  std::vector<column::Column> keys;
  for (column::ColumnBuilder& builder : builders) keys.push_back(builder.finish());
  uint64_t hash = 0;
  column::hash_rows(keys, 1, &hash);
  if (schema.num_partition_keys < 0) return hash;
  uint64_t partition = 0;
  column::hash_rows(std::span(keys).first(static_cast<size_t>(schema.num_partition_keys)), 1, &partition);
  return partitioned_hash(partition, hash);
}

// The writer dropped the namespace, and speaks for its own key groups only.
void KeyedState::Impl::restore_drop(const ChunkHeader& header, int64_t name_space) {
  const auto it = tables.find(name_space);
  if (it == tables.end()) return;
  if (header.key_groups.begin <= key_groups.begin && header.key_groups.end >= key_groups.end) {
    tables.erase(it);
    return;
  }
  KeyedTable::Impl& table = it->second->impl();
  for (EntryId entry = 0; entry < table.next_id; ++entry) {
    if (!table.live(entry)) continue;
    const KeyGroup group = column::key_group_of(table.header(entry).hash, max_parallelism);
    if (header.key_groups.contains(group)) table.forget(entry);
  }
  if (table.num_live == 0) tables.erase(it);
}

}  // namespace raudal::state
