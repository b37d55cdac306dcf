// The model's regular expressions, matched against the whole text ("a\n" does not match "a").
#pragma once

#include <string_view>

namespace raudal::api {

// Patterns come from the model alone: a malformed one is a bug. Compiled once per thread and pattern. Text that
// exhausts the matcher's limits does not match.
bool matches_whole(std::string_view pattern, std::string_view text);

}  // namespace raudal::api
