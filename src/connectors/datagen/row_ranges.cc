#include "connectors/datagen/row_ranges.h"

#include <algorithm>

#include <fmt/core.h>

#include "base/str.h"

namespace raudal::connectors::datagen {
namespace {

// The least number ≥ bound in begin, begin + stride, …
uint64_t first_from(const RowRange& range, uint64_t bound) {
  if (range.begin >= bound) return range.begin;
  return range.begin + (bound - range.begin + range.stride - 1) / range.stride * range.stride;
}

}  // namespace

std::string encode_range(const RowRange& range) {
  const std::string end = range.end == RowRange::kOpenEnd ? "-" : std::to_string(range.end);
  return fmt::format("1 {} {} {}", range.begin, range.stride, end);
}

Result<RowRange> decode_range(const std::string& item) {
  const std::vector<std::string> parts = split(item, ' ');
  const Error corrupt(ErrorCode::kCorrupt, "State of a datagen source is not readable: " + item);
  if (parts.size() != 4 || parts[0] != "1") return corrupt;
  const auto begin = parse_int(parts[1]);
  const auto stride = parse_int(parts[2]);
  const auto end = parts[3] == "-" ? std::optional<int64_t>(-1) : parse_int(parts[3]);
  if (!begin || !stride || !end || *begin < 0 || *stride < 1) return corrupt;
  return RowRange{.begin = static_cast<uint64_t>(*begin), .stride = static_cast<uint64_t>(*stride),
                  .end = static_cast<uint64_t>(*end)};
}

std::vector<RowRange> fresh_ranges(int subtask, int parallelism) {
  return {{.begin = static_cast<uint64_t>(subtask), .stride = static_cast<uint64_t>(parallelism)}};
}

// The open ranges of a checkpoint together hold every row from the highest of their begins on; from there on the
// rows are divided anew. What lies below is finished as it is, range by range.
std::vector<RowRange> restored_ranges(const std::vector<RowRange>& all, int subtask, int parallelism) {
  uint64_t frontier = 0;
  for (const RowRange& range : all) {
    if (range.end == RowRange::kOpenEnd) frontier = std::max(frontier, range.begin);
  }
  std::vector<RowRange> mine;
  size_t number = 0;
  for (const RowRange& range : all) {
    RowRange below = range;
    if (range.end == RowRange::kOpenEnd) below.end = frontier;
    if (below.begin >= below.end) continue;
    if (number++ % parallelism == static_cast<size_t>(subtask)) mine.push_back(below);
  }
  const RowRange tail{.begin = static_cast<uint64_t>(subtask), .stride = static_cast<uint64_t>(parallelism)};
  mine.push_back({.begin = first_from(tail, frontier), .stride = tail.stride});
  return mine;
}

}  // namespace raudal::connectors::datagen
