#include "expr/kernel.h"

#include <fmt/core.h>

#include "base/check.h"

namespace raudal::expr {
namespace {

void and_into(const uint8_t* __restrict other, size_t num_rows, uint8_t* __restrict validity) {
  for (size_t i = 0; i < num_rows; ++i) validity[i] &= other[i];
}

template <class T>
Column one_value(Type type, T value) {
  ColumnBuilder builder(type.with_nullable(false), 1);
  builder.append(value);
  return builder.finish();
}

}  // namespace

Column new_column(const Type& type, size_t num_rows) {
  Column column;
  column.type = type;
  column.size = num_rows;
  if (type.width() > 0) column.values = Buffer::allocate(num_rows * static_cast<size_t>(type.width()));
  return column;
}

Column null_column(const Type& type, size_t num_rows) {
  Column column;
  column.type = type;
  column.size = num_rows;
  column.validity = Buffer::zeroed(num_rows);
  if (type.width() > 0) column.values = Buffer::zeroed(num_rows * static_cast<size_t>(type.width()));
  const bool list = type.storage() == Storage::kList;
  if (list) column.offsets = Buffer::zeroed((num_rows + 1) * sizeof(int32_t));
  for (const column::Field& field : type.fields()) {
    column.children.push_back(null_column(field.type, list ? 0 : num_rows));
  }
  return column;
}

BufferPtr merge_validity(const KernelArgs& args, bool* all_null) {
  *all_null = false;
  BufferPtr merged;
  bool owned = false;
  for (size_t arg = 0; arg < args.columns.size(); ++arg) {
    const Column& column = args.columns[arg];
    if (!column.validity) continue;
    if (args.is_constant(arg)) {
      if (!column.is_valid(0)) {
        *all_null = true;
        return nullptr;
      }
      continue;
    }
    if (!merged) {
      merged = column.validity;
      continue;
    }
    if (merged == column.validity) continue;
    if (!owned) {
      BufferPtr copy = Buffer::allocate(args.num_rows);
      std::memcpy(copy->as<uint8_t>(), merged->as<uint8_t>(), args.num_rows);
      merged = copy;
      owned = true;
    }
    and_into(column.validity->as<uint8_t>(), args.num_rows, merged->as<uint8_t>());
  }
  return merged;
}

Column spread(const Column& constant, size_t num_rows) {
  CHECK(constant.size == 1);
  if (num_rows == 1) return constant;
  if (!constant.is_valid(0)) return null_column(constant.type, num_rows);
  const Buffer* values = constant.values.get();
  Column result = new_column(constant.type, num_rows);
  result.heaps = constant.heaps;
  const auto fill = [&](auto value) { std::fill_n(result.values->as<decltype(value)>(), num_rows, value); };
  switch (constant.type.width()) {
    case 1: fill(values->as<uint8_t>()[0]); return result;
    case 2: fill(values->as<uint16_t>()[0]); return result;
    case 4: fill(values->as<uint32_t>()[0]); return result;
    case 8: fill(values->as<uint64_t>()[0]); return result;
    case 16: fill(values->as<unsigned __int128>()[0]); return result;
    default: break;
  }
  const std::vector<uint16_t> zeros(num_rows, 0);
  return column::gather(constant, zeros.data(), num_rows);
}

Column constant_string(std::string_view text) {
  size_t characters = 0;
  for (char c : text) characters += (static_cast<uint8_t>(c) & 0xC0) != 0x80 ? 1 : 0;
  const Type type = text.empty() ? Type::varchar(0) : Type::character(static_cast<int>(characters));
  ColumnBuilder builder(type.with_nullable(false), 1);
  builder.append_string(text);
  return builder.finish();
}

Column constant_int(int32_t value) { return one_value(Type(TypeKind::kInt), value); }
Column constant_bigint(int64_t value) { return one_value(Type(TypeKind::kBigInt), value); }
Column constant_bool(bool value) { return one_value(Type(TypeKind::kBoolean), static_cast<uint8_t>(value)); }

std::optional<std::string> constant_text(const Expr& expr) {
  if (expr.kind != ExprKind::kLiteral || !expr.type.is_string() || !expr.literal.is_valid(0)) return std::nullopt;
  return std::string(expr.literal.string(0));
}

std::string validator_name(const Type& type) {
  switch (type.kind()) {
    case TypeKind::kInt: return "INTEGER";
    case TypeKind::kVarchar: return fmt::format("VARCHAR({})", type.length());
    case TypeKind::kVarbinary: return fmt::format("VARBINARY({})", type.length());
    case TypeKind::kTimestampLtz: return fmt::format("TIMESTAMP_WITH_LOCAL_TIME_ZONE({})", type.precision());
    default: return type.with_nullable(true).to_string();
  }
}

Error cannot_apply(std::string_view name, std::span<const Type> args) {
  const bool symbol = !name.empty() && (!std::isalpha(static_cast<unsigned char>(name[0])) || name == "LIKE");
  std::string text;
  if (symbol && args.size() == 2) {
    text = fmt::format("<{}> {} <{}>", validator_name(args[0]), name, validator_name(args[1]));
  } else {
    text = fmt::format("{}(", name);
    for (size_t i = 0; i < args.size(); ++i) text += fmt::format("{}<{}>", i > 0 ? ", " : "", validator_name(args[i]));
    text += ")";
  }
  return Error(ErrorCode::kSqlValidation, fmt::format("Cannot apply '{}' to arguments of type '{}'", name, text));
}

}  // namespace raudal::expr
