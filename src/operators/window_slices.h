// Which windows there are, as arithmetic on milliseconds: a window is named by its end. Rows are aggregated by
// slice, the longest interval that no window cuts: TUMBLE its size, HOP the greatest common divisor of size and
// slide, CUMULATE its step. A slice is named by its end too. Times may lie before 1970; offsets may be negative.
#pragma once

#include <cstdint>
#include <numeric>

#include "graph/job_graph.h"
#include "operators/event_time.h"

namespace raudal::operators {

class WindowSlices {
 public:
  explicit WindowSlices(const graph::Window& window)
      : cumulates_(window.kind == graph::WindowKind::kCumulate),
        size_ms_(window.size_ms),
        slide_ms_(window.kind == graph::WindowKind::kTumble ? window.size_ms : window.slide_ms),
        slice_ms_(cumulates_ ? slide_ms_ : std::gcd(size_ms_, slide_ms_)),
        offset_ms_(window.offset_ms) {}

  int64_t slice_ms() const { return slice_ms_; }
  int64_t slice_end(int64_t time_ms) const { return floor_to(time_ms, slice_ms_, offset_ms_) + slice_ms_; }

  // The first and the last window that have a slice, and the step between them.
  int64_t first_window_end(int64_t slice_end) const {
    if (cumulates_) return slice_end;
    const int64_t before = floor_to(slice_end - size_ms_, slide_ms_, offset_ms_) + size_ms_;
    return before == slice_end ? before : before + slide_ms_;
  }
  int64_t last_window_end(int64_t slice_end) const {
    if (cumulates_) return floor_to(slice_end - 1, size_ms_, offset_ms_) + size_ms_;
    return floor_to(slice_end - slice_ms_, slide_ms_, offset_ms_) + size_ms_;
  }
  int64_t step_ms() const { return slide_ms_; }

  int64_t window_start(int64_t window_end) const {
    return cumulates_ ? floor_to(window_end - 1, size_ms_, offset_ms_) : window_end - size_ms_;
  }
  // The first window of a slice that ends after a time; may be one past the slice's last.
  int64_t window_end_after(int64_t slice_end, int64_t end_ms) const {
    const int64_t first = first_window_end(slice_end);
    return first > end_ms ? first : first + ((end_ms - first) / slide_ms_ + 1) * slide_ms_;
  }

 private:
  bool cumulates_;
  int64_t size_ms_;
  int64_t slide_ms_;
  int64_t slice_ms_;
  int64_t offset_ms_;
};

}  // namespace raudal::operators
