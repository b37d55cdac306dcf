#include "formats/json/flat_record.h"

#include <emmintrin.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "connector/value_text.h"
#include "formats/json/scalar_text.h"

namespace raudal::formats::json {
namespace {

using column::ColumnBuilder;
using column::TypeKind;

constexpr int kMissesMax = 8;              // in a row, before records are not even tried
constexpr int kRecordsSkipped = 1000;
constexpr ptrdiff_t kIntegerDigitsMax = 18;

bool is_digit(char c) { return static_cast<unsigned char>(c - '0') < 10; }

// The end of a string whose inside begins here: its closing quote; null if an escape or a control character comes
// first, or no quote before `end`. *ascii says whether all its bytes are.
const char* end_of_string(const char* at, const char* end, bool* ascii) {
  const __m128i quote = _mm_set1_epi8('"');
  const __m128i backslash = _mm_set1_epi8('\\');
  const __m128i last_control = _mm_set1_epi8(0x1F);
  int high_bits = 0;
  for (; at < end; at += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i odd = _mm_or_si128(_mm_cmpeq_epi8(bytes, backslash),
                                     _mm_cmpeq_epi8(_mm_min_epu8(bytes, last_control), bytes));
    const int quotes = _mm_movemask_epi8(_mm_cmpeq_epi8(bytes, quote));
    const int stops = quotes | _mm_movemask_epi8(odd);
    if (stops == 0) {
      high_bits |= _mm_movemask_epi8(bytes);
      continue;
    }
    const int first = std::countr_zero(static_cast<unsigned>(stops));
    high_bits |= _mm_movemask_epi8(bytes) & ((1 << first) - 1);
    *ascii = high_bits == 0;
    at += first;
    return at < end && (quotes >> first & 1) ? at : nullptr;
  }
  return nullptr;
}

const char* end_of_number(const char* at) {
  while (is_digit(*at) || *at == '-' || *at == '.' || *at == 'e' || *at == 'E' || *at == '+') ++at;
  return at;
}

// Behind a literal; null if none begins here.
const char* end_of_literal(const char* at) {
  if (std::memcmp(at, "true", 4) == 0 || std::memcmp(at, "null", 4) == 0) return at + 4;
  if (std::memcmp(at, "false", 5) == 0) return at + 5;
  return nullptr;
}

// Behind a scalar that nobody wants; null for objects, arrays and what is no value.
const char* skip_value(const char* at, const char* end) {
  if (*at == '"') {
    bool ascii;
    const char* quote = end_of_string(at + 1, end, &ascii);
    return quote ? quote + 1 : nullptr;
  }
  if (is_digit(*at) || *at == '-') {
    const char* behind = at + 1;
    while (is_digit(*behind)) ++behind;
    if (*behind == ',' && *at != '0' && *at != '-') return behind;   // most numbers
    behind = end_of_number(at);
    return is_json_number({at, static_cast<size_t>(behind - at)}) ? behind : nullptr;
  }
  return end_of_literal(at);
}

// A whole number of few digits; null for all others.
const char* read_integer(const char* at, ColumnBuilder& out) {
  const bool negative = *at == '-';
  const char* const begin = at + (negative ? 1 : 0);
  int64_t value = 0;
  for (at = begin; is_digit(*at); ++at) {
    if (at - begin == kIntegerDigitsMax) return nullptr;
    value = value * 10 + (*at - '0');
  }
  if (at == begin || (*begin == '0' && at - begin > 1) || *at == '.' || (*at | 0x20) == 'e') return nullptr;
  if (negative) value = -value;
  if (out.type().kind() == TypeKind::kBigInt) {
    out.append(value);
  } else if (value == static_cast<int32_t>(value)) {
    out.append(static_cast<int32_t>(value));
  } else {
    return nullptr;
  }
  return at;
}

unsigned digit_at(const char* at) { return static_cast<unsigned char>(*at - '0'); }

// Of "hh:mm:ss"; -1 if it is not that.
int64_t second_of_day(const char* at) {
  const unsigned digits[] = {digit_at(at), digit_at(at + 1), digit_at(at + 3), digit_at(at + 4), digit_at(at + 6),
                             digit_at(at + 7)};
  if (*std::ranges::max_element(digits) > 9 || at[2] != ':' || at[5] != ':') return -1;
  const unsigned hour = digits[0] * 10 + digits[1];
  const unsigned minute = digits[2] * 10 + digits[3];
  const unsigned second = digits[4] * 10 + digits[5];
  if (hour > 23 || minute > 59 || second > 59) return -1;
  return (hour * 60 + minute) * 60 + second;
}

// Of "" or ".123": microseconds; -1 if it is neither, or has more digits than wanted.
int64_t fraction_of_second(std::string_view text, int precision) {
  static constexpr int64_t kUnits[] = {1'000'000, 100'000, 10'000, 1000, 100, 10, 1};
  if (text.empty()) return 0;
  const size_t num_digits = text.size() - 1;
  if (text[0] != '.' || num_digits > static_cast<size_t>(precision) || num_digits >= std::size(kUnits)) return -1;
  int64_t value = 0;
  for (const char& c : text.substr(1)) {
    if (digit_at(&c) > 9) return -1;
    value = value * 10 + digit_at(&c);
  }
  return value * kUnits[num_digits];
}

}  // namespace

bool FlatRecordReader::read(std::string_view line, const WantedValue& wanted, ColumnBuilder& out) {
  if (records_to_skip_ > 0) {
    --records_to_skip_;
    return false;
  }
  if (try_read(line.data() + 1, line.data() + line.size(), wanted, out)) [[likely]] {
    misses_ = 0;
    return true;
  }
  if (++misses_ >= kMissesMax) records_to_skip_ = kRecordsSkipped;
  return false;
}

bool FlatRecordReader::try_read(const char* at, const char* end, const WantedValue& wanted, ColumnBuilder& out) {
  const size_t row = out.size();
  size_t left = wanted.children.size();
  for (const WantedValue::LearnedKey& key : wanted.learned) {
    if (*at == ' ') ++at;
    if (*at != '"' || std::memcmp(at + 1, key.quoted.data(), key.quoted.size()) != 0) return false;
    at += 1 + key.quoted.size();
    if (*at++ != ':') return false;
    if (*at == ' ') ++at;
    if (key.field >= 0) {
      ColumnBuilder& child = out.child(key.field);
      if (child.size() != row) return false;   // a key for the second time
      at = read_value(at, end, child);
    } else {
      at = skip_value(at, end);
    }
    if (!at || at >= end) return false;
    if (key.field >= 0 && --left == 0) {
      if (*at != ',' && *at != '}') return false;
      out.close_row();
      return true;
    }
    if (*at++ != ',') return false;
  }
  return false;
}

// "2026-01-01 00:00:10.123", with the date of the one before and at most as many digits as the type has.
bool FlatRecordReader::read_timestamp(std::string_view text, ColumnBuilder& out) {
  constexpr size_t kDateBytes = sizeof(date_);
  constexpr size_t kSecondBytes = 19;
  const char separator = options_.timestamps == connector::TimestampStandard::kSql ? ' ' : 'T';
  if (text.size() < kSecondBytes || text[kDateBytes] != separator) return false;
  if (std::memcmp(text.data(), date_, kDateBytes) != 0) {
    const std::optional<int32_t> days = connector::parse_date(text.substr(0, kDateBytes));
    if (!days) return false;
    std::memcpy(date_, text.data(), kDateBytes);
    days_ = *days;
  }
  const int64_t second = second_of_day(text.data() + kDateBytes + 1);
  const int64_t fraction_us = fraction_of_second(text.substr(kSecondBytes), out.type().precision());
  if (second < 0 || fraction_us < 0) return false;
  out.append((days_ * 86'400 + second) * 1'000'000 + fraction_us);
  return true;
}

// Behind the value, which was appended; null where it is not a plain value of the type.
const char* FlatRecordReader::read_value(const char* at, const char* end, ColumnBuilder& out) {
  const TypeKind kind = out.type().kind();
  if (*at == '"') {
    bool ascii;
    const char* quote = end_of_string(at + 1, end, &ascii);
    if (!quote) return nullptr;
    const std::string_view text(at + 1, quote - at - 1);
    if (!ascii && !is_utf8(text)) return nullptr;
    if (kind == TypeKind::kVarchar || kind == TypeKind::kChar) {
      out.append_string(text);
      return quote + 1;
    }
    if (kind == TypeKind::kTimestamp && read_timestamp(text, out)) return quote + 1;
    return append_scalar(text, false, options_, out) ? quote + 1 : nullptr;
  }
  if (is_digit(*at) || *at == '-') {
    if (kind == TypeKind::kBigInt || kind == TypeKind::kInt) return read_integer(at, out);
    const char* behind = end_of_number(at);
    const std::string_view token(at, behind - at);
    return is_json_number(token) && append_scalar(token, true, options_, out) ? behind : nullptr;
  }
  const char* behind = end_of_literal(at);
  if (!behind) return nullptr;
  if (*at == 'n') out.append_null();
  else if (!append_scalar({at, static_cast<size_t>(behind - at)}, false, options_, out)) return nullptr;
  return behind;
}

}  // namespace raudal::formats::json
