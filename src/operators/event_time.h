// Event time is counted in milliseconds by watermarks and windows, in microseconds by columns.
#pragma once

#include <cstdint>

namespace raudal::operators {

constexpr int64_t micros_to_millis(int64_t micros) { return micros >= 0 ? micros / 1000 : -((-micros + 999) / 1000); }

// Watermarks start at 0 but none of 0 is ever emitted: until the first one there is none.
constexpr int64_t event_watermark(int64_t emitted_ms) { return emitted_ms == 0 ? INT64_MIN : emitted_ms; }

// The beginning of the interval of `size` that holds a time; intervals begin at `offset` and its multiples.
constexpr int64_t floor_to(int64_t time, int64_t size, int64_t offset) {
  const int64_t remainder = (time - offset) % size;
  return time - (remainder < 0 ? remainder + size : remainder);
}

}  // namespace raudal::operators
