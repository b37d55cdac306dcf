// ${group:key} in SQL text: runtime properties put in before parsing, with a map back to the text as written.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sql/position.h"
#include "sql/session.h"

namespace raudal::sql {

// A text after replacement. Positions in it can be told in the original.
class ReplacedText {
 public:
  const std::string& text() const { return text_; }
  // Where a place of the new text stood in the original; within a replaced value: where its ${ stood.
  Position original(Position replaced) const;

 private:
  friend ReplacedText replace_properties(std::string_view script, const PropertyGroups& properties);

  // From `replaced` on, text stands as in the original from `original` on; `frozen`: it came from a property.
  struct Stretch {
    Position replaced;
    Position original;
    bool frozen;
  };
  std::string text_;
  std::vector<Stretch> stretches_;
};

// Replaces ${group:key} and ${group:key:default} everywhere, in literals and comments too; other uses of ${ stay.
// Throws SqlError with the place for a property that is not there.
ReplacedText replace_properties(std::string_view script, const PropertyGroups& properties);

}  // namespace raudal::sql
