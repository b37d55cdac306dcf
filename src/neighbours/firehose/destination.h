// The S3 destination of a delivery stream, in the shape in which it is described: checked, with defaults filled in.
// What is not built is refused by the name of its member.
#pragma once

#include <cstdint>
#include <string>

#include "codec/json.h"
#include "neighbours/protocol/aws_result.h"

namespace raudal::neighbours::firehose {

// ExtendedS3DestinationDescription of an (Extended)S3DestinationConfiguration, or of an update laid over `before`.
protocol::AwsResult<codec::JsonObject> s3_destination(const codec::JsonObject& given,
                                                      const codec::JsonObject& before = {});

// What delivery needs of it.
struct DeliverySettings {
  std::string bucket;
  std::string prefix;
  std::string extension;
  int64_t buffer_bytes = 0;
  int64_t interval_ms = 0;
  bool gzip = false;
  bool append_newline = false;  // the processor AppendDelimiterToRecord
};

DeliverySettings delivery_settings(const codec::JsonObject& destination);

}  // namespace raudal::neighbours::firehose
