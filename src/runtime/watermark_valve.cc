#include "runtime/watermark_valve.h"

#include <algorithm>

namespace raudal::runtime {

std::optional<int64_t> WatermarkValve::on_watermark(int input, int64_t watermark_ms) {
  Input& from = inputs_[static_cast<size_t>(input)];
  if (watermark_ms <= from.watermark_ms) return std::nullopt;
  from.watermark_ms = watermark_ms;
  if (from.idle) return std::nullopt;
  if (watermark_ms >= combined_ms_) from.aligned = true;
  return advance();
}

std::optional<int64_t> WatermarkValve::on_idle(int input, bool idle) {
  Input& from = inputs_[static_cast<size_t>(input)];
  if (from.idle == idle) return std::nullopt;
  from.idle = idle;
  idle_ = std::ranges::all_of(inputs_, [](const Input& each) { return each.idle; });
  if (!idle) {
    from.aligned = from.watermark_ms >= combined_ms_;
    return std::nullopt;
  }
  if (!idle_) return advance();
  // The last one fell idle: nobody holds time back any more.
  int64_t greatest = combined_ms_;
  for (const Input& each : inputs_) greatest = std::max(greatest, each.watermark_ms);
  if (greatest <= combined_ms_) return std::nullopt;
  combined_ms_ = greatest;
  return combined_ms_;
}

std::optional<int64_t> WatermarkValve::advance() {
  int64_t least = INT64_MAX;
  bool any = false;
  for (const Input& each : inputs_) {
    if (each.idle || !each.aligned) continue;
    any = true;
    least = std::min(least, each.watermark_ms);
  }
  if (!any || least <= combined_ms_) return std::nullopt;
  combined_ms_ = least;
  return combined_ms_;
}

}  // namespace raudal::runtime
