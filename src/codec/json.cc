#include "codec/json.h"

#include <cmath>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/stream_parser.hpp>
#include <fmt/core.h>

namespace raudal::codec {
namespace {

namespace bj = boost::json;

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\b': out += "\\b"; break;
      case '\f': out += "\\f"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          out += fmt::format("\\u{:04x}", static_cast<int>(c));
        } else {
          out += c;
        }
    }
  }
  out += '"';
}

// One pass over the value; pretty texts know their depth.
class JsonWriter {
 public:
  explicit JsonWriter(bool pretty) : pretty_(pretty) {}

  std::string take() && { return std::move(out_); }

  void write(const Json& value) {
    switch (value.kind()) {
      case bj::kind::null: out_ += "null"; break;
      case bj::kind::bool_: out_ += value.get_bool() ? "true" : "false"; break;
      case bj::kind::int64: out_ += fmt::format("{}", value.get_int64()); break;
      case bj::kind::uint64: out_ += fmt::format("{}", value.get_uint64()); break;
      case bj::kind::double_: write_double(value.get_double()); break;
      case bj::kind::string: append_quoted(out_, value.get_string()); break;
      case bj::kind::array: write_array(value.get_array()); break;
      case bj::kind::object: write_object(value.get_object()); break;
    }
  }

 private:
  void write_double(double value) {
    if (!std::isfinite(value)) {
      out_ += "null";
      return;
    }
    const std::string text = fmt::format("{}", value);
    out_ += text;
    if (text.find_first_of(".e") == std::string::npos) out_ += ".0";
  }

  void write_array(const JsonArray& array) {
    open('[');
    bool first = true;
    for (const Json& item : array) {
      separate(first);
      write(item);
    }
    close(']', first);
  }

  void write_object(const JsonObject& object) {
    open('{');
    bool first = true;
    for (const auto& member : object) {
      separate(first);
      append_quoted(out_, member.key());
      out_ += pretty_ ? ": " : ":";
      write(member.value());
    }
    close('}', first);
  }

  void open(char bracket) {
    out_ += bracket;
    ++depth_;
  }

  void separate(bool& first) {
    if (!first) out_ += ',';
    first = false;
    if (pretty_) new_line();
  }

  void close(char bracket, bool empty) {
    --depth_;
    if (pretty_ && !empty) new_line();
    out_ += bracket;
  }

  void new_line() {
    out_ += '\n';
    out_.append(static_cast<size_t>(depth_) * 2, ' ');
  }

  const bool pretty_;
  int depth_ = 0;
  std::string out_;
};

Error missing(std::string_view key, std::string_view type) {
  return Error(ErrorCode::kSerialization, fmt::format("Member is missing or not {}: {}", type, key));
}

}  // namespace

Result<Json> parse_json(std::string_view text, const JsonLimits& limits) {
  if (text.size() > limits.bytes_max) {
    return Error(ErrorCode::kRequestTooLarge,
                 fmt::format("JSON text is longer than {} bytes: {}", limits.bytes_max, text.size()));
  }
  bj::parse_options options;
  options.max_depth = static_cast<size_t>(limits.depth_max);
  bj::stream_parser parser({}, options);
  boost::system::error_code error;
  size_t position = parser.write_some(text.data(), text.size(), error);
  if (!error && position < text.size()) error = bj::error::extra_data;
  if (!error) parser.finish(error);
  if (error) {
    return Error(ErrorCode::kSerialization,
                 fmt::format("Malformed JSON, {} at byte {}", error.message(), position));
  }
  return parser.release();
}

Result<JsonObject> parse_json_object(std::string_view text, const JsonLimits& limits) {
  Json value = TRY(parse_json(text, limits));
  if (!value.is_object()) return Error(ErrorCode::kSerialization, "Malformed JSON, not an object at byte 0");
  return std::move(value.get_object());
}

std::string write_json(const Json& value) {
  JsonWriter writer(false);
  writer.write(value);
  return std::move(writer).take();
}

std::string write_json_pretty(const Json& value) {
  JsonWriter writer(true);
  writer.write(value);
  return std::move(writer).take();
}

std::string json_quote(std::string_view text) {
  std::string out;
  append_quoted(out, text);
  return out;
}

std::optional<std::string_view> find_string(const JsonObject& object, std::string_view key) {
  const Json* value = object.if_contains(key);
  if (!value || !value->is_string()) return std::nullopt;
  return std::string_view(value->get_string());
}

std::optional<int64_t> find_int(const JsonObject& object, std::string_view key) {
  const Json* value = object.if_contains(key);
  if (!value || !value->is_int64()) return std::nullopt;
  return value->get_int64();
}

std::optional<double> find_double(const JsonObject& object, std::string_view key) {
  const Json* value = object.if_contains(key);
  if (!value) return std::nullopt;
  if (value->is_double()) return value->get_double();
  if (value->is_int64()) return static_cast<double>(value->get_int64());
  if (value->is_uint64()) return static_cast<double>(value->get_uint64());
  return std::nullopt;
}

std::optional<bool> find_bool(const JsonObject& object, std::string_view key) {
  const Json* value = object.if_contains(key);
  if (!value || !value->is_bool()) return std::nullopt;
  return value->get_bool();
}

const JsonObject* find_object(const JsonObject& object, std::string_view key) {
  const Json* value = object.if_contains(key);
  return value ? value->if_object() : nullptr;
}

const JsonArray* find_array(const JsonObject& object, std::string_view key) {
  const Json* value = object.if_contains(key);
  return value ? value->if_array() : nullptr;
}

Result<std::string> require_string(const JsonObject& object, std::string_view key) {
  if (const auto value = find_string(object, key)) return std::string(*value);
  return missing(key, "a string");
}

Result<int64_t> require_int(const JsonObject& object, std::string_view key) {
  if (const auto value = find_int(object, key)) return *value;
  return missing(key, "an integer");
}

Result<bool> require_bool(const JsonObject& object, std::string_view key) {
  if (const auto value = find_bool(object, key)) return *value;
  return missing(key, "a boolean");
}

Result<const JsonObject*> require_object(const JsonObject& object, std::string_view key) {
  if (const JsonObject* value = find_object(object, key)) return value;
  return missing(key, "an object");
}

Result<const JsonArray*> require_array(const JsonObject& object, std::string_view key) {
  if (const JsonArray* value = find_array(object, key)) return value;
  return missing(key, "an array");
}

}  // namespace raudal::codec
