#include "formats/json/json.h"

#include "formats/json/json_decoder.h"
#include "formats/json/json_encoder.h"
#include "formats/json/json_options.h"

namespace raudal::formats::json {
namespace {

Result<std::unique_ptr<connector::Decoder>> make_decoder(const connector::Table& table,
                                                         const column::Schema& produced,
                                                         const connector::Options& format_options) {
  const JsonOptions options = TRY(read_options(format_options));
  TRY(check_types(produced));
  return make_json_decoder(produced, options);
}

Result<std::unique_ptr<connector::Encoder>> make_encoder(const connector::Table& table,
                                                         const column::Schema& consumed,
                                                         const connector::Options& format_options) {
  const JsonOptions options = TRY(read_options(format_options));
  TRY(check_types(consumed));
  return make_json_encoder(consumed, options);
}

}  // namespace

void register_format(connector::Registry& registry) {
  registry.add(connector::Format{
      .name = "json",
      .option_names = {"fail-on-missing-field", "ignore-parse-errors", "timestamp-format.standard",
                       "map-null-key.mode", "map-null-key.literal", "encode.decimal-as-plain-number",
                       "encode.ignore-null-fields", "decode.json-parser.enabled"},
      .make_decoder = make_decoder,
      .make_encoder = make_encoder});
}

}  // namespace raudal::formats::json
