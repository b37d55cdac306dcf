// Time zones by name, as table.local-time-zone and CONVERT_TZ spell them: "UTC", "Europe/Madrid", "GMT+08:00",
// "+02:00". Local times that do not exist move forward by the gap, ambiguous ones take the earlier offset, as in
// java.time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace raudal::column {

// A zone; cheap to copy. It remembers the last stretch of constant offset, so it belongs to one thread.
class TimeZone {
 public:
  TimeZone() = default;                                 // UTC
  static Result<TimeZone> find(std::string_view name);  // kSqlValidation if there is none

  const std::string& name() const { return name_; }
  bool is_utc() const { return zone_ == nullptr && fixed_offset_us_ == 0; }
  int64_t to_local_us(int64_t utc_us) const {
    if (zone_ == nullptr) return utc_us + fixed_offset_us_;
    if (utc_us < begin_us_ || utc_us >= end_us_) load_utc(utc_us);
    return utc_us + offset_us_;
  }
  int64_t to_utc_us(int64_t local_us) const;

 private:
  void load_utc(int64_t utc_us) const;

  std::string name_ = "UTC";
  const void* zone_ = nullptr;  // date::time_zone
  int64_t fixed_offset_us_ = 0;
  mutable int64_t begin_us_ = 0;
  mutable int64_t end_us_ = 0;
  mutable int64_t offset_us_ = 0;
};

}  // namespace raudal::column
