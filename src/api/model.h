// The shapes and operations of kinesisanalyticsv2, as data: what each request may hold and within which limits. Read
// once from the table kinesisanalyticsv2.inc; used by api/validate.h and by the control plane's table of actions.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

namespace raudal::api {

struct Shape;

struct Member {
  std::string_view name;
  bool required = false;
  const Shape* shape = nullptr;
};

enum class ShapeKind { kString, kEnum, kInteger, kLong, kBoolean, kTimestamp, kBlob, kList, kMap, kStructure };

// One shape of the model; which fields have a meaning depends on its kind.
struct Shape {
  ShapeKind kind = ShapeKind::kString;
  std::string_view name;
  std::optional<int64_t> min;  // of a value, or of a length: characters, bytes or items
  std::optional<int64_t> max;
  std::string_view pattern;              // strings: PCRE, of the whole text; empty: any
  std::vector<std::string_view> values;  // enums
  std::vector<Member> members;           // structures, in the model's order
  const Shape* item = nullptr;           // lists, and the values of maps
  const Shape* key = nullptr;            // maps
};

// One action of the service: what it takes, what it answers and how it may fail.
struct Operation {
  std::string_view name;
  const Shape* input = nullptr;
  const Shape* output = nullptr;
  std::vector<std::string_view> errors;  // AWS names that the operation declares
};

// The whole model. Immutable; pointers into it stay valid.
class Model {
 public:
  // Parses the table's text, which must outlive the model. A malformed table is a bug and stops the process.
  explicit Model(std::string_view table);
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;

  const Shape* find_shape(std::string_view name) const;          // null: absent
  const Operation* find_operation(std::string_view name) const;  // null: absent
  const std::map<std::string_view, Operation>& operations() const { return operations_; }

 private:
  Shape* shape(std::string_view name);

  std::map<std::string_view, Shape> shapes_;
  std::map<std::string_view, Operation> operations_;
};

// kinesisanalyticsv2 with its 41 operations.
const Model& service_model();

}  // namespace raudal::api
