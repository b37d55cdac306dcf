// Functions that make text out of text.
#include <fmt/core.h>

#include "expr/signature.h"
#include "expr/utf8.h"

namespace raudal::expr {
namespace {

constexpr size_t kTextBytesMax = size_t{64} << 20;  // REPEAT and the pads stop here

// What UPPER, REVERSE and the like give: the type of the argument (so CHAR(5) stays CHAR(5), as in Flink).
Type type_of_first(std::span<const Type> args) { return args[0].with_nullable(true); }

// A CHAR result longer than its type is cut: UPPER('größe') is 'GRÖSS'.
std::string_view fitted(std::string_view text, const Type& type) {
  if (type.kind() != TypeKind::kChar || text.size() <= static_cast<size_t>(type.length())) return text;
  return utf8_prefix(text, static_cast<size_t>(type.length()));
}

// Each byte with the high bit set where it is a letter between first and last. The text is ASCII.
uint64_t letters_between(uint64_t word, char first, char last) {
  constexpr uint64_t kOnes = 0x0101010101010101ull;
  const uint64_t from_first = word + kOnes * static_cast<uint8_t>(0x80 - first);
  const uint64_t beyond_last = word + kOnes * static_cast<uint8_t>(0x7F - last);
  return (from_first & ~beyond_last) & (kOnes * 0x80);
}

// Changes the case of `size` ASCII bytes, eight at a time; first and last are the letters to change.
void change_case(const char* from, size_t size, char first, char last, char* to) {
  size_t i = 0;
  for (; i + 8 <= size; i += 8) {
    uint64_t word;
    std::memcpy(&word, from + i, 8);
    word ^= letters_between(word, first, last) >> 2;  // 0x80 becomes 0x20, the bit of the case
    std::memcpy(to + i, &word, 8);
  }
  for (; i < size; ++i) to[i] = static_cast<char>(from[i] >= first && from[i] <= last ? from[i] ^ 0x20 : from[i]);
}

// How many bytes the long strings of a column have; nullopt if any string is not ASCII.
std::optional<size_t> ascii_heap_bytes(const Column& column) {
  const StringRef* refs = column.data<StringRef>();
  size_t bytes = 0;
  for (size_t i = 0; i < column.size; ++i) {
    if (!is_ascii(refs[i].view())) return std::nullopt;
    bytes += refs[i].inlined() ? 0 : refs[i].size;
  }
  return bytes;
}

// UPPER or LOWER of a column that is ASCII throughout.
std::optional<Column> ascii_case(const Column& column, const Type& type, bool upper) {
  const std::optional<size_t> heap_bytes = ascii_heap_bytes(column);
  if (!heap_bytes) return std::nullopt;
  Column result = new_column(type, column.size);
  result.validity = column.validity;
  BufferPtr heap = *heap_bytes > 0 ? Buffer::allocate(*heap_bytes) : nullptr;
  char* next = heap ? heap->as<char>() : nullptr;
  const char first = upper ? 'a' : 'A';
  const char last = upper ? 'z' : 'Z';
  const StringRef* from = column.data<StringRef>();
  StringRef* to = result.values->as<StringRef>();
  for (size_t i = 0; i < column.size; ++i) {
    const std::string_view text = from[i].view();
    if (from[i].inlined()) {
      char changed[16] = {};
      std::memcpy(changed, text.data(), StringRef::kInlineMax);  // what follows a short text is zero
      change_case(changed, 16, first, last, changed);
      to[i] = StringRef(std::string_view(changed, text.size()));
    } else {
      change_case(text.data(), text.size(), first, last, next);
      to[i] = StringRef(std::string_view(next, text.size()));
      next += text.size();
    }
  }
  if (heap) result.heaps.push_back(heap);
  return result;
}

Kernel upper_lower_kernel(bool upper) {
  return [upper](const KernelArgs& args, const Type& type, std::shared_ptr<void>*) -> Result<Column> {
    if (std::optional<Column> ascii = ascii_case(args.columns[0], type, upper)) return *std::move(ascii);
    return build_rows(args, type, [&](size_t row, ColumnBuilder& builder) {
      const std::string_view text = text_at(args, 0, row);
      builder.append_string(fitted(upper ? utf8_upper(text) : utf8_lower(text), type));
    });
  };
}

template <class Map>
Kernel case_kernel(Map map) {
  return [map](const KernelArgs& args, const Type& type, std::shared_ptr<void>*) -> Result<Column> {
    return build_rows(args, type, [&](size_t row, ColumnBuilder& builder) {
      builder.append_string(fitted(map(text_at(args, 0, row)), type));
    });
  };
}

std::string init_cap(std::string_view text) {
  std::string out;
  bool start = true;
  for (char c : text) {
    const bool upper = c >= 'A' && c <= 'Z';
    const bool lower = c >= 'a' && c <= 'z';
    if (start && lower)
      out.push_back(static_cast<char>(c - 32));
    else if (!start && upper)
      out.push_back(static_cast<char>(c + 32));
    else
      out.push_back(c);
    start = !(upper || lower || (c >= '0' && c <= '9'));  // any other letter ends a word, as in Flink
  }
  return out;
}

// Strips code points that are in `set` from the chosen ends.
std::string_view strip(std::string_view text, std::string_view set, bool left, bool right) {
  const auto length_at = [](std::string_view s, size_t offset) {
    size_t next = offset;
    utf8_next(s, &next);
    return next - offset;
  };
  while (left && !text.empty()) {
    const size_t length = length_at(text, 0);
    if (set.find(text.substr(0, length)) == std::string_view::npos) break;
    text.remove_prefix(length);
  }
  while (right && !text.empty()) {
    size_t start = text.size() - 1;
    while (start > 0 && (static_cast<uint8_t>(text[start]) & 0xC0) == 0x80) --start;
    if (set.find(text.substr(start)) == std::string_view::npos) break;
    text.remove_suffix(text.size() - start);
  }
  return text;
}

Kernel trim_kernel(bool left, bool right) {
  return part_kernel([left, right](const KernelArgs& args, size_t row) {
    const std::string_view set = args.columns.size() > 1 ? text_at(args, 1, row) : " ";
    return strip(text_at(args, 0, row), set, left, right);
  });
}

// SUBSTRING(text, start[, length]): 1 is the first character, a negative start counts from the end, 0 is as 1.
std::string_view substring(std::string_view text, int64_t start, int64_t length) {
  if (length <= 0) return text.substr(0, 0);
  const bool ascii = is_ascii(text);
  const auto characters = static_cast<int64_t>(ascii ? text.size() : utf8_length(text));
  int64_t from = start > 0 ? start - 1 : (start < 0 ? characters + start : 0);
  if (from < 0 || from >= characters) return text.substr(0, 0);
  const int64_t count = std::min(length, characters - from);
  if (ascii) return text.substr(static_cast<size_t>(from), static_cast<size_t>(count));
  text.remove_prefix(utf8_offset(text, static_cast<size_t>(from)));
  return utf8_prefix(text, static_cast<size_t>(count));
}

std::string_view substring_row(const KernelArgs& args, size_t row) {
  const int64_t length = args.columns.size() > 2 ? int_at(args, 2, row) : INT32_MAX;
  if (length < 0) return {};
  return substring(text_at(args, 0, row), int_at(args, 1, row), length);
}

std::string_view left_part(const KernelArgs& args, size_t row) {
  return substring(text_at(args, 0, row), 1, int_at(args, 1, row));
}

std::string_view right_part(const KernelArgs& args, size_t row) {
  const std::string_view text = text_at(args, 0, row);
  const int64_t count = int_at(args, 1, row);
  const auto characters = static_cast<int64_t>(utf8_length(text));
  if (count >= characters) return text;
  return count <= 0 ? text.substr(0, 0) : text.substr(utf8_offset(text, static_cast<size_t>(characters - count)));
}

bool concat_row(const KernelArgs& args, size_t row, std::string* out) {
  for (size_t arg = 0; arg < args.columns.size(); ++arg) out->append(text_at(args, arg, row));
  return true;
}

// CONCAT_WS skips NULLs; only a NULL separator makes it NULL.
Result<Column> concat_ws(const KernelArgs& args, const Type& type, std::shared_ptr<void>*) {
  ColumnBuilder builder(type, args.num_rows);
  std::string text;
  for (size_t row = 0; row < args.num_rows; ++row) {
    if (!is_valid(args, 0, row)) {
      builder.append_null();
      continue;
    }
    text.clear();
    bool first = true;
    for (size_t arg = 1; arg < args.columns.size(); ++arg) {
      if (!is_valid(args, arg, row)) continue;
      if (!first) text += text_at(args, 0, row);
      text += text_at(args, arg, row);
      first = false;
    }
    builder.append_string(text);
  }
  return builder.finish();
}

bool replace_row(const KernelArgs& args, size_t row, std::string* out) {
  const std::string_view text = text_at(args, 0, row);
  const std::string_view from = text_at(args, 1, row);
  const std::string_view to = text_at(args, 2, row);
  if (from.empty()) {  // nothing is found before each character and at the end
    for (size_t i = 0; i < text.size();) {
      const size_t begin = i;
      utf8_next(text, &i);
      out->append(to).append(text.substr(begin, i - begin));
    }
    out->append(to);
    return true;
  }
  size_t at = 0;
  for (size_t hit = text.find(from); hit != std::string_view::npos; hit = text.find(from, at)) {
    out->append(text.substr(at, hit - at)).append(to);
    at = hit + from.size();
  }
  out->append(text.substr(at));
  return true;
}

// LPAD and RPAD: to `length` characters; NULL for a negative length or an empty pad that would be needed.
bool pad_row(const KernelArgs& args, size_t row, bool left, std::string* out) {
  const std::string_view text = text_at(args, 0, row);
  const int64_t length = int_at(args, 1, row);
  const std::string_view pad = text_at(args, 2, row);
  if (length < 0 || pad.empty()) return false;
  const auto have = static_cast<int64_t>(utf8_length(text));
  if (have >= length) {
    out->append(utf8_prefix(text, static_cast<size_t>(length)));
    return true;
  }
  if (static_cast<size_t>(length) > kTextBytesMax) return false;
  const auto missing = static_cast<size_t>(length - have);
  const size_t pad_characters = utf8_length(pad);
  std::string filling;
  for (size_t i = 0; i < missing / pad_characters; ++i) filling += pad;
  filling += utf8_prefix(pad, missing % pad_characters);
  out->append(left ? filling : std::string(text)).append(left ? std::string(text) : filling);
  return true;
}

Result<Column> repeat(const KernelArgs& args, const Type& type, std::shared_ptr<void>*) {
  ColumnBuilder builder(type, args.num_rows);
  std::string text;
  for (size_t row = 0; row < args.num_rows; ++row) {
    if (!all_valid(args, row)) {
      builder.append_null();
      continue;
    }
    const std::string_view part = text_at(args, 0, row);
    const int32_t times = int_at(args, 1, row);
    if (times > 0 && part.size() * static_cast<size_t>(times) > kTextBytesMax) {
      return expression_error(
          fmt::format("REPEAT would make a text of {} bytes", part.size() * static_cast<size_t>(times)));
    }
    text.clear();
    for (int32_t i = 0; i < times; ++i) text += part;
    builder.append_string(text);
  }
  return builder.finish();
}

std::string reversed(std::string_view text) {
  if (is_ascii(text)) return std::string(text.rbegin(), text.rend());
  std::string out;
  for (size_t i = text.size(); i > 0;) {
    size_t start = i - 1;
    while (start > 0 && (static_cast<uint8_t>(text[start]) & 0xC0) == 0x80) --start;
    out.append(text.substr(start, i - start));
    i = start;
  }
  return out;
}

// OVERLAY(text, replacement, start[, length]): out of range leaves the text as it is.
bool overlay_row(const KernelArgs& args, size_t row, std::string* out) {
  const std::string_view text = text_at(args, 0, row);
  const std::string_view replacement = text_at(args, 1, row);
  const int64_t start = int_at(args, 2, row);
  const int64_t length =
      args.columns.size() > 3 ? int_at(args, 3, row) : static_cast<int64_t>(utf8_length(replacement));
  const auto characters = static_cast<int64_t>(utf8_length(text));
  if (start <= 0 || start > characters) {
    out->append(text);
    return true;
  }
  out->append(utf8_prefix(text, static_cast<size_t>(start - 1))).append(replacement);
  const int64_t resume = start - 1 + length;
  if (length >= 0 && resume < characters) out->append(text.substr(utf8_offset(text, static_cast<size_t>(resume))));
  return true;
}

bool chr_row(const KernelArgs& args, size_t row, std::string* out) {
  const int64_t code = bigint_at(args, 0, row);
  if (code < 0) return true;
  const auto low = static_cast<uint32_t>(code & 255);
  utf8_append(low, out);
  return true;
}

void register_pads(FunctionRegistry& registry) {
  const auto add = [&](Entry entry) { add_entry(registry, "string", std::move(entry)); };
  const Type text = Type::string();
  add({"LPAD", "The text filled up on the left to a length", "LPAD('7', 3, '0')", takes("LPAD", "sis", text),
       text_kernel([](const KernelArgs& args, size_t row, std::string* out) { return pad_row(args, row, true, out); }),
       true, true, Nullability::kAlways});
  add({"RPAD", "The text filled up on the right to a length", "RPAD('hi', 5, '?')", takes("RPAD", "sis", text),
       text_kernel([](const KernelArgs& args, size_t row, std::string* out) { return pad_row(args, row, false, out); }),
       true, true, Nullability::kAlways});
  add({"REPEAT", "The text so many times", "REPEAT('ab', 3)", takes("REPEAT", "si", text), repeat});
  add({"OVERLAY", "The text with a part replaced", "OVERLAY('abcdef' PLACING 'XY' FROM 2 FOR 3)",
       takes("OVERLAY", "ssi?i", text), text_kernel(overlay_row), true});
  add({"REPLACE", "The text with every occurrence replaced", "REPLACE('hello', 'l', 'L')",
       takes("REPLACE", "sss", text), text_kernel(replace_row), true});
}

void register_parts(FunctionRegistry& registry) {
  const auto add = [&](Entry entry) { add_entry(registry, "string", std::move(entry)); };
  const Type text = Type::string();
  add({"TRIM", "The text without blanks, or the given characters, at both ends", "TRIM(BOTH 'x' FROM 'xxaxx')",
       takes("TRIM", "s?s", text), trim_kernel(true, true), true});
  add({"LTRIM", "The text without blanks, or the given characters, on the left", "LTRIM('  ab ')",
       takes("LTRIM", "s?s", text), trim_kernel(true, false), true});
  add({"RTRIM", "The text without blanks, or the given characters, on the right", "RTRIM(' ab  ') || '|'",
       takes("RTRIM", "s?s", text), trim_kernel(false, true), true});
  add({"SUBSTRING", "Part of the text from a position, 1 being the first", "SUBSTRING('stream' FROM 2 FOR 3)",
       takes("SUBSTRING", "si?i", text), part_kernel(substring_row), true});
  add_alias(registry, "SUBSTR", "SUBSTRING");
  add({"LEFT", "The first characters", "LEFT('stream', 3)", takes("LEFT", "si", text), part_kernel(left_part), true});
  add({"RIGHT", "The last characters", "RIGHT('stream', 3)", takes("RIGHT", "si", text), part_kernel(right_part),
       true});
}

}  // namespace

void register_strings(FunctionRegistry& registry) {
  const auto add = [&](Entry entry) { add_entry(registry, "string", std::move(entry)); };
  const Type text = Type::string();
  add({"UPPER", "The text in upper case", "UPPER('Flink')", takes("UPPER", "s", type_of_first),
       upper_lower_kernel(true), true});
  add({"LOWER", "The text in lower case", "LOWER('Flink')", takes("LOWER", "s", type_of_first),
       upper_lower_kernel(false), true});
  add({"INITCAP", "Each word with a capital first letter", "INITCAP('hello wORLD')",
       takes("INITCAP", "s", type_of_first), case_kernel(init_cap), true});
  add({"REVERSE", "The text from its end", "REVERSE('stream')", takes("REVERSE", "s", text), case_kernel(reversed),
       true});
  add({"CONCAT", "The texts one after the other; NULL if one is", "CONCAT('a', 'b', 'c')", takes("CONCAT", "s*", text),
       text_kernel(concat_row), true});
  add({"||", "The two texts one after the other", "'a' || 'b'", takes("||", "ss", text), text_kernel(concat_row),
       true});
  add({"CONCAT_WS", "The texts that are not NULL, with a separator", "CONCAT_WS('-', 'a', CAST(NULL AS STRING), 'b')",
       takes("CONCAT_WS", "ss*", text), concat_ws, true, true, Nullability::kAlways});
  add({"CHR", "The character of a code from 0 to 255", "CHR(65)", takes("CHR", "l", text), text_kernel(chr_row), true});
  register_parts(registry);
  register_pads(registry);
}

}  // namespace raudal::expr
