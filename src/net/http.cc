#include "net/http.h"

#include <algorithm>
#include <cstring>

#include <fmt/core.h>

#include "base/str.h"

namespace raudal::net {
namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_unreserved(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
         c == '.' || c == '~';
}

Error bad_target(std::string_view target) {
  return Error(ErrorCode::kInvalidRequest, "Request target is malformed: " + std::string(target.substr(0, 200)));
}

}  // namespace

void HttpHeaders::set(std::string_view name, std::string value) {
  remove(name);
  fields_.emplace_back(std::string(name), std::move(value));
}

void HttpHeaders::remove(std::string_view name) {
  std::erase_if(fields_, [&](const Field& field) { return equals_ignore_case(field.first, name); });
}

std::string_view HttpHeaders::get(std::string_view name) const {
  const std::string* value = find(name);
  return value ? std::string_view(*value) : std::string_view();
}

const std::string* HttpHeaders::find(std::string_view name) const {
  for (const Field& field : fields_) {
    if (equals_ignore_case(field.first, name)) return &field.second;
  }
  return nullptr;
}

Result<size_t> StringBodyReader::read(std::span<char> buffer) {
  const size_t n = std::min(buffer.size(), bytes_.size() - position_);
  std::memcpy(buffer.data(), bytes_.data() + position_, n);
  position_ += n;
  return n;
}

Result<std::string> read_all(BodyReader& body, size_t bytes_max) {
  std::string bytes;
  std::string buffer(32 << 10, '\0');
  while (true) {
    const size_t n = TRY(body.read(buffer));
    if (n == 0) return bytes;
    if (bytes.size() + n > bytes_max) {
      return Error(ErrorCode::kRequestTooLarge, fmt::format("Body is longer than {} bytes", bytes_max));
    }
    bytes.append(buffer, 0, n);
  }
}

bool HttpRequest::has_query(std::string_view name) const {
  return std::ranges::any_of(query, [&](const auto& pair) { return pair.first == name; });
}

std::string_view HttpRequest::query_value(std::string_view name) const {
  for (const auto& [key, value] : query) {
    if (key == name) return value;
  }
  return {};
}

std::optional<std::string> percent_decode(std::string_view text, bool plus_is_blank) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_blank) {
      out += ' ';
    } else if (text[i] == '%') {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = hex_value(text[i + 1]);
      const int low = hex_value(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      out += static_cast<char>(high << 4 | low);
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::string percent_encode(std::string_view text, bool keep_slash) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (is_unreserved(c) || (c == '/' && keep_slash)) {
      out += c;
    } else {
      out += '%';
      out += kDigits[static_cast<uint8_t>(c) >> 4];
      out += kDigits[static_cast<uint8_t>(c) & 15];
    }
  }
  return out;
}

Status split_target(HttpRequest& request) {
  std::string_view target = request.target;
  // A proxy's form, "http://host/path", names the same resource.
  if (target.starts_with("http://") || target.starts_with("https://")) {
    const size_t slash = target.find('/', target.find("//") + 2);
    target = slash == std::string_view::npos ? std::string_view("/") : target.substr(slash);
  }
  if (target.empty() || (target[0] != '/' && target != "*")) return bad_target(target);
  const size_t question = target.find('?');
  request.raw_path = std::string(target.substr(0, question));
  const auto path = percent_decode(request.raw_path);
  if (!path) return bad_target(target);
  request.path = *path;
  request.query.clear();
  if (question == std::string_view::npos) return {};
  for (const std::string& part : split(target.substr(question + 1), '&')) {
    if (part.empty()) continue;
    const size_t equals = part.find('=');
    const auto name = percent_decode(std::string_view(part).substr(0, equals), true);
    const auto value = percent_decode(equals == std::string::npos ? "" : part.substr(equals + 1), true);
    if (!name || !value) return bad_target(target);
    request.query.emplace_back(*name, *value);
  }
  return {};
}

std::string_view http_reason(int status) {
  switch (status) {
    case 100: return "Continue";
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 206: return "Partial Content";
    case 301: return "Moved Permanently";
    case 304: return "Not Modified";
    case 307: return "Temporary Redirect";
    case 400: return "Bad Request";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 411: return "Length Required";
    case 412: return "Precondition Failed";
    case 413: return "Content Too Large";
    case 416: return "Range Not Satisfiable";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    default: return status < 400 ? "OK" : "Error";
  }
}

Status ResponseWriter::send(int status, const HttpHeaders& headers, std::string_view body) {
  TRY(begin(status, headers, static_cast<int64_t>(body.size())));
  if (!body.empty()) TRY(write(body));
  return finish();
}

Status ResponseWriter::send_json(int status, std::string_view body) {
  return send(status, {{"Content-Type", "application/json"}}, body);
}

Status ResponseWriter::send_file(int status, const HttpHeaders& headers, File& file, int64_t offset, int64_t length) {
  TRY(begin(status, headers, length));
  std::string buffer(static_cast<size_t>(std::min<int64_t>(length, 256 << 10)), '\0');
  while (length > 0) {
    const size_t wanted = static_cast<size_t>(std::min<int64_t>(length, static_cast<int64_t>(buffer.size())));
    const size_t n = TRY(file.read_at(offset, std::span(buffer.data(), wanted)));
    if (n == 0) return Error(ErrorCode::kCorrupt, fmt::format("File ends {} bytes early", length));
    TRY(write(std::string_view(buffer.data(), n)));
    offset += static_cast<int64_t>(n);
    length -= static_cast<int64_t>(n);
  }
  return finish();
}

}  // namespace raudal::net
