// Regular expressions with Java's syntax as far as PCRE2 shares it, with limits on steps and memory. One Regex belongs
// to one call site of one thread: it keeps the groups of its last match.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace raudal::expr {

// A compiled pattern.
class Regex {
 public:
  static Result<std::shared_ptr<Regex>> compile(std::string_view pattern);  // kExpression where it is malformed
  ~Regex();

  // Searches from a byte offset; kExpression when the limits are met.
  Result<bool> find(std::string_view text, size_t offset = 0);
  // Group 0 is the whole match. A view without data: the group took no part, or there is none.
  std::string_view group(size_t index) const;
  size_t num_groups() const;
  const std::string& pattern() const { return pattern_; }

 private:
  Regex() = default;

  std::string pattern_;
  void* code_ = nullptr;     // pcre2_code
  void* match_ = nullptr;    // pcre2_match_data
  void* context_ = nullptr;  // pcre2_match_context
  std::string_view text_;
  int num_found_ = 0;
};

}  // namespace raudal::expr
