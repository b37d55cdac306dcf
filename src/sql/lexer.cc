#include <cctype>

#include <fmt/core.h>

#include "base/str.h"
#include "sql/sql_error.h"
#include "sql/token.h"

namespace raudal::sql {
namespace {

constexpr std::string_view kTwoCharacterSymbols[] = {"<>", "!=", "<=", ">=", "||", "=>", "->"};
constexpr std::string_view kSymbols = "()[]{},;.=<>+-*/%:?|&^@~!$";

bool word_start(char c) { return std::isalpha(static_cast<unsigned char>(c)) || c == '_' || c == '$' || (c & 0x80); }

bool word_part(char c) { return word_start(c) || std::isdigit(static_cast<unsigned char>(c)); }

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c = static_cast<char>(c | 0x20);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

void append_utf8(uint32_t code, std::string* out) {
  if (code < 0x80) {
    out->push_back(static_cast<char>(code));
  } else if (code < 0x800) {
    out->push_back(static_cast<char>(0xC0 | code >> 6));
    out->push_back(static_cast<char>(0x80 | (code & 0x3F)));
  } else if (code < 0x10000) {
    out->push_back(static_cast<char>(0xE0 | code >> 12));
    out->push_back(static_cast<char>(0x80 | (code >> 6 & 0x3F)));
    out->push_back(static_cast<char>(0x80 | (code & 0x3F)));
  } else {
    out->push_back(static_cast<char>(0xF0 | code >> 18));
    out->push_back(static_cast<char>(0x80 | (code >> 12 & 0x3F)));
    out->push_back(static_cast<char>(0x80 | (code >> 6 & 0x3F)));
    out->push_back(static_cast<char>(0x80 | (code & 0x3F)));
  }
}

class Lexer {
 public:
  Lexer(std::string_view text, Position origin) : text_(text), next_(origin), last_(origin) {}

  std::vector<Token> run() {
    std::vector<Token> tokens;
    for (;;) {
      skip_blanks();
      Token token = scan();
      const bool end = token.kind == TokenKind::kEnd;
      tokens.push_back(std::move(token));
      if (end) return tokens;
    }
  }

 private:
  char peek(size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  bool done() const { return at_ >= text_.size(); }

  // Steps over one byte, keeping count of lines and columns.
  char take() {
    const char c = text_[at_++];
    if ((c & 0xC0) == 0x80) return c;
    last_ = next_;
    if (c == '\n' || (c == '\r' && peek() != '\n')) {
      ++next_.line;
      next_.column = 1;
    } else {
      next_.column += (static_cast<unsigned char>(c) >= 0xF0) ? 2 : 1;
    }
    return c;
  }

  void skip_line() {
    while (!done() && peek() != '\n') take();
  }

  void skip_block_comment() {
    const Span begin{next_, next_};
    take();
    take();
    while (!done() && !(peek() == '*' && peek(1) == '/')) take();
    if (done()) fail_parse("A comment /* does not end; it begins", begin);
    take();
    take();
  }

  void skip_blanks() {
    while (!done()) {
      const char c = peek();
      if (std::isspace(static_cast<unsigned char>(c))) {
        take();
      } else if ((c == '-' && peek(1) == '-') || (c == '/' && peek(1) == '/')) {
        skip_line();
      } else if (c == '/' && peek(1) == '*' && peek(2) != '+') {
        skip_block_comment();
      } else {
        return;
      }
    }
  }

  Token scan() {
    Token token;
    token.offset = at_;
    token.span.begin = next_;
    if (done()) {
      token.span = {last_, last_};
    } else {
      scan_into(&token);
      token.span.end = last_;
    }
    token.end_offset = at_;
    return token;
  }

  void scan_into(Token* token) {
    const char c = peek();
    if (c == '\'') return scan_string(token);
    if (c == '`') return scan_quoted(token);
    if (std::isdigit(static_cast<unsigned char>(c)) ||
        (c == '.' && std::isdigit(static_cast<unsigned char>(peek(1))))) {
      return scan_number(token);
    }
    if (scan_prefixed_string(token)) return;
    if (word_start(c)) return scan_word(token);
    if (c == '/' && peek(1) == '*' && peek(2) == '+') {
      token->kind = TokenKind::kHint;
      token->text = "/*+";
      for (int i = 0; i < 3; ++i) take();
      return;
    }
    scan_symbol(token);
  }

  void scan_word(Token* token) {
    token->kind = TokenKind::kWord;
    while (!done() && word_part(peek())) token->text.push_back(take());
    token->upper = to_upper(token->text);
  }

  void scan_symbol(Token* token) {
    token->kind = TokenKind::kSymbol;
    for (std::string_view symbol : kTwoCharacterSymbols) {
      if (text_.substr(at_, 2) == symbol) {
        token->text = symbol;
        take();
        take();
        return;
      }
    }
    if (kSymbols.find(peek()) == std::string_view::npos) {
      const Span span{next_, next_};
      fail_parse(fmt::format("Lexical error: Encountered \"{}\"{}", peek(),
                             peek() == '"' ? " (identifiers are quoted by backticks, strings by ')" : ""),
                 span);
    }
    token->text = std::string(1, take());
  }

  void scan_number(Token* token) {
    token->kind = TokenKind::kInteger;
    take_digits(token);
    if (peek() == '.' && peek(1) != '.') {
      token->kind = TokenKind::kDecimal;
      token->text.push_back(take());
      take_digits(token);
    }
    const size_t sign = peek(1) == '+' || peek(1) == '-' ? 1 : 0;
    if ((peek() == 'e' || peek() == 'E') && std::isdigit(static_cast<unsigned char>(peek(1 + sign)))) {
      token->kind = TokenKind::kDouble;
      for (size_t i = 0; i < 1 + sign; ++i) token->text.push_back(take());
      take_digits(token);
    }
  }

  void take_digits(Token* token) {
    while (std::isdigit(static_cast<unsigned char>(peek()))) token->text.push_back(take());
  }

  void scan_quoted(Token* token) {
    token->kind = TokenKind::kQuoted;
    scan_delimited('`', token);
    if (token->text.empty()) fail_parse("An identifier is empty", {token->span.begin, last_});
  }

  void scan_string(Token* token) {
    token->kind = TokenKind::kString;
    scan_delimited('\'', token);
  }

  // The text between two delimiters; a doubled delimiter stands for one.
  void scan_delimited(char delimiter, Token* token) {
    take();
    for (;;) {
      if (done()) {
        fail_parse(fmt::format("Lexical error: a {} that is opened here is not closed; it begins", delimiter),
                   token->span);
      }
      const char c = take();
      if (c == delimiter) {
        if (peek() != delimiter) return;
        take();
      }
      token->text.push_back(c);
    }
  }

  // X'0A', N'text', _UTF16'text', U&'\00e9' [UESCAPE '!'].
  bool scan_prefixed_string(Token* token) {
    const char c = static_cast<char>(std::toupper(static_cast<unsigned char>(peek())));
    if (c == 'X' && peek(1) == '\'') {
      take();
      scan_string(token);
      decode_hex(token);
      return true;
    }
    if (c == 'N' && peek(1) == '\'') {
      take();
      scan_string(token);
      return true;
    }
    if (c == 'U' && peek(1) == '&' && peek(2) == '\'') {
      take();
      take();
      scan_string(token);
      decode_unicode(token);
      return true;
    }
    if (c != '_') return false;
    size_t length = 1;
    while (word_part(peek(length)) || peek(length) == '-') ++length;
    if (length == 1 || peek(length) != '\'') return false;
    while (length-- > 0) take();
    scan_string(token);
    return true;
  }

  void decode_hex(Token* token) {
    token->kind = TokenKind::kBinary;
    std::string bytes;
    if (token->text.size() % 2 != 0) fail_parse("A binary literal needs two digits a byte", token->span);
    for (size_t i = 0; i < token->text.size(); i += 2) {
      const int high = hex_digit(token->text[i]);
      const int low = hex_digit(token->text[i + 1]);
      if (high < 0 || low < 0) fail_parse("A binary literal takes hexadecimal digits only", token->span);
      bytes.push_back(static_cast<char>(high << 4 | low));
    }
    token->text = std::move(bytes);
  }

  void decode_unicode(Token* token) {
    char escape = '\\';
    const size_t at = at_;
    const Position next = next_, last = last_;
    skip_blanks();
    Token word;
    if (word_start(peek())) scan_word(&word);
    if (word.upper == "UESCAPE") {
      skip_blanks();
      Token literal;
      if (peek() == '\'') scan_string(&literal);
      if (literal.text.size() != 1) fail_parse("UESCAPE takes one character", token->span);
      escape = literal.text[0];
    } else {
      at_ = at, next_ = next, last_ = last;
    }
    std::string decoded;
    const std::string& text = token->text;
    for (size_t i = 0; i < text.size(); ++i) {
      if (text[i] != escape) {
        decoded.push_back(text[i]);
      } else if (i + 1 < text.size() && text[i + 1] == escape) {
        decoded.push_back(text[++i]);
      } else {
        append_utf8(unicode_escape(text, &i, token->span), &decoded);
      }
    }
    token->text = std::move(decoded);
  }

  static uint32_t unicode_escape(const std::string& text, size_t* i, const Span& span) {
    uint32_t code = 0;
    for (int digit = 0; digit < 4; ++digit) {
      const int value = *i + 1 < text.size() ? hex_digit(text[++*i]) : -1;
      if (value < 0) fail_parse("A Unicode escape needs four hexadecimal digits", span);
      code = code << 4 | static_cast<uint32_t>(value);
    }
    return code;
  }

  std::string_view text_;
  size_t at_ = 0;
  Position next_;  // of the character at at_
  Position last_;  // of the character before it
};

}  // namespace

std::vector<Token> tokenize(std::string_view text, Position origin) { return Lexer(text, origin).run(); }

}  // namespace raudal::sql
