#include "sql/implicit_cast.h"

namespace raudal::sql {

using column::Type;
using column::TypeKind;

bool can_cast_implicitly(const Type& from, const Type& to) {
  const TypeKind kind = from.kind();
  if (kind == TypeKind::kNull) return true;
  switch (to.kind()) {
    case TypeKind::kTinyInt:
    case TypeKind::kSmallInt:
    case TypeKind::kInt:
    case TypeKind::kBigInt: return from.is_integer() && kind <= to.kind();
    case TypeKind::kFloat: return from.is_integer() || kind == TypeKind::kFloat || kind == TypeKind::kDecimal;
    case TypeKind::kDouble:
    case TypeKind::kDecimal: return from.is_numeric();
    case TypeKind::kVarchar: return from.is_string();
    case TypeKind::kVarbinary: return from.is_binary();
    case TypeKind::kDate: return kind == TypeKind::kDate || kind == TypeKind::kTimestamp;
    case TypeKind::kTime: return kind == TypeKind::kTime || kind == TypeKind::kTimestamp;
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampLtz: return from.is_timestamp();
    case TypeKind::kArray:
    case TypeKind::kMap:
    case TypeKind::kRow: {
      const auto& a = from.fields();
      const auto& b = to.fields();
      if (kind != to.kind() || a.size() != b.size()) return false;
      for (size_t i = 0; i < a.size(); ++i) {
        if (!can_cast_implicitly(a[i].type, b[i].type)) return false;
      }
      return true;
    }
    default: return kind == to.kind();
  }
}

}  // namespace raudal::sql
