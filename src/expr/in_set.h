// The literals of an IN, prepared for fast look-up. The evaluator makes one per IN at the first batch.
#pragma once

#include <unordered_set>

#include "expr/kernel.h"

namespace raudal::expr {

// A set of constants of one type. NULL among them makes every miss unknown.
class InSet {
 public:
  explicit InSet(const std::vector<Column>& values);
  // Three-valued: TRUE where the row is in the set, else NULL where it or a literal is NULL, else FALSE.
  Result<Column> contains(const Column& column, const Type& result) const;

 private:
  void find(const Column& column, uint8_t* found) const;

  bool has_null_ = false;
  std::vector<Column> values_;               // not NULL
  std::vector<int64_t> integers_;            // storages up to 8 bytes, doubles by their bits
  std::unordered_set<int64_t> integer_set_;  // where there are many
  std::unordered_set<std::string_view> strings_;
};

}  // namespace raudal::expr
