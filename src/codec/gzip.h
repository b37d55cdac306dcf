// The gzip format (RFC 1952), for objects that are delivered compressed.
#pragma once

#include <string>
#include <string_view>

namespace raudal::codec {

// The same bytes give the same result.
std::string gzip(std::string_view bytes);

}  // namespace raudal::codec
