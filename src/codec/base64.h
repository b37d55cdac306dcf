// Base64 with the standard alphabet and padding (RFC 4648 §4), as AWS puts binary members into JSON and headers.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace raudal::codec {

std::string base64_encode(std::string_view bytes);
// kSerialization for any other letter, a wrong length or wrong padding.
Result<std::string> base64_decode(std::string_view text);

}  // namespace raudal::codec
