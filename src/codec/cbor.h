// CBOR as AWS's SDKs speak it (application/x-amz-cbor-1.1): read into the same values as JSON, so that a service has
// one set of handlers; written piece by piece. A byte string becomes a string of those bytes; tags are passed over.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "codec/json.h"

namespace raudal::codec {

// kSerialization when the bytes are no CBOR map, are longer than bytes_max or deeper than depth_max.
Result<JsonObject> parse_cbor_object(std::string_view bytes, const JsonLimits& limits = {});

// Pieces of CBOR, appended to a text. Maps and arrays are open: they end with cbor_end().
void cbor_begin_map(std::string& out);
void cbor_begin_array(std::string& out);
void cbor_end(std::string& out);
void cbor_text(std::string& out, std::string_view text);
void cbor_bytes(std::string& out, std::string_view bytes);
void cbor_int(std::string& out, int64_t value);
void cbor_bool(std::string& out, bool value);
void cbor_null(std::string& out);
// Tag 1 and whole milliseconds, which is how AWS's SDKs for Java read and write a time.
void cbor_timestamp_ms(std::string& out, int64_t time_ms);

}  // namespace raudal::codec
