// Patterns of dates and times as Java writes them: yyyy-MM-dd HH:mm:ss.SSS, MMM, EEE, a, 'text'. For DATE_FORMAT,
// TO_TIMESTAMP and their like.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace raudal::expr {

// A compiled pattern.
class DatePattern {
 public:
  static Result<DatePattern> compile(std::string_view pattern);  // kExpression for a letter that is not known

  // Appends a local time (µs since 1970).
  void format(int64_t local_us, std::string* out) const;
  // Times that lie in the same span of so many µs (a day, an hour, a second …) are written alike.
  int64_t span_us() const { return span_us_; }

  // How strictly text is read: as java.time's formatter (digits as many as letters, days beyond a month's end become
  // its last), or as SimpleDateFormat (any number of digits, fields overflow into the next, text may follow).
  enum class Mode { kExact, kLenient };
  std::optional<int64_t> parse(std::string_view text, Mode mode) const;

 private:
  struct Part {
    char letter;  // 0: literal
    size_t count;
    std::string literal;
  };
  struct Fields;

  static bool parse_part(const Part& part, bool next_is_digits, Mode mode, std::string_view* text, Fields* fields);

  std::vector<Part> parts_;
  int64_t span_us_ = 1;
};

}  // namespace raudal::expr
