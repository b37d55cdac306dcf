#include "codec/cbor.h"

#include <vector>

#include <cbor.h>
#include <fmt/core.h>
#include <boost/json.hpp>

namespace raudal::codec {
namespace {

constexpr uint64_t kOpen = ~uint64_t{0};  // a collection that ends with a break
constexpr size_t kItemBytesMax = 9;

// Builds the value from the decoder's events.
class Builder {
 public:
  explicit Builder(int depth_max) : depth_max_(depth_max) {}

  bool failed() const { return failed_; }
  bool done() const { return done_; }
  Json take() { return std::move(root_); }

  void scalar(Json value) {
    if (text_is_open_) return fail();
    put(std::move(value));
  }

  void string(std::string_view bytes) {
    if (text_is_open_) {
      text_ += bytes;
    } else {
      put(Json(boost::json::string_view(bytes.data(), bytes.size())));
    }
  }

  void begin_open_string() {
    if (text_is_open_) return fail();
    text_is_open_ = true;
    text_.clear();
  }

  void begin(bool is_map, uint64_t size) {
    if (text_is_open_ || static_cast<int>(levels_.size()) >= depth_max_) return fail();
    levels_.push_back({.value = is_map ? Json(JsonObject()) : Json(JsonArray()), .left = size});
    if (size == 0) end();
  }

  void break_() {
    if (text_is_open_) {
      text_is_open_ = false;
      put(Json(boost::json::string_view(text_)));
    } else if (levels_.empty() || levels_.back().left != kOpen || levels_.back().has_key) {
      fail();
    } else {
      end();
    }
  }

 private:
  struct Level {
    Json value;
    uint64_t left = 0;  // items of an array, pairs of a map
    bool has_key = false;
    std::string key;
  };

  void fail() { failed_ = true; }

  void end() {
    Json value = std::move(levels_.back().value);
    levels_.pop_back();
    put(std::move(value));
  }

  void put(Json value) {
    if (done_) return fail();
    if (levels_.empty()) {
      root_ = std::move(value);
      done_ = true;
      return;
    }
    Level& level = levels_.back();
    if (level.value.is_object() && !level.has_key) {
      if (!value.is_string()) return fail();
      level.key = std::string(value.get_string());
      level.has_key = true;
      return;
    }
    if (level.value.is_object()) {
      level.value.get_object().insert_or_assign(level.key, std::move(value));
      level.has_key = false;
    } else {
      level.value.get_array().push_back(std::move(value));
    }
    if (level.left != kOpen && --level.left == 0) end();
  }

  const int depth_max_;
  std::vector<Level> levels_;
  Json root_;
  bool done_ = false;
  bool failed_ = false;
  bool text_is_open_ = false;
  std::string text_;
};

Builder& builder(void* context) { return *static_cast<Builder*>(context); }

// As the JSON parser does it: signed where that is wide enough.
template <class Number>
void on_uint(void* context, Number value) {
  const uint64_t wide = value;
  builder(context).scalar(wide <= INT64_MAX ? Json(static_cast<int64_t>(wide)) : Json(wide));
}

// A negative number is given as -1 - value.
template <class Number>
void on_negative(void* context, Number value) {
  builder(context).scalar(Json(-1 - static_cast<int64_t>(value)));
}

void on_string(void* context, cbor_data bytes, size_t size) {
  builder(context).string(std::string_view(reinterpret_cast<const char*>(bytes), size));
}

template <class Number>
void on_float(void* context, Number value) {
  builder(context).scalar(Json(static_cast<double>(value)));
}

cbor_callbacks callbacks() {
  cbor_callbacks calls = cbor_empty_callbacks;
  calls.uint8 = on_uint<uint8_t>;
  calls.uint16 = on_uint<uint16_t>;
  calls.uint32 = on_uint<uint32_t>;
  calls.uint64 = on_uint<uint64_t>;
  calls.negint8 = on_negative<uint8_t>;
  calls.negint16 = on_negative<uint16_t>;
  calls.negint32 = on_negative<uint32_t>;
  calls.negint64 = on_negative<uint64_t>;
  calls.byte_string = on_string;
  calls.string = on_string;
  calls.byte_string_start = [](void* context) { builder(context).begin_open_string(); };
  calls.string_start = [](void* context) { builder(context).begin_open_string(); };
  calls.array_start = [](void* context, size_t size) { builder(context).begin(false, size); };
  calls.indef_array_start = [](void* context) { builder(context).begin(false, kOpen); };
  calls.map_start = [](void* context, size_t size) { builder(context).begin(true, size); };
  calls.indef_map_start = [](void* context) { builder(context).begin(true, kOpen); };
  calls.float2 = on_float<float>;
  calls.float4 = on_float<float>;
  calls.float8 = on_float<double>;
  calls.undefined = [](void* context) { builder(context).scalar(Json()); };
  calls.null = [](void* context) { builder(context).scalar(Json()); };
  calls.boolean = [](void* context, bool value) { builder(context).scalar(Json(value)); };
  calls.indef_break = [](void* context) { builder(context).break_(); };
  return calls;
}

// Encoders fill a buffer that is long enough for any head.
template <class Encoder, class... Arguments>
void append(std::string& out, Encoder encoder, Arguments... arguments) {
  unsigned char head[kItemBytesMax];
  const size_t size = encoder(arguments..., head, sizeof(head));
  out.append(reinterpret_cast<const char*>(head), size);
}

}  // namespace

Result<JsonObject> parse_cbor_object(std::string_view bytes, const JsonLimits& limits) {
  static const cbor_callbacks kCallbacks = callbacks();
  if (bytes.size() > limits.bytes_max) {
    return Error(ErrorCode::kSerialization, fmt::format("CBOR is longer than {} bytes", limits.bytes_max));
  }
  Builder built(limits.depth_max);
  size_t position = 0;
  while (!built.done()) {
    const auto decoded = cbor_stream_decode(reinterpret_cast<cbor_data>(bytes.data() + position),
                                            bytes.size() - position, &kCallbacks, &built);
    if (decoded.status != CBOR_DECODER_FINISHED || built.failed()) {
      return Error(ErrorCode::kSerialization, fmt::format("Malformed CBOR at byte {}", position));
    }
    position += decoded.read;
  }
  Json value = built.take();
  if (!value.is_object()) return Error(ErrorCode::kSerialization, "CBOR is not a map");
  return std::move(value.get_object());
}

void cbor_begin_map(std::string& out) { append(out, cbor_encode_indef_map_start); }
void cbor_begin_array(std::string& out) { append(out, cbor_encode_indef_array_start); }
void cbor_end(std::string& out) { append(out, cbor_encode_break); }

void cbor_text(std::string& out, std::string_view text) {
  append(out, cbor_encode_string_start, text.size());
  out += text;
}

void cbor_bytes(std::string& out, std::string_view bytes) {
  append(out, cbor_encode_bytestring_start, bytes.size());
  out += bytes;
}

void cbor_int(std::string& out, int64_t value) {
  if (value >= 0) {
    append(out, cbor_encode_uint, static_cast<uint64_t>(value));
  } else {
    append(out, cbor_encode_negint, static_cast<uint64_t>(-1 - value));
  }
}

void cbor_bool(std::string& out, bool value) { append(out, cbor_encode_bool, value); }
void cbor_null(std::string& out) { append(out, cbor_encode_null); }

void cbor_timestamp_ms(std::string& out, int64_t time_ms) {
  append(out, cbor_encode_tag, uint64_t{1});
  cbor_int(out, time_ms);
}

}  // namespace raudal::codec
