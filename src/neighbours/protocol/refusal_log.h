// Refused calls in the service's log, so that an operator sees why a program fails: who asked for what, and the reason.
// Bounded: after kLinesMax lines in ten seconds the rest is counted, and the count is logged with the next line.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "obs/log.h"

namespace raudal::neighbours::protocol {

class RefusalLog {
 public:
  RefusalLog(const obs::Logger& log, const Clock& clock) : log_(log), clock_(clock) {}

  // WARN where the caller was not let in (401, 403) or the service failed (5xx), else INFO.
  void write(std::string_view service, std::string_view operation, int http_status, std::string_view code,
             std::string_view message, std::string_view access_key_id = "");

 private:
  static constexpr int kLinesMax = 50;
  static constexpr int64_t kWindowNs = 10'000'000'000;
  static constexpr size_t kMessageBytesMax = 1024;

  // How many lines were left out before this one; negative: this one is left out as well.
  int64_t admit();

  const obs::Logger log_;
  const Clock& clock_;
  std::mutex mutex_;
  int64_t window_began_ns_ = 0;
  int lines_ = 0;
  int64_t left_out_ = 0;
};

}  // namespace raudal::neighbours::protocol
