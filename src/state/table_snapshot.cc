#include <cstring>

#include "base/check.h"
#include "state/table_impl.h"

namespace raudal::state {
namespace {

using column::Storage;
using column::StringRef;

constexpr size_t kSavedBytesMax = 64 << 10;
constexpr size_t kPrefetchAhead = 16;
constexpr size_t kTouchedSlack = 1024;

}  // namespace

// The first write to an entry in this epoch.
void KeyedTable::Impl::touch_slowly(EntryId entry) {
  save_where_needed(entry);
  header(entry).epoch = epochs.current;
  header(entry).flags &= ~kFreshFlag;
  add_touched(entry);
}

// An entry that comes and goes many times between two snapshots is listed each time, so now and then the list is
// thinned.
void KeyedTable::Impl::add_touched(EntryId entry) {
  touched.push_back(entry);
  if (touched.size() <= size_t{next_id} * 2 + kTouchedSlack) [[likely]] return;
  std::vector<bool> seen(next_id);
  TrackedVector<EntryId> kept(allocator);
  for (const EntryId id : touched.items()) {
    if (!seen[id] && live(id) && header(id).epoch == epochs.current) kept.push_back(id);
    seen[id] = true;
  }
  touched.swap(kept);
}

// Keeps an entry as it was at the barrier, where the snapshot still has to write it.
void KeyedTable::Impl::save_where_needed(EntryId entry) {
  if (!epochs.active || phase == Phase::kNone || phase > Phase::kRanges) return;
  const EntryHeader& head = header(entry);
  const bool to_scan = entry >= scan_cursor && epochs.in_range(head.hash);
  if (!to_scan && (epochs.full || head.epoch != epochs.closed)) return;
  if (saved.empty() || saved.back().encoded.size() > kSavedBytesMax) {
    saved.emplace_back();
    saved.back().encoded.reserve(kSavedBytesMax + 1024);
    allocator->charge(kSavedBytesMax);
  }
  encode_entry(layout, at(entry), &saved.back().encoded);
  ++saved.back().count;
}

void KeyedTable::Impl::erase(EntryId entry) {
  EntryHeader& head = header(entry);
  CHECK((head.flags & kLiveFlag) != 0);
  const bool written = head.epoch == epochs.current;
  if (!written) save_where_needed(entry);
  const bool fresh = written && (head.flags & kFreshFlag) != 0;
  unlink(entry);
  head.flags &= ~kLiveFlag;
  for (uint32_t i = 0; i < layout.num_strings; ++i) {
    arena.release(layout.strings(at(entry))[i]);
    layout.strings(at(entry))[i] = StringRef();
  }
  if (fresh || !epochs.tracking) return free_entry(entry);   // no snapshot has seen it
  // Earlier snapshots of the chain may have its keys, so the next one has to say that they are gone.
  head.epoch = epochs.current;
  erased.push_back(entry);
}

// Gives an erased entry's place to the next insertion.
void KeyedTable::Impl::free_entry(EntryId entry) {
  for (const KeyCell& cell : layout.cells) {
    if (cell.storage != Storage::kString) continue;
    StringRef ref;
    std::memcpy(&ref, at(entry) + cell.offset, sizeof(ref));
    arena.release(ref);
  }
  header(entry).epoch = 0;
  free_ids.push_back(entry);
}

void KeyedTable::Impl::begin_snapshot() {
  CHECK(phase == Phase::kNone || phase == Phase::kDone);
  // What the last snapshot had written is safe by now, so its erased entries may go.
  if (releasing.empty()) {
    releasing.swap(closed_erased);
  } else {
    for (const EntryId entry : closed_erased.items()) releasing.push_back(entry);
  }
  closed_erased.clear();
  closed_touched.clear();
  closed_touched.swap(touched);
  closed_erased.swap(erased);
  phase = Phase::kErased;
  cursor = 0;
  scan_cursor = 0;
  scan_end = next_id;
}

// Writes a part of the snapshot; true when nothing is left.
bool KeyedTable::Impl::drain(int64_t name_space, ChunkBuilder* chunk, DrainBudget* budget) {
  while (!releasing.empty() && budget->bytes > 0) {
    free_entry(releasing.pop_back());
    budget->bytes -= DrainBudget::kBytesPerVisit;
  }
  const auto next_phase = [this](Phase next) {
    phase = next;
    cursor = 0;
  };
  if (phase == Phase::kErased && drain_erased(name_space, chunk, budget)) next_phase(Phase::kTouched);
  if (phase == Phase::kTouched && drain_touched(name_space, chunk, budget)) next_phase(Phase::kRanges);
  if (phase == Phase::kRanges && drain_ranges(name_space, chunk, budget)) next_phase(Phase::kSaved);
  if (phase == Phase::kSaved && drain_saved(name_space, chunk, budget)) {
    next_phase(epochs.full ? Phase::kCarryOver : Phase::kDone);
  }
  if (phase == Phase::kCarryOver && carry_over_step(budget)) next_phase(Phase::kDone);
  return phase == Phase::kDone;
}

// A full snapshot has no need of them, it stands for itself.
bool KeyedTable::Impl::drain_erased(int64_t name_space, ChunkBuilder* chunk, DrainBudget* budget) {
  if (epochs.full) return true;
  for (; cursor < closed_erased.size(); ++cursor) {
    if (budget->bytes <= 0) return false;
    const size_t before = chunk->size_bytes();
    chunk->add_erased(name_space, at(closed_erased[cursor]));
    budget->bytes -= static_cast<int64_t>(chunk->size_bytes() - before);
  }
  return true;
}

bool KeyedTable::Impl::drain_touched(int64_t name_space, ChunkBuilder* chunk, DrainBudget* budget) {
  if (epochs.full) return true;
  for (; cursor < closed_touched.size(); ++cursor) {
    if (budget->bytes <= 0) return false;
    if (cursor + kPrefetchAhead < closed_touched.size()) prefetch_entry(closed_touched[cursor + kPrefetchAhead]);
    const EntryId entry = closed_touched[cursor];
    EntryHeader& head = header(entry);
    budget->bytes -= DrainBudget::kBytesPerVisit;
    if (head.epoch != epochs.closed || (head.flags & kLiveFlag) == 0 || epochs.in_range(head.hash)) continue;
    const size_t before = chunk->size_bytes();
    chunk->add_entry(name_space, at(entry));
    budget->bytes -= static_cast<int64_t>(chunk->size_bytes() - before);
    head.epoch = 0;
  }
  return true;
}

bool KeyedTable::Impl::drain_ranges(int64_t name_space, ChunkBuilder* chunk, DrainBudget* budget) {
  for (; scan_cursor < scan_end; ++scan_cursor) {
    if (budget->bytes <= 0) return false;
    budget->bytes -= DrainBudget::kBytesPerVisit;
    EntryHeader& head = header(scan_cursor);
    if ((head.flags & kLiveFlag) == 0 || head.epoch == epochs.current || !epochs.in_range(head.hash)) continue;
    const size_t before = chunk->size_bytes();
    chunk->add_entry(name_space, at(scan_cursor));
    budget->bytes -= static_cast<int64_t>(chunk->size_bytes() - before);
    if (!epochs.full) head.epoch = 0;
  }
  return true;
}

bool KeyedTable::Impl::drain_saved(int64_t name_space, ChunkBuilder* chunk, DrainBudget* budget) {
  while (!saved.empty()) {
    if (budget->bytes <= 0) return false;
    chunk->add_encoded(name_space, saved.back().encoded, saved.back().count);
    budget->bytes -= static_cast<int64_t>(saved.back().encoded.size());
    saved.pop_back();
    allocator->charge(-static_cast<int64_t>(kSavedBytesMax));
  }
  return true;
}

// Counts what the closed epoch had touched as touched in the current one, for an incremental snapshot to come.
bool KeyedTable::Impl::carry_over_step(DrainBudget* budget) {
  for (; cursor < closed_touched.size(); ++cursor) {
    if (budget->bytes <= 0) return false;
    budget->bytes -= DrainBudget::kBytesPerVisit;
    EntryHeader& head = header(closed_touched[cursor]);
    if ((head.flags & kLiveFlag) == 0 || head.epoch == epochs.current) continue;
    head.epoch = epochs.current;
    touched.push_back(closed_touched[cursor]);
  }
  closed_touched.clear();
  for (const EntryId entry : closed_erased.items()) erased.push_back(entry);
  closed_erased.clear();
  return true;
}

void KeyedTable::Impl::discard_saved() {
  allocator->charge(-static_cast<int64_t>(saved.size() * kSavedBytesMax));
  saved.clear();
}

void KeyedTable::Impl::carry_over() {
  if (phase == Phase::kNone) return;
  discard_saved();
  DrainBudget unlimited{.bytes = INT64_MAX};
  cursor = 0;
  carry_over_step(&unlimited);
  phase = Phase::kDone;
}

// An entry of a chunk, on restore: it replaces what an older chunk had. Such entries are clean.
void KeyedTable::Impl::apply(const DecodedEntry& decoded, uint64_t hash) {
  const EntryId entry = find_or_insert_decoded(decoded, hash, true);
  std::byte* bytes = at(entry);
  std::memcpy(bytes + layout.value_offset, decoded.bytes.data() + layout.value_offset, layout.value_bytes);
  for (uint32_t i = 0; i < layout.num_strings; ++i) {
    StringRef& cell = layout.strings(bytes)[i];
    arena.release(cell);
    cell = arena.store(layout.strings(decoded.bytes.data())[i].view());
  }
  header(entry).epoch = 0;
}

// Removes an entry on restore, without a trace.
void KeyedTable::Impl::forget(EntryId entry) {
  unlink(entry);
  header(entry).flags &= ~kLiveFlag;
  for (uint32_t i = 0; i < layout.num_strings; ++i) arena.release(layout.strings(at(entry))[i]);
  free_entry(entry);
}

}  // namespace raudal::state
