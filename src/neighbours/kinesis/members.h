// The members of a request, checked as AWS's model checks them, whether they came as JSON or as CBOR: in JSON a blob
// is base64 and a time is in seconds, in CBOR a blob is bytes and a time is in milliseconds.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "codec/json.h"
#include "neighbours/kinesis/stream.h"

namespace raudal::neighbours::kinesis {

// What a text must be like.
struct TextRule {
  size_t size_min = 1;
  size_t size_max = 128;
  bool is_name = false;  // of [a-zA-Z0-9_.-]+
};

inline constexpr TextRule kName{.is_name = true};
inline constexpr TextRule kArn{.size_max = 2048};

// A view of one object of a request. ValidationException for what breaks a rule, SerializationException for a member
// of the wrong type.
class Members {
 public:
  Members(const codec::JsonObject& object, bool is_cbor) : object_(object), is_cbor_(is_cbor) {}

  bool has(std::string_view name) const;
  AwsResult<std::optional<std::string>> text(std::string_view name, const TextRule& rule) const;
  AwsResult<std::string> required_text(std::string_view name, const TextRule& rule) const;
  // One of these values.
  AwsResult<std::string> required_choice(std::string_view name, std::initializer_list<std::string_view> values) const;
  AwsResult<std::optional<int64_t>> number(std::string_view name, int64_t min, int64_t max) const;
  AwsResult<int64_t> required_number(std::string_view name, int64_t min, int64_t max) const;
  AwsResult<std::optional<bool>> boolean(std::string_view name) const;
  AwsResult<std::optional<int64_t>> timestamp_ms(std::string_view name) const;
  AwsResult<std::string> required_blob(std::string_view name) const;
  AwsResult<std::optional<Members>> object(std::string_view name) const;
  AwsResult<std::vector<Members>> required_objects(std::string_view name, size_t size_max) const;
  AwsResult<std::vector<std::string>> required_texts(std::string_view name, size_t size_max) const;
  AwsResult<Tags> tags(std::string_view name) const;

 private:
  const codec::Json* find(std::string_view name) const;

  const codec::JsonObject& object_;
  bool is_cbor_;
};

}  // namespace raudal::neighbours::kinesis
