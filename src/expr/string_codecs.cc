// Functions between text and other forms of it: digests, Base64, hexadecimal, character sets, URLs.
#include <fmt/core.h>

#include "base/str.h"
#include "codec/base64.h"
#include "codec/digest.h"
#include "expr/signature.h"
#include "expr/utf8.h"

namespace raudal::expr {
namespace {

template <std::string (*Digest)(std::string_view)>
Kernel digest_kernel() {
  return text_kernel([](const KernelArgs& args, size_t row, std::string* out) {
    *out = codec::hex(Digest(text_at(args, 0, row)));
    return true;
  });
}

// The padding may be absent.
Result<Column> from_base64(const KernelArgs& args, const Type& type, std::shared_ptr<void>*) {
  ColumnBuilder builder(type, args.num_rows);
  for (size_t row = 0; row < args.num_rows; ++row) {
    if (!all_valid(args, row)) {
      builder.append_null();
      continue;
    }
    std::string text(text_at(args, 0, row));
    while (text.size() % 4 > 1) text += '=';
    const Result<std::string> bytes = codec::base64_decode(text);
    if (!bytes.ok()) return expression_error(fmt::format("Malformed Base64: {}", text_at(args, 0, row)));
    builder.append_string(*bytes);
  }
  return builder.finish();
}

std::string to_radix(uint64_t value, unsigned bits) {
  std::string out;
  do {
    out.insert(out.begin(), "0123456789ABCDEF"[value & ((1u << bits) - 1)]);
    value >>= bits;
  } while (value != 0);
  return out;
}

bool hex_row(const KernelArgs& args, size_t row, std::string* out) {
  if (args.columns[0].type.is_string())
    *out = to_upper(codec::hex(text_at(args, 0, row)));
  else
    *out = to_radix(static_cast<uint64_t>(bigint_at(args, 0, row)), 4);
  return true;
}

Result<Signature> resolve_hex(std::span<const Type> args, std::span<const Expr> exprs) {
  const bool number = args.size() == 1 && args[0].is_integer();
  return takes("HEX", number ? "l" : "s", Type::string())(args, exprs);
}

enum class Charset { kUtf8, kLatin1, kAscii, kUtf16Be, kUtf16Le };

std::optional<Charset> find_charset(std::string_view name) {
  if (equals_ignore_case(name, "UTF-8") || equals_ignore_case(name, "UTF8")) return Charset::kUtf8;
  if (equals_ignore_case(name, "ISO-8859-1")) return Charset::kLatin1;
  if (equals_ignore_case(name, "US-ASCII")) return Charset::kAscii;
  if (equals_ignore_case(name, "UTF-16BE") || equals_ignore_case(name, "UTF-16")) return Charset::kUtf16Be;
  if (equals_ignore_case(name, "UTF-16LE")) return Charset::kUtf16Le;
  return std::nullopt;
}

void append_unit(uint32_t unit, bool little, std::string* out) {
  const char high = static_cast<char>(unit >> 8);
  const char low = static_cast<char>(unit & 255);
  out->push_back(little ? low : high);
  out->push_back(little ? high : low);
}

bool encode_row(const KernelArgs& args, size_t row, std::string* out) {
  const std::string_view text = text_at(args, 0, row);
  const std::optional<Charset> charset = find_charset(text_at(args, 1, row));
  if (!charset) return false;
  if (*charset == Charset::kUtf8) {
    *out = text;
    return true;
  }
  const bool wide = *charset == Charset::kUtf16Be || *charset == Charset::kUtf16Le;
  const bool little = *charset == Charset::kUtf16Le;
  const uint32_t most = *charset == Charset::kLatin1 ? 255 : 127;
  for (size_t i = 0; i < text.size();) {
    const uint32_t c = utf8_next(text, &i);
    if (!wide) {
      out->push_back(c <= most ? static_cast<char>(c) : '?');
    } else if (c < 0x10000) {
      append_unit(c, little, out);
    } else {
      append_unit(0xD800 + ((c - 0x10000) >> 10), little, out);
      append_unit(0xDC00 + ((c - 0x10000) & 0x3FF), little, out);
    }
  }
  return true;
}

bool decode_row(const KernelArgs& args, size_t row, std::string* out) {
  const std::string_view bytes = text_at(args, 0, row);
  const std::optional<Charset> charset = find_charset(text_at(args, 1, row));
  if (!charset) return false;
  if (*charset == Charset::kUtf8) {
    *out = bytes;
    return true;
  }
  if (*charset == Charset::kLatin1 || *charset == Charset::kAscii) {
    for (char c : bytes) utf8_append(static_cast<uint8_t>(c), out);
    return true;
  }
  const size_t high = *charset == Charset::kUtf16Le ? 1 : 0;
  for (size_t i = 0; i + 1 < bytes.size(); i += 2) {
    const auto unit_at = [&](size_t at) {
      return static_cast<uint32_t>(static_cast<uint8_t>(bytes[at + high]) << 8 |
                                   static_cast<uint8_t>(bytes[at + 1 - high]));
    };
    uint32_t c = unit_at(i);
    if (c >= 0xD800 && c < 0xDC00 && i + 3 < bytes.size()) {
      i += 2;
      c = 0x10000 + ((c - 0xD800) << 10) + (unit_at(i) - 0xDC00);
    }
    utf8_append(c, out);
  }
  return true;
}

// The parts of "scheme://user@host:port/path?query#ref".
bool parse_url_row(const KernelArgs& args, size_t row, std::string* out) {
  std::string_view url = text_at(args, 0, row);
  const std::string_view part = text_at(args, 1, row);
  const size_t scheme_end = url.find("://");
  if (scheme_end == std::string_view::npos) return false;
  const std::string_view scheme = url.substr(0, scheme_end);
  std::string_view rest = url.substr(scheme_end + 3);
  std::optional<std::string_view> ref;
  std::optional<std::string_view> query;
  if (const size_t at = rest.find('#'); at != std::string_view::npos) {
    ref = rest.substr(at + 1);
    rest = rest.substr(0, at);
  }
  const std::string_view with_query = rest;
  if (const size_t at = rest.find('?'); at != std::string_view::npos) {
    query = rest.substr(at + 1);
    rest = rest.substr(0, at);
  }
  const size_t slash = rest.find('/');
  const std::string_view authority = rest.substr(0, slash);
  const std::string_view path = slash == std::string_view::npos ? "" : rest.substr(slash);
  const size_t user_end = authority.find('@');
  const std::string_view host_port = user_end == std::string_view::npos ? authority : authority.substr(user_end + 1);
  const auto give = [&](std::optional<std::string_view> value) {
    if (value) out->assign(*value);
    return value.has_value();
  };
  if (part == "PROTOCOL") return give(scheme);
  if (part == "HOST") return give(host_port.substr(0, host_port.find(':')));
  if (part == "PATH") return give(path);
  if (part == "REF") return give(ref);
  if (part == "AUTHORITY") return give(authority);
  if (part == "FILE") return give(slash == std::string_view::npos ? "" : with_query.substr(slash));
  if (part == "USERINFO")
    return give(user_end == std::string_view::npos ? std::nullopt : std::optional(authority.substr(0, user_end)));
  if (part != "QUERY" || args.columns.size() < 3) return part == "QUERY" && give(query);
  if (!query) return false;
  for (const std::string& pair : split(*query, '&')) {
    const size_t equals = pair.find('=');
    if (equals != std::string::npos && pair.substr(0, equals) == text_at(args, 2, row))
      return give(std::string_view(pair).substr(equals + 1));
  }
  return false;
}

}  // namespace

void register_string_codecs(FunctionRegistry& registry) {
  const auto add = [&](Entry entry) { add_entry(registry, "string", std::move(entry)); };
  const auto hash = [&](Entry entry) { add_entry(registry, "hash", std::move(entry)); };
  const Type text = Type::string();
  hash({"MD5", "The MD5 digest, in hexadecimal", "MD5('a')", takes("MD5", "s", text), digest_kernel<codec::md5>(),
        true});
  hash({"SHA1", "The SHA-1 digest, in hexadecimal", "SHA1('a')", takes("SHA1", "s", text), digest_kernel<codec::sha1>(),
        true});
  hash({"SHA256", "The SHA-256 digest, in hexadecimal", "SHA256('a')", takes("SHA256", "s", text),
        digest_kernel<codec::sha256>(), true});
  add({"TO_BASE64", "The text in Base64", "TO_BASE64('raudal')", takes("TO_BASE64", "s", text),
       text_kernel([](const KernelArgs& args, size_t row, std::string* out) {
         *out = codec::base64_encode(text_at(args, 0, row));
         return true;
       }),
       true});
  add({"FROM_BASE64", "The text that is written in Base64", "FROM_BASE64('aGVsbG8gd29ybGQ=')",
       takes("FROM_BASE64", "s", text), from_base64, false, true, Nullability::kAlways});
  add({"HEX", "A whole number or a text in hexadecimal", "HEX('hello,world')", resolve_hex, text_kernel(hex_row),
       true});
  add({"BIN", "A whole number in binary", "BIN(12)", takes("BIN", "l", text),
       text_kernel([](const KernelArgs& args, size_t row, std::string* out) {
         *out = to_radix(static_cast<uint64_t>(bigint_at(args, 0, row)), 1);
         return true;
       }),
       true});
  add({"ENCODE", "The bytes of a text in a character set", "ENCODE('a', 'UTF-8')",
       takes("ENCODE", "ss", Type::varbinary(2147483647)), text_kernel(encode_row), true, true, Nullability::kAlways});
  add({"DECODE", "The text of bytes in a character set", "DECODE(ENCODE('é', 'UTF-16LE'), 'UTF-16LE')",
       takes("DECODE", "ys", text), text_kernel(decode_row), true, true, Nullability::kAlways});
  add({"PARSE_URL", "A part of a URL, or one parameter of its query",
       "PARSE_URL('http://facebook.com/path1/p.php?k1=v1&k2=v2#Ref1', 'QUERY', 'k1')", takes("PARSE_URL", "ss?s", text),
       text_kernel(parse_url_row), true, true, Nullability::kAlways});
}

}  // namespace raudal::expr
