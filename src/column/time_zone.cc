#include "column/time_zone.h"

#include <date/tz.h>

#include <optional>

#include "base/str.h"
#include "column/calendar.h"

namespace raudal::column {
namespace {

using Microseconds = std::chrono::microseconds;

// "+08:00", "-5", "+0530": the offset in µs.
std::optional<int64_t> parse_offset(std::string_view text) {
  if (text.size() < 2 || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  const int64_t sign = text[0] == '-' ? -1 : 1;
  text.remove_prefix(1);
  std::string digits;
  for (char c : text) {
    if (c == ':') continue;
    if (c < '0' || c > '9') return std::nullopt;
    digits += c;
  }
  if (digits.size() == 1) digits.insert(0, "0");
  if (digits.size() == 2) digits += "00";
  if (digits.size() != 4) return std::nullopt;
  const int64_t hours = *parse_int(digits.substr(0, 2));
  const int64_t minutes = *parse_int(digits.substr(2, 2));
  if (hours > 18 || minutes > 59) return std::nullopt;
  return sign * (hours * 60 + minutes) * 60 * kUsPerSecond;
}

int64_t clamp_us(date::sys_seconds time) {
  constexpr int64_t kLimit = INT64_MAX / kUsPerSecond;
  const int64_t seconds = time.time_since_epoch().count();
  if (seconds > kLimit) return INT64_MAX;
  if (seconds < -kLimit) return INT64_MIN;
  return seconds * kUsPerSecond;
}

}  // namespace

Result<TimeZone> TimeZone::find(std::string_view name) {
  TimeZone zone;
  zone.name_ = std::string(name);
  if (name == "UTC" || name == "GMT" || name == "Z" || name == "Etc/UTC" || name == "UT") return zone;
  std::string_view rest = name;
  if (rest.starts_with("UTC") || rest.starts_with("GMT")) rest.remove_prefix(3);
  if (std::optional<int64_t> offset = parse_offset(rest)) {
    zone.fixed_offset_us_ = *offset;
    return zone;
  }
  try {
    zone.zone_ = date::locate_zone(std::string(name));
  } catch (const std::exception&) {
    return Error(ErrorCode::kSqlValidation, "Unknown time zone: " + std::string(name));
  }
  return zone;
}

void TimeZone::load_utc(int64_t utc_us) const {
  const auto* zone = static_cast<const date::time_zone*>(zone_);
  const date::sys_seconds second{std::chrono::seconds(floor_div(utc_us, kUsPerSecond))};
  const date::sys_info info = zone->get_info(second);
  begin_us_ = clamp_us(info.begin);
  end_us_ = clamp_us(info.end);
  offset_us_ = info.offset.count() * kUsPerSecond;
}

int64_t TimeZone::to_utc_us(int64_t local_us) const {
  if (zone_ == nullptr) return local_us - fixed_offset_us_;
  // Away from the ends of the remembered stretch the local time is surely unique.
  const int64_t guess = local_us - offset_us_;
  if (guess - kUsPerDay >= begin_us_ && guess < end_us_ - kUsPerDay && begin_us_ < end_us_) return guess;
  const auto* zone = static_cast<const date::time_zone*>(zone_);
  const date::local_seconds second{std::chrono::seconds(floor_div(local_us, kUsPerSecond))};
  const date::local_info info = zone->get_info(second);
  const int64_t utc_us = local_us - info.first.offset.count() * kUsPerSecond;
  load_utc(utc_us);
  return utc_us;
}

}  // namespace raudal::column
