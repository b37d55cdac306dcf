// What the heads of all answers share, in HTTP/1.1 and HTTP/2.
#pragma once

#include <string>
#include <string_view>

namespace raudal::net {

// The value of a Date header: now.
std::string http_date();
// A header's value without line ends, so that it cannot begin a header of its own.
std::string one_line(std::string_view value);
// Whether an answer to this method with this status has a body.
bool has_response_body(std::string_view method, int status);

}  // namespace raudal::net
