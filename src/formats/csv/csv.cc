#include "formats/csv/csv.h"

#include "formats/csv/csv_decoder.h"
#include "formats/csv/csv_encoder.h"
#include "formats/csv/csv_options.h"

namespace raudal::formats::csv {
namespace {

Result<std::unique_ptr<connector::Decoder>> make_decoder(const connector::Table& table,
                                                         const column::Schema& produced,
                                                         const connector::Options& format_options) {
  const CsvOptions options = TRY(read_options(format_options));
  TRY(check_types(table.columns));
  return make_csv_decoder(table.columns, produced, options);
}

Result<std::unique_ptr<connector::Encoder>> make_encoder(const connector::Table& table,
                                                         const column::Schema& consumed,
                                                         const connector::Options& format_options) {
  const CsvOptions options = TRY(read_options(format_options));
  TRY(check_types(consumed));
  return make_csv_encoder(options);
}

}  // namespace

void register_format(connector::Registry& registry) {
  registry.add(connector::Format{
      .name = "csv",
      .option_names = {"field-delimiter", "disable-quote-character", "quote-character", "allow-comments",
                       "ignore-parse-errors", "array-element-delimiter", "escape-character", "null-literal",
                       "write-bigdecimal-in-scientific-notation"},
      .make_decoder = make_decoder,
      .make_encoder = make_encoder});
}

}  // namespace raudal::formats::csv
