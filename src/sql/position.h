// Places in SQL text, counted as Calcite counts them: lines and columns from 1, a tab is one column, a character
// beyond U+FFFF two. Every token and every node of the syntax tree carries a Span, for error messages.
#pragma once

#include <string>

namespace raudal::sql {

struct Position {
  int line = 1;
  int column = 1;
  bool operator==(const Position&) const = default;
  bool operator<(const Position& other) const { return line != other.line ? line < other.line : column < other.column; }
};

// From the first character to the last one, both included.
struct Span {
  Position begin;
  Position end;
};

// The least span that covers both.
Span cover(const Span& first, const Span& last);
// "[At line 1, column 8]" or "[From line 1, column 8 to line 1, column 14]".
std::string print_span(const Span& span);

}  // namespace raudal::sql
