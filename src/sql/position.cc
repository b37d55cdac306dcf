#include "sql/position.h"

#include <algorithm>

#include <fmt/core.h>

namespace raudal::sql {

Span cover(const Span& first, const Span& last) {
  return {std::min(first.begin, last.begin), std::max(first.end, last.end)};
}

std::string print_span(const Span& span) {
  if (span.begin == span.end) { return fmt::format("[At line {}, column {}]", span.begin.line, span.begin.column); }
  return fmt::format("[From line {}, column {} to line {}, column {}]", span.begin.line, span.begin.column,
                     span.end.line, span.end.column);
}

}  // namespace raudal::sql
