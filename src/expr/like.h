// LIKE patterns: % is any run of characters, _ one character, an escape makes either literal. The usual shapes (equal,
// prefix, suffix, contains) are plain comparisons.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace raudal::expr {

// A compiled pattern.
class LikePattern {
 public:
  // `escape` is empty or one character; kExpression where the pattern uses it wrongly.
  static Result<std::shared_ptr<LikePattern>> compile(std::string_view pattern, std::string_view escape);
  bool matches(std::string_view text) const;

 private:
  enum class Shape { kAny, kEqual, kPrefix, kSuffix, kContains, kGeneral };
  enum class Kind : uint8_t { kByte, kOne, kRun };
  struct Token {
    Kind kind;
    char byte;
  };

  bool matches_general(std::string_view text) const;

  Shape shape_ = Shape::kGeneral;
  std::string literal_;
  std::vector<Token> tokens_;
};

// The regular expression of a SIMILAR TO pattern, anchored at both ends.
std::string similar_to_regex(std::string_view pattern, std::string_view escape);

}  // namespace raudal::expr
