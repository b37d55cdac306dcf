#include "apps/load/record_template.h"

#include <algorithm>
#include <cmath>
#include <ctime>

#include <fmt/format.h>

#include "base/str.h"
#include "codec/json.h"

namespace raudal::apps {
namespace {

Error not_understood(std::string_view inside) {
  return Error(ErrorCode::kInvalidRequest, fmt::format("Placeholder is not understood: {{{{{}}}}}", inside));
}

// Words between blanks.
std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  for (std::string& word : split(text, ' ')) {
    if (!word.empty()) words.push_back(std::move(word));
  }
  return words;
}

bool is_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

std::tm utc(int64_t wall_us) {
  const std::time_t seconds = wall_us / 1'000'000;
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  return parts;
}

std::string date_and_time(int64_t wall_us, char between) {
  const std::tm t = utc(wall_us);
  return fmt::format("{:04}-{:02}-{:02}{}{:02}:{:02}:{:02}", t.tm_year + 1900, t.tm_mon + 1, t.tm_mday, between,
                     t.tm_hour, t.tm_min, t.tm_sec);
}

std::string uuid(Rng& rng) {
  const uint64_t a = rng.next(), b = rng.next();
  return fmt::format("{:08x}-{:04x}-4{:03x}-{:x}{:03x}-{:012x}", a >> 32, (a >> 16) & 0xffff, a & 0xfff, 8 + (b >> 62),
                     (b >> 48) & 0xfff, b & 0xffffffffffff);
}

// As Python prints a rounded number: "12.3", "5.0".
std::string decimal(double value, int digits) {
  std::string text = fmt::format("{:.{}f}", value, digits);
  if (digits == 0) return text;
  while (text.back() == '0' && text[text.size() - 2] != '.') text.pop_back();
  return text;
}

}  // namespace

Result<RecordTemplate> RecordTemplate::parse(std::string_view text, std::string_view key) {
  RecordTemplate parsed;
  std::vector<std::string> names;
  parsed.text_ = TRY(parse_parts(text, names));
  parsed.key_ = TRY(parse_parts(key, names));
  return std::move(parsed);
}

Result<std::vector<RecordTemplate::Part>> RecordTemplate::parse_parts(std::string_view text,
                                                                      std::vector<std::string>& names) {
  std::vector<Part> parts;
  while (!text.empty()) {
    const size_t open = std::min(text.find("{{"), text.size());
    if (open > 0) {
      Part& literal = parts.emplace_back();
      literal.text = text.substr(0, open);
    }
    if (open == text.size()) break;
    const size_t close = text.find("}}", open);
    if (close == std::string_view::npos) {
      return Error(ErrorCode::kInvalidRequest, fmt::format("Placeholder has no end: {}", text.substr(open, 40)));
    }
    parts.push_back(TRY(parse_placeholder(trim(text.substr(open + 2, close - open - 2)), names)));
    if (!parts.back().keep_as.empty()) names.push_back(parts.back().keep_as);
    text.remove_prefix(close + 2);
  }
  return std::move(parts);
}

Result<RecordTemplate::Part> RecordTemplate::parse_placeholder(std::string_view inside,
                                                               const std::vector<std::string>& names) {
  const size_t equals = inside.find('=');
  const std::string_view name = equals == std::string_view::npos ? "" : trim(inside.substr(0, equals));
  if (is_name(name)) {
    Part part = TRY(parse_call(trim(inside.substr(equals + 1))));
    part.keep_as = name;
    return std::move(part);
  }
  if (std::ranges::find(names, inside) != names.end()) {
    Part part;
    part.kind = Kind::kKept;
    part.text = inside;
    return std::move(part);
  }
  return parse_call(inside);
}

Result<RecordTemplate::Part> RecordTemplate::parse_call(std::string_view inside) {
  Part part;
  const std::vector<std::string> words = words_of(inside);
  if (words.empty()) return not_understood(inside);
  if (words[0] == "choice" && words.size() > 1) {
    part.kind = Kind::kChoice;
    part.choices = split(trim(inside.substr(inside.find("choice") + 6)), '|');
    return std::move(part);
  }
  if (words[0] == "int" && words.size() == 3) {
    const auto low = parse_int(words[1]), high = parse_int(words[2]);
    if (!low || !high || *low > *high) return not_understood(inside);
    part.kind = Kind::kInt;
    part.low = *low;
    part.high = *high;
    return std::move(part);
  }
  if (words[0] == "float" && words.size() == 4) {
    const auto low = parse_double(words[1]), high = parse_double(words[2]);
    const auto digits = parse_int(words[3]);
    if (!low || !high || !(*low <= *high) || !digits || *digits < 0 || *digits > 9) return not_understood(inside);
    part.kind = Kind::kFloat;
    part.low_float = *low;
    part.high_float = *high;
    part.digits = static_cast<int>(*digits);
    return std::move(part);
  }
  return words.size() == 1 ? parse_simple(inside) : parse_foreign(inside);
}

Result<RecordTemplate::Part> RecordTemplate::parse_simple(std::string_view inside) {
  static constexpr std::pair<std::string_view, Kind> kNames[] = {
      {"index", Kind::kIndex},      {"uuid", Kind::kUuid},    {"now", Kind::kNow},
      {"now_text", Kind::kNowText}, {"now_ms", Kind::kNowMs}, {"date.now", Kind::kNow},
  };
  for (const auto& [name, kind] : kNames) {
    if (inside != name) continue;
    Part part;
    part.kind = kind;
    return std::move(part);
  }
  return parse_foreign(inside);
}

// random.arrayElement(["A","B"]), random.number(9), random.number({"min":1,"max":9}).
Result<RecordTemplate::Part> RecordTemplate::parse_foreign(std::string_view inside) {
  const size_t open = inside.find('(');
  if (open == std::string_view::npos || !inside.ends_with(')')) return not_understood(inside);
  const std::string_view name = trim(inside.substr(0, open));
  const auto argument = codec::parse_json(inside.substr(open + 1, inside.size() - open - 2));
  if (!argument.ok()) return not_understood(inside);
  Part part;
  if (name == "random.arrayElement" && argument->is_array() && !argument->get_array().empty()) {
    part.kind = Kind::kChoice;
    for (const codec::Json& value : argument->get_array()) {
      part.choices.push_back(value.is_string() ? std::string(value.get_string()) : codec::write_json(value));
    }
    return std::move(part);
  }
  if (name != "random.number") return not_understood(inside);
  part.kind = Kind::kInt;
  if (argument->is_object()) {
    part.low = codec::find_int(argument->get_object(), "min").value_or(0);
    part.high = codec::find_int(argument->get_object(), "max").value_or(99'999);
  } else if (argument->is_int64()) {
    part.high = argument->get_int64();
  } else {
    return not_understood(inside);
  }
  if (part.low > part.high) return not_understood(inside);
  return std::move(part);
}

GeneratedRecord RecordTemplate::render(uint64_t seed, uint64_t index, int64_t wall_us) const {
  Rng rng(random_at(seed, index));
  Kept kept;
  const Moment moment{.index = index, .wall_us = wall_us};
  std::string data = render_parts(text_, rng, moment, kept);
  std::string key = render_parts(key_, rng, moment, kept);
  return {.data = std::move(data), .key = std::move(key)};
}

std::string RecordTemplate::render_parts(const std::vector<Part>& parts, Rng& rng, const Moment& moment, Kept& kept) {
  std::string text;
  for (const Part& part : parts) {
    const std::string value = value_of(part, rng, moment, kept);
    if (!part.keep_as.empty()) kept.emplace_back(part.keep_as, value);
    text += value;
  }
  return text;
}

std::string RecordTemplate::value_of(const Part& part, Rng& rng, const Moment& moment, const Kept& kept) {
  switch (part.kind) {
    case Kind::kLiteral: return part.text;
    case Kind::kChoice: return part.choices[rng.below(part.choices.size())];
    case Kind::kInt: {
      const uint64_t span = static_cast<uint64_t>(part.high) - static_cast<uint64_t>(part.low);
      const uint64_t draw = span == UINT64_MAX ? rng.next() : rng.below(span + 1);
      return std::to_string(static_cast<int64_t>(static_cast<uint64_t>(part.low) + draw));
    }
    case Kind::kFloat: {
      const double unit = static_cast<double>(rng.next() >> 11) * 0x1p-53;
      return decimal(part.low_float + unit * (part.high_float - part.low_float), part.digits);
    }
    case Kind::kIndex: return std::to_string(moment.index);
    case Kind::kUuid: return uuid(rng);
    case Kind::kNow: return fmt::format("{}.{:06}", date_and_time(moment.wall_us, 'T'), moment.wall_us % 1'000'000);
    case Kind::kNowText: return date_and_time(moment.wall_us, ' ');
    case Kind::kNowMs: return std::to_string(moment.wall_us / 1000);
    case Kind::kKept: break;
  }
  const auto found = std::ranges::find(kept, part.text, &Kept::value_type::first);
  CHECK(found != kept.end());
  return found->second;
}

}  // namespace raudal::apps
