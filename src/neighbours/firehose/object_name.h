// The keys of delivered objects: a prefix with the time in it, then the stream's name, its version, the time and a
// random part. Prefixes may hold the expressions of Firehose: !{timestamp:yyyy/MM} and !{firehose:random-string}.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace raudal::neighbours::firehose {

// What a name is made of.
struct ObjectNameParts {
  std::string_view prefix;
  std::string_view stream;
  int64_t version = 1;
  int64_t arrived_ms = 0;      // of the oldest record in the object
  std::string_view extension;  // ".gz"; may be empty
};

// kInvalidArgument for an expression that is not known or not closed.
Status check_prefix(std::string_view prefix);
// A new name each time. The prefix must have been checked.
std::string object_name(const ObjectNameParts& parts);

}  // namespace raudal::neighbours::firehose
