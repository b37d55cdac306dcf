#include "net/http_head.h"

#include <ctime>

namespace raudal::net {

std::string http_date() {
  const time_t now = ::time(nullptr);
  tm parts;
  ::gmtime_r(&now, &parts);
  char text[64];
  const size_t n = ::strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return std::string(text, n);
}

std::string one_line(std::string_view value) {
  std::string out(value);
  for (char& c : out) {
    if (c == '\r' || c == '\n' || c == '\0') c = ' ';
  }
  return out;
}

bool has_response_body(std::string_view method, int status) {
  return method != "HEAD" && status != 204 && status != 304 && status >= 200;
}

}  // namespace raudal::net
