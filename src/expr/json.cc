// JSON functions on text, in their plain forms: what is missing, malformed or of the wrong kind is NULL.
#include <fmt/core.h>

#include <boost/json.hpp>

#include "codec/json.h"
#include "expr/decimal.h"
#include "expr/json_path.h"
#include "expr/signature.h"

namespace raudal::expr {
namespace {

using codec::Json;

// The paths of a call site: one, as a rule, compiled once.
struct Paths {
  std::string source;
  std::optional<JsonPath> path;
};

Result<const JsonPath*> path_of(std::shared_ptr<void>* scratch, std::string_view source) {
  if (!*scratch) *scratch = std::make_shared<Paths>();
  auto* paths = static_cast<Paths*>(scratch->get());
  if (!paths->path || paths->source != source) {
    paths->path = TRY(JsonPath::compile(source));
    paths->source = std::string(source);
  }
  return &*paths->path;
}

// Calls op(values that the path leads to, builder) for each row without NULL. In malformed JSON nothing is found.
template <class Op>
Result<Column> for_each_path(const KernelArgs& args, const Type& type, std::shared_ptr<void>* scratch, Op op) {
  ColumnBuilder builder(type, args.num_rows);
  for (size_t row = 0; row < args.num_rows; ++row) {
    if (!all_valid(args, row)) {
      builder.append_null();
      continue;
    }
    const JsonPath* path = TRY(path_of(scratch, text_at(args, 1, row)));
    const Result<Json> root = codec::parse_json(text_at(args, 0, row));
    op(root.ok() ? path->find(*root) : std::vector<const Json*>(), builder);
  }
  return builder.finish();
}

Result<Column> json_value(const KernelArgs& args, const Type& type, std::shared_ptr<void>* scratch) {
  return for_each_path(args, type, scratch, [](const std::vector<const Json*>& found, ColumnBuilder& builder) {
    const bool scalar = found.size() == 1 && found[0]->is_primitive() && !found[0]->is_null();
    if (!scalar)
      builder.append_null();
    else if (const auto* text = found[0]->if_string())
      builder.append_string({text->data(), text->size()});
    else
      builder.append_string(codec::write_json(*found[0]));
  });
}

Result<Column> json_query(const KernelArgs& args, const Type& type, std::shared_ptr<void>* scratch) {
  return for_each_path(args, type, scratch, [](const std::vector<const Json*>& found, ColumnBuilder& builder) {
    if (found.size() == 1 && found[0]->is_structured())
      builder.append_string(codec::write_json(*found[0]));
    else
      builder.append_null();
  });
}

// A member that is null does not exist, as in Flink.
Result<Column> json_exists(const KernelArgs& args, const Type& type, std::shared_ptr<void>* scratch) {
  return for_each_path(args, type, scratch, [](const std::vector<const Json*>& found, ColumnBuilder& builder) {
    const bool exists = !found.empty() && !(found.size() == 1 && found[0]->is_null());
    builder.append(static_cast<uint8_t>(exists ? 1 : 0));
  });
}

Json to_json(const Column& column, size_t row);

Json nested_to_json(const Column& column, size_t row) {
  if (column.type.kind() == TypeKind::kRow) {
    codec::JsonObject object;
    for (size_t i = 0; i < column.children.size(); ++i) {
      object[column.type.fields()[i].name] = to_json(column.children[i], row);
    }
    return object;
  }
  const int32_t* offsets = column.offsets->as<int32_t>();
  if (column.type.kind() == TypeKind::kMap) {
    codec::JsonObject object;
    for (int32_t e = offsets[row]; e < offsets[row + 1]; ++e) {
      const Json key = to_json(column.children[0], static_cast<size_t>(e));
      const std::string name = key.is_string() ? std::string(key.as_string()) : codec::write_json(key);
      object[name] = to_json(column.children[1], static_cast<size_t>(e));
    }
    return object;
  }
  codec::JsonArray array;
  for (int32_t e = offsets[row]; e < offsets[row + 1]; ++e) {
    array.push_back(to_json(column.children[0], static_cast<size_t>(e)));
  }
  return array;
}

// Numbers and booleans as such, nested values as objects and arrays, everything else as text.
Json to_json(const Column& column, size_t row) {
  if (!column.is_valid(row)) return nullptr;
  switch (column.type.kind()) {
    case TypeKind::kNull: return nullptr;
    case TypeKind::kBoolean: return column.data<uint8_t>()[row] != 0;
    case TypeKind::kTinyInt: return column.data<int8_t>()[row];
    case TypeKind::kSmallInt: return column.data<int16_t>()[row];
    case TypeKind::kInt: return column.data<int32_t>()[row];
    case TypeKind::kBigInt: return column.data<int64_t>()[row];
    case TypeKind::kFloat: return static_cast<double>(column.data<float>()[row]);
    case TypeKind::kDouble: return column.data<double>()[row];
    case TypeKind::kDecimal: {
      const bool narrow = column.type.storage() == Storage::kInt64;
      const Int128 unscaled = narrow ? column.data<int64_t>()[row] : column.data<Int128>()[row];
      return decimal_to_double(unscaled, column.type.scale());
    }
    case TypeKind::kArray:
    case TypeKind::kMap:
    case TypeKind::kRow: return nested_to_json(column, row);
    default: break;
  }
  ColumnBuilder builder(column.type, 1);
  builder.append_from(column, row);
  const Column text = cast_column(builder.finish(), Type::string(), false, EvalContext{}).value();
  return Json(boost::json::string_view(text.string(0).data(), text.string(0).size()));
}

Result<Column> json_string(const KernelArgs& args, const Type& type, std::shared_ptr<void>*) {
  return build_rows(args, type, [&](size_t row, ColumnBuilder& builder) {
    builder.append_string(codec::write_json(to_json(args.columns[0], args.is_constant(0) ? 0 : row)));
  });
}

}  // namespace

void register_json(FunctionRegistry& registry) {
  const auto add = [&](Entry entry) { add_entry(registry, "json", std::move(entry)); };
  const Type text = Type::string();
  const Type boolean(TypeKind::kBoolean);
  add({"JSON_VALUE", "The scalar that a path leads to, as text", R"(JSON_VALUE('{"a": {"b": [1, "x"]}}', '$.a.b[1]'))",
       takes("JSON_VALUE", "ss", text), json_value, false, true, Nullability::kAlways});
  add({"JSON_QUERY", "The object or array that a path leads to, as JSON", R"(JSON_QUERY('{"a": [1, 2]}', '$.a'))",
       takes("JSON_QUERY", "ss", text), json_query, false, true, Nullability::kAlways});
  add({"JSON_EXISTS", "Whether a path leads to a value", R"(JSON_EXISTS('{"a": 1}', '$.a'))",
       takes("JSON_EXISTS", "ss", boolean), json_exists});
  add({"JSON_STRING", "A value as JSON", "JSON_STRING(1.5)", takes("JSON_STRING", "a", text), json_string});
}

}  // namespace raudal::expr
