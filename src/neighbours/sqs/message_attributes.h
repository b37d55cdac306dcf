// Bodies and attributes of messages: what may be sent, and the MD5 digests by which SDKs check that it arrived.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "codec/json.h"
#include "neighbours/protocol/aws_result.h"

namespace raudal::neighbours::sqs {

// Whether XML 1.0 has all of its characters, which is what a body may hold.
bool is_message_text(std::string_view text);

// {name: {DataType, StringValue or BinaryValue}} of a request, checked.
protocol::AwsResult<codec::JsonObject> checked_attributes(const codec::JsonObject& attributes);
// What counts against the size of a message: names, types and values.
int64_t attribute_bytes(const codec::JsonObject& attributes);
// Those whose names are wanted: "All", ".*", "prefix.*" or the name itself.
codec::JsonObject wanted_attributes(const codec::JsonObject& attributes, const codec::JsonArray* wanted);

std::string md5_hex(std::string_view text);
// The digest over attributes, sorted by name, each part with its length before it; of none it is empty.
std::string md5_of_attributes(const codec::JsonObject& attributes);

}  // namespace raudal::neighbours::sqs
