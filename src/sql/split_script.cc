// Splitting needs no grammar: literals, comments and statement sets suffice. It reads what the lexer would refuse, so
// that one malformed statement does not hide the others.
#include <cctype>

#include "base/str.h"
#include "sql/session.h"

namespace raudal::sql {
namespace {

class Splitter {
 public:
  explicit Splitter(std::string_view script) : script_(script) {}

  std::vector<Statement> run() {
    while (at_ < script_.size()) step();
    finish();
    return std::move(statements_);
  }

 private:
  char peek(size_t ahead = 0) const { return at_ + ahead < script_.size() ? script_[at_ + ahead] : '\0'; }

  void take() {
    const char c = script_[at_++];
    if ((c & 0xC0) == 0x80) return;
    if (c == '\n') {
      ++position_.line;
      position_.column = 1;
    } else {
      position_.column += (static_cast<unsigned char>(c) >= 0xF0) ? 2 : 1;
    }
  }

  void begin() {
    if (begun_) return;
    begun_ = true;
    begin_ = at_;
    begin_position_ = position_;
  }

  void step() {
    const char c = peek();
    if (c == '-' && peek(1) == '-') {
      while (at_ < script_.size() && peek() != '\n') take();
    } else if (c == '/' && peek(1) == '*') {
      if (peek(2) == '+') begin();
      take();
      take();
      while (at_ < script_.size() && !(peek() == '*' && peek(1) == '/')) take();
      for (int i = 0; i < 2 && at_ < script_.size(); ++i) take();
    } else if (c == '\'' || c == '`') {
      begin();
      take();
      while (at_ < script_.size() && peek() != c) take();
      if (at_ < script_.size()) take();
    } else if (c == ';') {
      if (begun_ && in_statement_set() && last_word_ != "END") {
        take();
      } else {
        finish();
        take();
      }
    } else if (std::isalnum(static_cast<unsigned char>(c)) || c == '_') {
      begin();
      word();
    } else {
      if (!std::isspace(static_cast<unsigned char>(c))) begin();
      take();
    }
  }

  void word() {
    std::string word;
    while (std::isalnum(static_cast<unsigned char>(peek())) || peek() == '_') {
      word.push_back(peek());
      take();
    }
    last_word_ = to_upper(word);
    if (words_.size() < 8) words_.push_back(last_word_);
  }

  // EXECUTE STATEMENT SET BEGIN, EXPLAIN [EXECUTE] STATEMENT SET BEGIN.
  bool in_statement_set() const {
    for (size_t i = 0; i + 3 < words_.size(); ++i) {
      if (words_[i] == "STATEMENT" && words_[i + 1] == "SET" && words_[i + 2] == "BEGIN") {
        return words_[0] == "EXECUTE" || words_[0] == "EXPLAIN";
      }
    }
    return false;
  }

  void finish() {
    if (begun_) {
      std::string text(trim(script_.substr(begin_, at_ - begin_)));
      if (!text.empty()) statements_.push_back({std::move(text), begin_position_});
    }
    begun_ = false;
    words_.clear();
    last_word_.clear();
  }

  std::string_view script_;
  size_t at_ = 0;
  Position position_;
  bool begun_ = false;
  size_t begin_ = 0;
  Position begin_position_;
  std::vector<std::string> words_;
  std::string last_word_;
  std::vector<Statement> statements_;
};

}  // namespace

std::vector<Statement> split_script(std::string_view script) { return Splitter(script).run(); }

}  // namespace raudal::sql
