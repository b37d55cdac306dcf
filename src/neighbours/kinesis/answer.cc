#include "neighbours/kinesis/answer.h"

#include <fmt/core.h>

#include "codec/base64.h"
#include "codec/cbor.h"
#include "codec/json.h"

namespace raudal::neighbours::kinesis {

void Answer::key(std::string_view name) {
  if (!is_cbor_) {
    if (needs_comma_) out_ += ',';
    needs_comma_ = true;
  }
  if (name.empty()) return;
  if (is_cbor_) return codec::cbor_text(out_, name);
  out_ += '"';
  out_ += name;
  out_ += "\":";
}

Answer& Answer::begin_object(std::string_view name) {
  key(name);
  is_cbor_ ? codec::cbor_begin_map(out_) : void(out_ += '{');
  needs_comma_ = false;
  return *this;
}

Answer& Answer::end_object() {
  is_cbor_ ? codec::cbor_end(out_) : void(out_ += '}');
  needs_comma_ = true;
  return *this;
}

Answer& Answer::begin_array(std::string_view name) {
  key(name);
  is_cbor_ ? codec::cbor_begin_array(out_) : void(out_ += '[');
  needs_comma_ = false;
  return *this;
}

Answer& Answer::end_array() {
  is_cbor_ ? codec::cbor_end(out_) : void(out_ += ']');
  needs_comma_ = true;
  return *this;
}

Answer& Answer::text(std::string_view name, std::string_view value) {
  key(name);
  is_cbor_ ? codec::cbor_text(out_, value) : void(out_ += codec::json_quote(value));
  return *this;
}

Answer& Answer::item(std::string_view value) { return text({}, value); }

Answer& Answer::number(std::string_view name, int64_t value) {
  key(name);
  is_cbor_ ? codec::cbor_int(out_, value) : void(out_ += std::to_string(value));
  return *this;
}

Answer& Answer::boolean(std::string_view name, bool value) {
  key(name);
  is_cbor_ ? codec::cbor_bool(out_, value) : void(out_ += value ? "true" : "false");
  return *this;
}

Answer& Answer::null(std::string_view name) {
  key(name);
  is_cbor_ ? codec::cbor_null(out_) : void(out_ += "null");
  return *this;
}

Answer& Answer::blob(std::string_view name, std::string_view bytes) {
  key(name);
  if (is_cbor_) {
    codec::cbor_bytes(out_, bytes);
  } else {
    out_ += '"';
    out_ += codec::base64_encode(bytes);
    out_ += '"';
  }
  return *this;
}

Answer& Answer::timestamp_ms(std::string_view name, int64_t time_ms) {
  key(name);
  is_cbor_ ? codec::cbor_timestamp_ms(out_, time_ms)
           : void(out_ += fmt::format("{}.{:03}", time_ms / 1000, time_ms % 1000));
  return *this;
}

}  // namespace raudal::neighbours::kinesis
