// LIKE, SIMILAR TO and the REGEXP functions.
#include <fmt/core.h>

#include "expr/like.h"
#include "expr/regex.h"
#include "expr/signature.h"

namespace raudal::expr {
namespace {

// What a call site keeps: the pattern compiled last. Constant patterns are compiled once.
template <class T>
struct Compiled {
  std::string source;
  std::shared_ptr<T> program;
};

template <class T, class Compile>
Result<T*> compiled(std::shared_ptr<void>* scratch, std::string_view source, Compile compile) {
  if (!*scratch) *scratch = std::make_shared<Compiled<T>>();
  auto* kept = static_cast<Compiled<T>*>(scratch->get());
  if (!kept->program || kept->source != source) {
    kept->program = TRY(compile(source));
    kept->source = std::string(source);
  }
  return kept->program.get();
}

Result<std::string> escape_of(const KernelArgs& args, size_t row) {
  if (args.columns.size() < 3) return std::string();
  const std::string_view escape = text_at(args, 2, row);
  if (escape.size() > 1) return expression_error(fmt::format("Invalid escape character '{}'", escape));
  return std::string(escape);
}

Result<Column> like(const KernelArgs& args, const Type& type, std::shared_ptr<void>* scratch) {
  bool all_null = false;
  BufferPtr validity = merge_validity(args, &all_null);
  if (all_null) return null_column(type, 1);
  Column result = new_column(type, args.num_rows);
  result.validity = validity;
  uint8_t* out = result.values->as<uint8_t>();
  const uint8_t* valid = validity ? validity->as<uint8_t>() : nullptr;
  const bool constant = args.is_constant(1) && (args.columns.size() < 3 || args.is_constant(2));
  LikePattern* pattern = nullptr;
  for (size_t row = 0; row < args.num_rows; ++row) {
    if (valid != nullptr && valid[row] == 0) {
      out[row] = 0;
      continue;
    }
    if (pattern == nullptr || !constant) {
      const std::string escape = TRY(escape_of(args, row));
      // The escape character is a part of what the pattern was compiled from.
      const std::string source = std::string(text_at(args, 1, row)) + '\0' + escape;
      pattern = TRY(compiled<LikePattern>(
          scratch, source, [&](std::string_view) { return LikePattern::compile(text_at(args, 1, row), escape); }));
    }
    out[row] = pattern->matches(text_at(args, 0, row)) ? 1 : 0;
  }
  return result;
}

// Calls op(regex, row) for each row without NULL whose pattern (argument 1) is well-formed, else null(row).
template <class Op, class Null>
Status for_each_match(const KernelArgs& args, std::shared_ptr<void>* scratch, Op op, Null null) {
  Regex* regex = nullptr;
  bool malformed = false;
  for (size_t row = 0; row < args.num_rows; ++row) {
    if (!all_valid(args, row)) {
      null(row);
      continue;
    }
    if ((regex == nullptr && !malformed) || !args.is_constant(1)) {
      Result<Regex*> found = compiled<Regex>(scratch, text_at(args, 1, row), Regex::compile);
      malformed = !found.ok();
      regex = malformed ? nullptr : *found;
    }
    if (malformed)
      null(row);
    else
      TRY(op(*regex, row));
  }
  return {};
}

Result<Column> regexp(const KernelArgs& args, const Type& type, std::shared_ptr<void>* scratch) {
  ColumnBuilder builder(type, args.num_rows);
  TRY(for_each_match(
      args, scratch,
      [&](Regex& regex, size_t row) -> Status {
        const bool found = !regex.pattern().empty() && TRY(regex.find(text_at(args, 0, row)));  // '' finds nothing
        builder.append(static_cast<uint8_t>(found ? 1 : 0));
        return {};
      },
      [&](size_t row) {
        if (all_valid(args, row))
          builder.append(uint8_t{0});
        else
          builder.append_null();
      }));
  return builder.finish();
}

Result<Column> regexp_extract(const KernelArgs& args, const Type& type, std::shared_ptr<void>* scratch) {
  ColumnBuilder builder(type, args.num_rows);
  for (const std::shared_ptr<const void>& heap : args.columns[0].heaps) builder.keep(heap);
  TRY(for_each_match(
      args, scratch,
      [&](Regex& regex, size_t row) -> Status {
        const int32_t group = args.columns.size() > 2 ? int_at(args, 2, row) : 0;
        const bool found = group >= 0 && TRY(regex.find(text_at(args, 0, row)));
        const std::string_view part = found ? regex.group(static_cast<size_t>(group)) : std::string_view();
        if (part.data() == nullptr)
          builder.append_null();
        else
          builder.append_ref(StringRef(part));
        return {};
      },
      [&](size_t) { builder.append_null(); }));
  return builder.finish();
}

// Every match is replaced; the replacement is taken as it stands, `$1` included.
Result<Column> regexp_replace(const KernelArgs& args, const Type& type, std::shared_ptr<void>* scratch) {
  ColumnBuilder builder(type, args.num_rows);
  std::string out;
  TRY(for_each_match(
      args, scratch,
      [&](Regex& regex, size_t row) -> Status {
        const std::string_view text = text_at(args, 0, row);
        out.clear();
        size_t copied = 0;
        size_t from = 0;
        while (from <= text.size() && TRY(regex.find(text, from))) {
          const std::string_view match = regex.group(0);
          const auto begin = static_cast<size_t>(match.data() - text.data());
          out.append(text.substr(copied, begin - copied)).append(text_at(args, 2, row));
          copied = begin + match.size();
          from = match.empty() ? copied + 1 : copied;
          while (from < text.size() && match.empty() && (static_cast<uint8_t>(text[from]) & 0xC0) == 0x80) ++from;
        }
        builder.append_string(out.append(text.substr(copied)));
        return {};
      },
      [&](size_t) { builder.append_null(); }));
  return builder.finish();
}

Result<Column> similar_to(const KernelArgs& args, const Type& type, std::shared_ptr<void>* scratch) {
  ColumnBuilder builder(type, args.num_rows);
  for (size_t row = 0; row < args.num_rows; ++row) {
    if (!all_valid(args, row)) {
      builder.append_null();
      continue;
    }
    const std::string escape = TRY(escape_of(args, row));
    Regex* regex = TRY(compiled<Regex>(scratch, similar_to_regex(text_at(args, 1, row), escape), Regex::compile));
    builder.append(static_cast<uint8_t>(TRY(regex->find(text_at(args, 0, row))) ? 1 : 0));
  }
  return builder.finish();
}

}  // namespace

void register_patterns(FunctionRegistry& registry) {
  const auto add = [&](std::string_view category, Entry entry) { add_entry(registry, category, std::move(entry)); };
  const Type boolean(TypeKind::kBoolean);
  const Type text = Type::string();
  add("comparison", {"LIKE", "Whether a text fits a pattern with % and _", "'stream' LIKE 's_r%'",
                     takes("LIKE", "ss?s", boolean), like});
  add("comparison", {"SIMILAR TO", "Whether a text fits an SQL regular expression", "'abc' SIMILAR TO '(a|x)%'",
                     takes("SIMILAR TO", "ss?s", boolean), similar_to});
  add("string", {"REGEXP", "Whether a part of the text fits a regular expression", "REGEXP('foobar', 'o+b')",
                 takes("REGEXP", "ss", boolean), regexp});
  add("string", {"REGEXP_EXTRACT", "A group of the first match", "REGEXP_EXTRACT('foothebar', 'foo(.*?)(bar)', 2)",
                 takes("REGEXP_EXTRACT", "ss?i", text), regexp_extract, false, true, Nullability::kAlways});
  add("string", {"REGEXP_REPLACE", "The text with every match replaced", "REGEXP_REPLACE('foobar', 'oo|ar', '')",
                 takes("REGEXP_REPLACE", "sss", text), regexp_replace});
}

}  // namespace raudal::expr
