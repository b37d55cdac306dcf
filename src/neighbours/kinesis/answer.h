// An answer as it is written, member by member, in JSON or CBOR: no tree of it is built, since GetRecords answers
// megabytes. Used by all operations.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace raudal::neighbours::kinesis {

class Answer {
 public:
  explicit Answer(bool is_cbor) : is_cbor_(is_cbor) {}

  bool is_cbor() const { return is_cbor_; }
  bool empty() const { return out_.empty(); }
  std::string take() { return std::move(out_); }

  // An object is a value of an array or the whole answer; with a name it is a member. The same holds for arrays.
  Answer& begin_object(std::string_view name = {});
  Answer& end_object();
  Answer& begin_array(std::string_view name = {});
  Answer& end_array();

  Answer& text(std::string_view name, std::string_view value);
  Answer& number(std::string_view name, int64_t value);
  Answer& boolean(std::string_view name, bool value);
  Answer& null(std::string_view name);
  Answer& blob(std::string_view name, std::string_view bytes);
  Answer& timestamp_ms(std::string_view name, int64_t time_ms);
  // An item of an array.
  Answer& item(std::string_view value);

 private:
  void key(std::string_view name);

  const bool is_cbor_;
  bool needs_comma_ = false;
  std::string out_;
};

}  // namespace raudal::neighbours::kinesis
