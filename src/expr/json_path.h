// SQL/JSON paths as the JSON functions take them: $.a.b[1], $['a'], $[*], $.*, behind an optional lax or strict.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "codec/json.h"

namespace raudal::expr {

// A compiled path.
class JsonPath {
 public:
  static Result<JsonPath> compile(std::string_view text);  // kExpression where it is malformed
  bool strict() const { return strict_; }
  // The values that the path leads to.
  std::vector<const codec::Json*> find(const codec::Json& root) const;

 private:
  struct Step {
    enum class Kind { kMember, kElement, kAnyMember, kAnyElement } kind;
    std::string name;
    size_t index = 0;
  };

  void follow(const codec::Json& value, size_t step, std::vector<const codec::Json*>* found) const;

  bool strict_ = false;
  std::vector<Step> steps_;
};

}  // namespace raudal::expr
