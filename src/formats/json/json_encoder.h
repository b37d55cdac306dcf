// Writes rows as JSON objects, one a line.
#pragma once

#include <memory>

#include "column/type.h"
#include "connector/format.h"
#include "formats/json/json_options.h"

namespace raudal::formats::json {

std::unique_ptr<connector::Encoder> make_json_encoder(const column::Schema& consumed, const JsonOptions& options);

}  // namespace raudal::formats::json
