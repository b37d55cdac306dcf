#include "neighbours/protocol/refusal_log.h"

#include <utility>

#include <fmt/core.h>

namespace raudal::neighbours::protocol {

int64_t RefusalLog::admit() {
  const std::lock_guard lock(mutex_);
  const int64_t now_ns = clock_.monotonic_ns();
  if (lines_ == 0 || now_ns - window_began_ns_ >= kWindowNs) {
    window_began_ns_ = now_ns;
    lines_ = 0;
  }
  if (lines_ >= kLinesMax) {
    ++left_out_;
    return -1;
  }
  ++lines_;
  return std::exchange(left_out_, 0);
}

void RefusalLog::write(std::string_view service, std::string_view operation, int http_status, std::string_view code,
                       std::string_view message, std::string_view access_key_id) {
  const int64_t left_out = admit();
  if (left_out < 0) return;
  std::string text = fmt::format("{} refused {}: {} {}: {}", service, operation.empty() ? "a request" : operation,
                                 http_status, code, message.substr(0, kMessageBytesMax));
  if (!access_key_id.empty()) text += fmt::format(" (key {})", access_key_id);
  if (left_out > 0) text += fmt::format(" ({} more refusals before it were not logged)", left_out);
  const bool is_warning = http_status >= 500 || http_status == 401 || http_status == 403;
  if (is_warning) {
    log_.warn(std::move(text));
  } else {
    log_.info(std::move(text));
  }
}

}  // namespace raudal::neighbours::protocol
