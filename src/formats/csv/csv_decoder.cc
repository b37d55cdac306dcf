#include "formats/csv/csv_decoder.h"

#include <algorithm>

#include <fmt/core.h>

#include "base/check.h"
#include "column/builder.h"
#include "formats/csv/csv_value.h"
#include "formats/csv/record_scanner.h"

namespace raudal::formats::csv {
namespace {

using column::ColumnBuilder;

constexpr size_t kShownRecordBytes = 200;   // of a record in an error message

class CsvDecoder final : public connector::Decoder {
 public:
  CsvDecoder(const column::Schema& columns, const column::Schema& produced, const CsvOptions& options)
      : options_(options), num_columns_(columns.size()), rows_(column::Type::row(produced)), scanner_(options) {
    for (const column::Field& field : produced) {
      const auto found = std::ranges::find(columns, field.name, &column::Field::name);
      CHECK(found != columns.end());
      positions_.push_back(found - columns.begin());
      names_.push_back(field.name);
    }
  }

  Result<size_t> decode(std::string_view bytes, bool last, size_t max_rows) override {
    size_t begin = 0;
    while (begin < bytes.size() && rows_.size() < max_rows) {
      const std::string_view rest = bytes.substr(begin);
      const RecordScanner::Outcome outcome = scanner_.scan(rest, last);
      if (outcome == RecordScanner::Outcome::kIncomplete) break;
      fault_ = scanner_.fault();
      const bool is_row = outcome == RecordScanner::Outcome::kRecord && append_row();
      if (!is_row && outcome != RecordScanner::Outcome::kSkipped) {
        if (options_.ignore_parse_errors) {
          ++counts_.skipped_records;
        } else {
          // The record before which reading stops is the first of the next call: so the caller knows where it begins.
          if (begin > 0) return begin;
          const size_t shown = std::min({rest.find_first_of("\r\n"), rest.size(), kShownRecordBytes});
          return Error(ErrorCode::kDecode,
                       fmt::format("Failed to deserialize CSV row '{}': {}", rest.substr(0, shown), fault_));
        }
      }
      begin += scanner_.consumed();
    }
    return begin;
  }

  column::Batch take() override {
    column::Batch batch;
    batch.num_rows = rows_.size();
    batch.columns = rows_.finish().children;
    return batch;
  }

  size_t rows_ready() const override { return rows_.size(); }
  const connector::DecodeCounts& counts() const override { return counts_; }

 private:
  // Appends the record that was scanned; on failure the row is as if it had not been there.
  bool append_row() {
    const std::vector<std::string_view>& fields = scanner_.fields();
    if (!has_right_length(fields)) return false;
    const size_t row = rows_.size();
    for (size_t i = 0; i < positions_.size(); ++i) {
      if (positions_[i] >= fields.size()) {
        rows_.child(i).append_null();
      } else if (!append_field(fields[positions_[i]], options_, rows_.child(i), &counts_.nulled_fields)) {
        fault_ = fmt::format("field '{}' is not a value of {}", names_[i], rows_.child(i).type().to_string());
        rows_.truncate(row);
        return false;
      }
    }
    rows_.close_row();
    ++counts_.rows;
    return true;
  }

  // One empty field more is a closing delimiter. Fewer are enough if as many are wanted.
  bool has_right_length(const std::vector<std::string_view>& fields) {
    const bool closing_delimiter = fields.size() == num_columns_ + 1 && fields.back().empty();
    if (fields.size() > num_columns_ && !closing_delimiter) {
      fault_ = fmt::format("Too many entries: expected at most {}", num_columns_);
      return false;
    }
    if (fields.size() < positions_.size() && !options_.ignore_parse_errors) {
      fault_ = fmt::format("Row length mismatch. {} fields expected but was {}.", positions_.size(), fields.size());
      return false;
    }
    return true;
  }

  const CsvOptions options_;
  const size_t num_columns_;
  std::vector<size_t> positions_;     // of the produced columns in a record
  std::vector<std::string> names_;
  ColumnBuilder rows_;
  RecordScanner scanner_;
  std::string fault_;
  connector::DecodeCounts counts_;
};

}  // namespace

std::unique_ptr<connector::Decoder> make_csv_decoder(const column::Schema& columns, const column::Schema& produced,
                                                     const CsvOptions& options) {
  return std::make_unique<CsvDecoder>(columns, produced, options);
}

}  // namespace raudal::formats::csv
