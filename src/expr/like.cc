#include "expr/like.h"

#include <fmt/core.h>

#include <algorithm>

namespace raudal::expr {

Result<std::shared_ptr<LikePattern>> LikePattern::compile(std::string_view pattern, std::string_view escape) {
  auto like = std::make_shared<LikePattern>();
  for (size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    if (!escape.empty() && c == escape[0]) {
      const char next = i + 1 < pattern.size() ? pattern[i + 1] : '\0';
      if (next != '%' && next != '_' && next != escape[0]) {
        return Error(ErrorCode::kExpression, fmt::format("Invalid escape sequence '{}', {}", pattern, i));
      }
      like->tokens_.push_back({Kind::kByte, next});
      ++i;
    } else if (c == '%') {
      if (like->tokens_.empty() || like->tokens_.back().kind != Kind::kRun) like->tokens_.push_back({Kind::kRun, c});
    } else {
      like->tokens_.push_back({c == '_' ? Kind::kOne : Kind::kByte, c});
    }
  }
  const std::vector<Token>& tokens = like->tokens_;
  const auto is_run = [](const Token& token) { return token.kind == Kind::kRun; };
  const auto runs = std::count_if(tokens.begin(), tokens.end(), is_run);
  const bool ones = std::any_of(tokens.begin(), tokens.end(), [](const Token& t) { return t.kind == Kind::kOne; });
  const bool starts = !tokens.empty() && is_run(tokens.front());
  const bool ends = !tokens.empty() && is_run(tokens.back());
  for (const Token& token : tokens) {
    if (token.kind == Kind::kByte) like->literal_.push_back(token.byte);
  }
  if (ones)
    like->shape_ = Shape::kGeneral;
  else if (tokens.empty() || (runs == 1 && tokens.size() == 1))
    like->shape_ = Shape::kAny;  // '' fits all, as in Flink
  else if (runs == 0)
    like->shape_ = Shape::kEqual;
  else if (runs == 1 && ends)
    like->shape_ = Shape::kPrefix;
  else if (runs == 1 && starts)
    like->shape_ = Shape::kSuffix;
  else if (runs == 2 && starts && ends)
    like->shape_ = Shape::kContains;
  return like;
}

bool LikePattern::matches(std::string_view text) const {
  switch (shape_) {
    case Shape::kAny: return true;
    case Shape::kEqual: return text == literal_;
    case Shape::kPrefix: return text.starts_with(literal_);
    case Shape::kSuffix: return text.ends_with(literal_);
    case Shape::kContains: return text.find(literal_) != std::string_view::npos;
    case Shape::kGeneral: return matches_general(text);
  }
  return false;
}

// Goes back to the last run only: that is enough, since a run takes as little as it can.
bool LikePattern::matches_general(std::string_view text) const {
  size_t at = 0;
  size_t token = 0;
  size_t run = tokens_.size();
  size_t run_at = 0;
  while (at < text.size()) {
    if (token < tokens_.size() && tokens_[token].kind == Kind::kRun) {
      run = token++;
      run_at = at;
    } else if (token < tokens_.size() && tokens_[token].kind == Kind::kOne) {
      ++token;
      ++at;
      while (at < text.size() && (static_cast<uint8_t>(text[at]) & 0xC0) == 0x80) ++at;
    } else if (token < tokens_.size() && tokens_[token].byte == text[at]) {
      ++token;
      ++at;
    } else if (run < tokens_.size()) {
      token = run + 1;
      ++run_at;
      while (run_at < text.size() && (static_cast<uint8_t>(text[run_at]) & 0xC0) == 0x80) ++run_at;
      at = run_at;
    } else {
      return false;
    }
  }
  while (token < tokens_.size() && tokens_[token].kind == Kind::kRun) ++token;
  return token == tokens_.size();
}

std::string similar_to_regex(std::string_view pattern, std::string_view escape) {
  std::string regex = "^(?s:";
  bool in_class = false;
  for (size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    if (!escape.empty() && c == escape[0] && i + 1 < pattern.size()) {
      regex += '\\';
      regex += pattern[++i];
    } else if (in_class) {
      in_class = c != ']';
      regex += c;
    } else if (c == '%') {
      regex += ".*";
    } else if (c == '_') {
      regex += '.';
    } else if (c == '[') {
      in_class = true;
      regex += c;
    } else if (c == '$' || c == '\\') {  // '.' and '^' keep their regular-expression meaning, as in Flink
      regex += '\\';
      regex += c;
    } else {
      regex += c;
    }
  }
  return regex + ")\\z";
}

}  // namespace raudal::expr
