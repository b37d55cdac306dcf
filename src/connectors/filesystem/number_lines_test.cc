#include "connectors/filesystem/number_lines.h"

#include <gtest/gtest.h>

#include "base/str.h"
#include "column/builder.h"

namespace raudal::connectors::filesystem {
namespace {

const column::Type kBigInt(column::TypeKind::kBigInt);

class NumberDecoder final : public connector::Decoder {
 public:
  explicit NumberDecoder(bool ignore_errors) : ignore_errors_(ignore_errors) {}

  Result<size_t> decode(std::string_view bytes, bool last, size_t max_rows) override {
    size_t begin = 0;
    while (begin < bytes.size() && rows_.size() < max_rows) {
      size_t end = bytes.find('\n', begin);
      if (end == std::string_view::npos && !last) break;
      end = std::min(end, bytes.size());
      const std::optional<int64_t> value = parse_int(trim(bytes.substr(begin, end - begin)));
      if (value) rows_.append(*value);
      else if (ignore_errors_) ++counts_.skipped_records;
      else if (begin > 0) return begin;
      else return Error(ErrorCode::kDecode, "No number: " + std::string(bytes.substr(0, end)));
      begin = std::min(end + 1, bytes.size());
    }
    return begin;
  }

  column::Batch take() override {
    column::Batch batch{.num_rows = rows_.size()};
    batch.columns.push_back(rows_.finish());
    return batch;
  }
  size_t rows_ready() const override { return rows_.size(); }
  const connector::DecodeCounts& counts() const override { return counts_; }

 private:
  const bool ignore_errors_;
  column::ColumnBuilder rows_{kBigInt};
  connector::DecodeCounts counts_;
};

class NumberEncoder final : public connector::Encoder {
 public:
  Status encode(const column::Batch& batch, std::string* out) override {
    const column::Batch rows = column::flatten(batch);
    for (size_t row = 0; row < rows.num_rows; ++row) {
      *out += std::to_string(rows.columns[0].data<int64_t>()[row]) + "\n";
    }
    return {};
  }
};

Result<std::unique_ptr<connector::Decoder>> make_decoder(const connector::Table&, const column::Schema&,
                                                         const connector::Options& options) {
  const bool ignore_errors = options.contains("ignore-parse-errors");
  return std::unique_ptr<connector::Decoder>(std::make_unique<NumberDecoder>(ignore_errors));
}

Result<std::unique_ptr<connector::Encoder>> make_encoder(const connector::Table&, const column::Schema&,
                                                         const connector::Options&) {
  return std::unique_ptr<connector::Encoder>(std::make_unique<NumberEncoder>());
}

}  // namespace

connector::Format number_lines() {
  return {.name = "lines", .option_names = {"ignore-parse-errors"}, .make_decoder = make_decoder,
          .make_encoder = make_encoder};
}

}  // namespace raudal::connectors::filesystem
