// Functions that look into text: lengths, positions, parts by separator, comparisons.
#include "expr/signature.h"
#include "expr/utf8.h"

namespace raudal::expr {
namespace {

// The 1-based position of needle at or after the given one; 0 if there is none.
int32_t position(std::string_view text, std::string_view needle, int64_t from) {
  if (from < 1) return 0;
  const size_t start = from == 1 ? 0 : utf8_offset(text, static_cast<size_t>(from - 1));
  if (needle.empty()) return start <= text.size() ? static_cast<int32_t>(from) : 0;
  const size_t hit = text.find(needle, start);
  if (hit == std::string_view::npos) return 0;
  return static_cast<int32_t>(utf8_length(text.substr(0, hit))) + 1;
}

// Part `index` of the text between separators; a view without data where there is none.
std::string_view split_index(std::string_view text, std::string_view separator, int64_t index) {
  if (index < 0 || text.empty() || separator.empty()) return {};
  size_t begin = 0;
  for (; index > 0; --index) {
    const size_t hit = text.find(separator, begin);
    if (hit == std::string_view::npos) return {};
    begin = hit + separator.size();
  }
  return text.substr(begin, text.find(separator, begin) - begin);
}

std::string_view split_index_row(const KernelArgs& args, size_t row) {
  const int32_t index = int_at(args, 2, row);
  if (args.columns[1].type.is_string()) return split_index(text_at(args, 0, row), text_at(args, 1, row), index);
  const int32_t code = int_at(args, 1, row);
  if (code < 0 || code > 255) return {};
  std::string separator;
  utf8_append(static_cast<uint32_t>(code), &separator);
  return split_index(text_at(args, 0, row), separator, index);
}

// The separator may be given as the number of a character.
Result<Signature> resolve_split_index(std::span<const Type> args, std::span<const Expr> exprs) {
  const bool number = args.size() == 3 && args[1].is_numeric();
  return takes("SPLIT_INDEX", number ? "sii" : "ssi", Type::string())(args, exprs);
}

// "a=1,b=2" as MAP<STRING, STRING>.
Result<Column> str_to_map(const KernelArgs& args, const Type& type, std::shared_ptr<void>*) {
  return build_rows(args, type, [&](size_t row, ColumnBuilder& builder) {
    std::string_view rest = text_at(args, 0, row);
    const std::string_view between = args.columns.size() > 1 ? text_at(args, 1, row) : ",";
    const std::string_view equals = args.columns.size() > 2 ? text_at(args, 2, row) : "=";
    bool more = !rest.empty();
    while (more) {
      const size_t end = between.empty() ? std::string_view::npos : rest.find(between);
      const std::string_view pair = rest.substr(0, end);
      more = end != std::string_view::npos;
      if (more) rest.remove_prefix(end + between.size());
      const size_t at = pair.find(equals);
      builder.child(0).append_string(pair.substr(0, at));
      if (at == std::string_view::npos)
        builder.child(1).append_null();
      else
        builder.child(1).append_string(pair.substr(at + equals.size()));
    }
    builder.close_row();
  });
}

// The absolute value of java.lang.String.hashCode of the UTF-16 form.
int32_t java_hash(std::string_view text) {
  uint32_t hash = 0;
  for (size_t i = 0; i < text.size();) {
    const uint32_t c = utf8_next(text, &i);
    if (c < 0x10000) {
      hash = hash * 31 + c;
    } else {
      hash = hash * 31 + (0xD800 + ((c - 0x10000) >> 10));
      hash = hash * 31 + (0xDC00 + ((c - 0x10000) & 0x3FF));
    }
  }
  return static_cast<int32_t>(hash >> 31 != 0 ? 0 - hash : hash);
}

}  // namespace

void register_string_search(FunctionRegistry& registry) {
  const auto add = [&](Entry entry) { add_entry(registry, "string", std::move(entry)); };
  const Type number(TypeKind::kInt);
  add({"CHAR_LENGTH", "How many characters", "CHAR_LENGTH('äöü')", takes("CHAR_LENGTH", "s", number),
       value_kernel<int32_t>(
           [](const KernelArgs& args, size_t row) { return static_cast<int32_t>(utf8_length(text_at(args, 0, row))); }),
       true});
  add_alias(registry, "CHARACTER_LENGTH", "CHAR_LENGTH");
  add({"POSITION", "Where a text first occurs in another; 0 if nowhere", "POSITION('b' IN 'abc')",
       takes("POSITION", "ss?i", number), value_kernel<int32_t>([](const KernelArgs& args, size_t row) {
         const int64_t from = args.columns.size() > 2 ? int_at(args, 2, row) : 1;
         return position(text_at(args, 1, row), text_at(args, 0, row), from);
       }),
       true});
  add_alias(registry, "LOCATE", "POSITION");
  add({"INSTR", "Where a text first occurs in this one; 0 if nowhere", "INSTR('abc', 'c')",
       takes("INSTR", "ss", number), value_kernel<int32_t>([](const KernelArgs& args, size_t row) {
         return position(text_at(args, 0, row), text_at(args, 1, row), 1);
       }),
       true});
  add({"ASCII", "The code of the first character's first byte", "ASCII('A')", takes("ASCII", "s", number),
       value_kernel<int32_t>([](const KernelArgs& args, size_t row) {
         const std::string_view text = text_at(args, 0, row);
         return text.empty() ? 0 : static_cast<int32_t>(static_cast<signed char>(text[0]));
       }),
       true});
  add({"SPLIT_INDEX", "Part of the text between separators, from 0", "SPLIT_INDEX('a,b,c', ',', 1)",
       resolve_split_index, part_kernel(split_index_row), true, true, Nullability::kAlways});
  add({"STR_TO_MAP", "A map out of 'k1=v1,k2=v2'", "STR_TO_MAP('a=1,b=2')",
       takes("STR_TO_MAP", "s?ss", Type::map(Type::string(), Type::string())), str_to_map, true});
  add({"HASH_CODE", "The size of the 32-bit hash of a text that Java computes", "HASH_CODE('a')",
       takes("HASH_CODE", "s", number),
       value_kernel<int32_t>([](const KernelArgs& args, size_t row) { return java_hash(text_at(args, 0, row)); }),
       true});
}

}  // namespace raudal::expr
