// The part of the journal that reads frames out of a segment's file, without its lock.
#include <algorithm>
#include <string_view>

#include <fmt/core.h>

#include "journal/journal.h"

namespace raudal::journal {
namespace {

constexpr uint64_t kChunkBytes = 256 << 10;

// A window of a file that moves forward.
class Window {
 public:
  Window(File& file, uint64_t end) : file_(file), end_(end) {}

  // The bytes from a position on: at least `bytes` of them, unless the file ends before.
  Result<std::string_view> at(uint64_t position, uint64_t bytes) {
    if (position < start_ || position + bytes > start_ + buffer_.size()) {
      const uint64_t wanted = std::min(std::max(bytes, kChunkBytes), end_ - position);
      buffer_.resize(wanted);
      start_ = position;
      buffer_.resize(TRY(file_.read_at(static_cast<int64_t>(position), buffer_)));
    }
    return std::string_view(buffer_).substr(position - start_);
  }

 private:
  File& file_;
  const uint64_t end_;
  uint64_t start_ = 0;
  std::string buffer_;
};

}  // namespace

Status Journal::read_span(uint32_t lane, const Span& span, const ReadLimits& limits, ReadResult& result, size_t& bytes,
                          size_t& records) {
  const std::shared_ptr<File> file = TRY(reader_of(span));
  Window window(*file, span.end);
  const uint64_t sequence_min = result.next.sequence;
  const auto corrupt = [&](uint64_t position) {
    return Error(ErrorCode::kCorrupt, fmt::format("Log is damaged at {}: {}", position, span.path));
  };
  uint64_t position = span.position;
  while (position < span.end && bytes < limits.bytes_max && records < limits.records_max) {
    const std::string_view head = TRY(window.at(position, kFrameHeaderBytes));
    const auto header = parse_frame_header(head);
    if (!header || span.end - position < header->frame_bytes()) return corrupt(position);
    const uint64_t end_sequence = header->sequence + header->count;
    if (header->lane == lane && end_sequence > sequence_min && header->time_ms >= limits.time_min_ms) {
      const std::string_view frame = TRY(window.at(position, header->frame_bytes()));
      if (frame.size() < header->frame_bytes()) return corrupt(position);
      const std::string_view payload = frame.substr(kFrameHeaderBytes, header->payload_bytes);
      if (!is_intact(*header, payload)) return corrupt(position);
      const bool is_too_much = !result.frames.empty() && bytes + payload.size() > limits.bytes_max;
      if (is_too_much) {
        bytes = limits.bytes_max;
        return {};
      }
      result.frames.push_back({.sequence = header->sequence,
                               .count = header->count,
                               .time_ms = header->time_ms,
                               .offset = span.base_offset + position,
                               .payload = std::string(payload)});
      bytes += payload.size();
      records += end_sequence - std::max(sequence_min, header->sequence);
    }
    position += header->frame_bytes();
    result.next = {.sequence = std::max(end_sequence, sequence_min), .offset = span.base_offset + position};
  }
  return {};
}

}  // namespace raudal::journal
