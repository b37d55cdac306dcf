#include "formats/csv/csv_encoder.h"

#include <algorithm>

#include "codec/base64.h"
#include "column/print.h"
#include "connector/value_print.h"

namespace raudal::formats::csv {
namespace {

using column::Column;
using column::TypeKind;

constexpr size_t kQuoteCheckBytesMax = 24;   // a longer text is quoted without a look at it, as Jackson does

// Numbers and booleans stand bare; all else is text, and quoted where it might be misread.
bool is_bare(TypeKind kind) {
  switch (kind) {
    case TypeKind::kBoolean: case TypeKind::kTinyInt: case TypeKind::kSmallInt: case TypeKind::kInt:
    case TypeKind::kBigInt: case TypeKind::kFloat: case TypeKind::kDouble:
    case TypeKind::kIntervalMonths: case TypeKind::kIntervalMillis:
      return true;
    default: return false;
  }
}

class CsvEncoder final : public connector::Encoder {
 public:
  explicit CsvEncoder(const CsvOptions& options) : options_(options) {
    const auto code = [](char c) { return static_cast<unsigned char>(c); };
    least_safe_ = std::max({code(options.delimiter), code(options.quote.value_or('\n')), code('\n')}) + 1;
  }

  Status encode(const column::Batch& batch, std::string* out) override {
    const uint16_t* selected = batch.selection.rows ? batch.selection.rows->as<uint16_t>() : nullptr;
    for (size_t i = 0; i < batch.num_selected(); ++i) {
      const size_t row = selected ? selected[i] : i;
      for (size_t column = 0; column < batch.columns.size(); ++column) {
        if (column != 0) *out += options_.delimiter;
        append_field(batch.columns[column], row, out);
      }
      *out += '\n';
    }
    return {};
  }

 private:
  void append_field(const Column& column, size_t row, std::string* out) {
    if (!column.is_valid(row)) {
      if (options_.null_literal) *out += *options_.null_literal;
      return;
    }
    if (is_bare(column.type.kind())) return append_scalar(column, row, out);
    text_.clear();
    if (column.type.kind() == TypeKind::kArray) append_elements(column, row);
    else if (column.type.kind() == TypeKind::kRow) append_parts(column, row);
    else append_scalar(column, row, &text_);
    append_text(text_, out);
  }

  void append_elements(const Column& column, size_t row) {
    const int32_t* offsets = column.offsets->as<int32_t>();
    for (int32_t at = offsets[row]; at < offsets[row + 1]; ++at) {
      if (at != offsets[row]) text_ += options_.element_delimiter;
      append_part(column.children[0], at);
    }
  }

  void append_parts(const Column& column, size_t row) {
    for (size_t i = 0; i < column.children.size(); ++i) {
      if (i != 0) text_ += options_.element_delimiter;
      append_part(column.children[i], row);
    }
  }

  void append_part(const Column& column, size_t row) {
    if (column.is_valid(row)) append_scalar(column, row, &text_);
    else if (options_.null_literal) text_ += *options_.null_literal;
  }

  void append_scalar(const Column& column, size_t row, std::string* out) const {
    switch (column.type.kind()) {
      case TypeKind::kBoolean: *out += column.data<uint8_t>()[row] ? "true" : "false"; return;
      case TypeKind::kFloat: return column::append_float(column.data<float>()[row], out);
      case TypeKind::kDouble: return column::append_double(column.data<double>()[row], out);
      case TypeKind::kDecimal:
        return connector::append_stripped_decimal(column, row, !options_.scientific_decimals, out);
      case TypeKind::kChar: case TypeKind::kVarchar: *out += column.string(row); return;
      case TypeKind::kBinary: case TypeKind::kVarbinary: *out += codec::base64_encode(column.string(row)); return;
      case TypeKind::kDate: case TypeKind::kTime: case TypeKind::kTimestamp: case TypeKind::kTimestampLtz:
        return connector::append_temporal(column, row, connector::TimestampStandard::kSql, out);
      default: return connector::append_integer(column, row, out);
    }
  }

  bool needs_quotes(std::string_view text) const {
    if (text.size() > kQuoteCheckBytesMax) return true;
    return std::ranges::any_of(text, [&](char c) {
      return static_cast<unsigned char>(c) < least_safe_ || c == options_.escape;
    });
  }

  void append_text(std::string_view text, std::string* out) const {
    if (!options_.quote || !needs_quotes(text)) {
      *out += text;
      return;
    }
    *out += *options_.quote;
    for (const char c : text) {
      if (c == options_.quote) *out += *options_.quote;
      else if (c == options_.escape) *out += *options_.escape;
      *out += c;
    }
    *out += *options_.quote;
  }

  const CsvOptions options_;
  int least_safe_ = 0;     // characters below this are quoted
  std::string text_;
};

}  // namespace

std::unique_ptr<connector::Encoder> make_csv_encoder(const CsvOptions& options) {
  return std::make_unique<CsvEncoder>(options);
}

}  // namespace raudal::formats::csv
