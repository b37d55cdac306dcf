// Reads newline-delimited JSON objects into columns.
#pragma once

#include <memory>

#include "column/type.h"
#include "connector/format.h"
#include "formats/json/json_options.h"

namespace raudal::formats::json {

std::unique_ptr<connector::Decoder> make_json_decoder(const column::Schema& produced, const JsonOptions& options);

}  // namespace raudal::formats::json
