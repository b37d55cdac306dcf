// Which rows of a generated table are still to be made, and by whom. Subtask s of p makes rows s, s + p, s + 2p, …;
// after a restore at another parallelism the rows that only some predecessors had made are finished first.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace raudal::connectors::datagen {

// Rows begin, begin + stride, … below end. Open ranges (end = kOpenEnd) go on to the end of the table.
struct RowRange {
  static constexpr uint64_t kOpenEnd = UINT64_MAX;
  uint64_t begin = 0;
  uint64_t stride = 1;
  uint64_t end = kOpenEnd;
};

// "1 begin stride end": one state item.
std::string encode_range(const RowRange& range);
Result<RowRange> decode_range(const std::string& item);

// The ranges of one subtask at a fresh start, and after a restore of what all subtasks of the checkpoint still had to
// make. Ranges of all new subtasks together are exactly the restored ones.
std::vector<RowRange> fresh_ranges(int subtask, int parallelism);
std::vector<RowRange> restored_ranges(const std::vector<RowRange>& all, int subtask, int parallelism);

}  // namespace raudal::connectors::datagen
