// Tokens of SQL text. Unquoted words keep their spelling (identifiers are case-sensitive in Flink) beside their
// upper-case form (keywords are not).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sql/position.h"

namespace raudal::sql {

enum class TokenKind {
  kWord,    // identifier or keyword
  kQuoted,  // `identifier`
  kString,  // 'text', quotes resolved
  kBinary,  // X'0aff': the bytes
  kInteger,
  kDecimal,  // 1.50
  kDouble,   // 1e40
  kSymbol,
  kHint,  // the /*+ of a hint
  kEnd,
};

// A word, literal or symbol, with its place.
struct Token {
  TokenKind kind = TokenKind::kEnd;
  std::string text;   // the value; a symbol as it stands
  std::string upper;  // kWord: for keywords
  Span span;
  size_t offset = 0;      // of its first byte in the text
  size_t end_offset = 0;  // behind its last byte

  bool is(std::string_view keyword) const { return kind == TokenKind::kWord && upper == keyword; }
  bool symbol(std::string_view s) const { return kind == TokenKind::kSymbol && text == s; }
};

// All tokens of the text, the last one kEnd (whose place is that of the text's last character, as in Flink).
// Throws SqlError for a character that begins no token and for literals that do not end.
std::vector<Token> tokenize(std::string_view text, Position origin = {});

// Whether the word cannot be an identifier without backticks.
bool is_reserved(std::string_view upper_word);
// A reserved word that is also a function's name: COUNT, UPPER, YEAR …
bool is_reserved_function(std::string_view upper_word);
// A reserved word that begins an expression without being a function: CASE, CAST, NOT, INTERVAL …
bool begins_expression(std::string_view upper_word);

}  // namespace raudal::sql
