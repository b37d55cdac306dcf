#include "expr/in_set.h"

#include <bit>

namespace raudal::expr {
namespace {

constexpr size_t kLinearMax = 8;

// A value of up to 8 bytes as an integer that equals another's exactly where the values are equal.
int64_t integer_at(const Column& column, size_t row) {
  switch (column.type.storage()) {
    case Storage::kInt8: return column.data<int8_t>()[row];
    case Storage::kInt16: return column.data<int16_t>()[row];
    case Storage::kInt32: return column.data<int32_t>()[row];
    case Storage::kFloat: return std::bit_cast<int64_t>(static_cast<double>(column.data<float>()[row]) + 0.0);
    case Storage::kDouble: return std::bit_cast<int64_t>(column.data<double>()[row] + 0.0);
    default: return column.data<int64_t>()[row];
  }
}

bool is_wide(const Type& type) { return type.storage() == Storage::kInt128; }

}  // namespace

InSet::InSet(const std::vector<Column>& values) {
  for (const Column& value : values) {
    if (!value.is_valid(0) || value.type.kind() == TypeKind::kNull)
      has_null_ = true;
    else
      values_.push_back(value);
  }
  for (const Column& value : values_) {
    if (value.type.storage() == Storage::kString)
      strings_.insert(value.string(0));
    else if (!is_wide(value.type))
      integers_.push_back(integer_at(value, 0));
  }
  if (integers_.size() > kLinearMax) integer_set_.insert(integers_.begin(), integers_.end());
}

void InSet::find(const Column& column, uint8_t* found) const {
  std::memset(found, 0, column.size);
  if (values_.empty()) return;
  if (column.type.storage() == Storage::kString) {
    for (size_t row = 0; row < column.size; ++row) found[row] = strings_.contains(column.string(row)) ? 1 : 0;
  } else if (is_wide(column.type)) {
    for (const Column& value : values_) {
      const __int128 wanted = value.data<__int128>()[0];
      for (size_t row = 0; row < column.size; ++row) found[row] |= column.data<__int128>()[row] == wanted ? 1 : 0;
    }
  } else if (!integer_set_.empty()) {
    for (size_t row = 0; row < column.size; ++row) found[row] = integer_set_.contains(integer_at(column, row)) ? 1 : 0;
  } else {
    for (const int64_t wanted : integers_) {
      if (column.type.storage() == Storage::kInt64) {
        const int64_t* data = column.data<int64_t>();
        for (size_t row = 0; row < column.size; ++row) found[row] |= data[row] == wanted ? 1 : 0;
      } else {
        for (size_t row = 0; row < column.size; ++row) found[row] |= integer_at(column, row) == wanted ? 1 : 0;
      }
    }
  }
}

Result<Column> InSet::contains(const Column& column, const Type& result_type) const {
  if (column.type.kind() == TypeKind::kNull) return null_column(result_type, 1);
  Column result = new_column(result_type, column.size);
  uint8_t* found = result.values->as<uint8_t>();
  find(column, found);
  if (!has_null_) {
    result.validity = column.validity;
    return result;
  }
  result.validity = Buffer::allocate(column.size);
  uint8_t* valid = result.validity->as<uint8_t>();
  for (size_t row = 0; row < column.size; ++row) valid[row] = found[row] != 0 && column.is_valid(row) ? 1 : 0;
  return result;
}

}  // namespace raudal::expr
