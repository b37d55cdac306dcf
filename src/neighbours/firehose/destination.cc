#include "neighbours/firehose/destination.h"

#include <algorithm>

#include <fmt/core.h>

#include "base/str.h"
#include "neighbours/firehose/object_name.h"

namespace raudal::neighbours::firehose {
namespace {

using codec::JsonArray;
using codec::JsonObject;
using protocol::AwsFailure;
using protocol::AwsResult;
using protocol::AwsStatus;

constexpr std::string_view kBucketArn = "arn:aws:s3:::";
constexpr int64_t kMiB = 1 << 20;
constexpr int64_t kDefaultSizeMiB = 5;
constexpr int64_t kDefaultIntervalS = 300;

AwsFailure invalid(std::string message) { return AwsFailure("InvalidArgumentException", std::move(message)); }
AwsFailure unbuilt(std::string_view what) {
  return invalid(fmt::format("Raudal's Firehose does not do this yet: {}", what));
}

bool is_enabled(const JsonObject& given, std::string_view member) {
  const JsonObject* object = codec::find_object(given, member);
  return object && codec::find_bool(*object, "Enabled").value_or(true);
}

// Only AppendDelimiterToRecord can be done without calling somebody else.
AwsStatus check_processing(const JsonObject& given) {
  if (!is_enabled(given, "ProcessingConfiguration")) return {};
  const JsonArray* processors = codec::find_array(*codec::find_object(given, "ProcessingConfiguration"), "Processors");
  for (const codec::Json& processor : processors ? *processors : JsonArray()) {
    const auto type = processor.is_object() ? codec::find_string(processor.get_object(), "Type") : std::nullopt;
    if (type != "AppendDelimiterToRecord") {
      return unbuilt(fmt::format("ProcessingConfiguration with the processor {}", type.value_or("?")));
    }
  }
  return {};
}

AwsStatus check_unbuilt(const JsonObject& given) {
  TRY(check_processing(given));
  for (const char* member : {"DataFormatConversionConfiguration", "DynamicPartitioningConfiguration"}) {
    if (is_enabled(given, member)) return unbuilt(member);
  }
  if (codec::find_string(given, "S3BackupMode").value_or("Disabled") != "Disabled")
    return unbuilt("S3BackupMode Enabled");
  const auto zone = codec::find_string(given, "CustomTimeZone");
  if (zone && *zone != "UTC") return unbuilt("a CustomTimeZone other than UTC");
  const JsonObject* encryption = codec::find_object(given, "EncryptionConfiguration");
  if (encryption && codec::find_object(*encryption, "KMSEncryptionConfig")) return unbuilt("KMSEncryptionConfig");
  const auto compression = codec::find_string(given, "CompressionFormat").value_or("UNCOMPRESSED");
  if (compression == "UNCOMPRESSED" || compression == "GZIP") return {};
  for (const std::string_view known : {"ZIP", "Snappy", "HADOOP_SNAPPY"}) {
    if (compression == known) return unbuilt(fmt::format("CompressionFormat {}", known));
  }
  return invalid(fmt::format("CompressionFormat is none of Firehose's: {}", compression));
}

AwsResult<JsonObject> buffering_hints(const JsonObject& given) {
  const JsonObject* hints = codec::find_object(given, "BufferingHints");
  const JsonObject none;
  const int64_t size = codec::find_int(hints ? *hints : none, "SizeInMBs").value_or(kDefaultSizeMiB);
  const int64_t interval = codec::find_int(hints ? *hints : none, "IntervalInSeconds").value_or(kDefaultIntervalS);
  if (size < 1 || size > 128) return invalid(fmt::format("SizeInMBs must be 1 to 128: {}", size));
  if (interval < 0 || interval > 900) return invalid(fmt::format("IntervalInSeconds must be 0 to 900: {}", interval));
  return JsonObject{{"SizeInMBs", size}, {"IntervalInSeconds", interval}};
}

}  // namespace

AwsResult<JsonObject> s3_destination(const JsonObject& given, const JsonObject& before) {
  JsonObject out = before;
  for (const char* member :
       {"RoleARN", "BucketARN", "Prefix", "ErrorOutputPrefix", "BufferingHints", "CompressionFormat",
        "EncryptionConfiguration", "CloudWatchLoggingOptions", "ProcessingConfiguration", "S3BackupMode",
        "DataFormatConversionConfiguration", "DynamicPartitioningConfiguration", "FileExtension", "CustomTimeZone"}) {
    const codec::Json* value = given.if_contains(member);
    if (value && !value->is_null()) out[member] = *value;
  }
  for (const char* member : {"RoleARN", "BucketARN"}) {
    if (!codec::find_string(out, member)) return invalid(fmt::format("The destination must have a {}", member));
  }
  const std::string_view bucket = *codec::find_string(out, "BucketARN");
  if (!bucket.starts_with(kBucketArn) || bucket.size() == kBucketArn.size()) {
    return invalid(fmt::format("BucketARN is not the ARN of a bucket: {}", bucket));
  }
  TRY(check_unbuilt(out));
  TRY(check_prefix(codec::find_string(out, "Prefix").value_or("")));
  out["BufferingHints"] = TRY(buffering_hints(out));
  if (!out.contains("CompressionFormat")) out["CompressionFormat"] = "UNCOMPRESSED";
  if (!out.contains("EncryptionConfiguration")) {
    out["EncryptionConfiguration"] = JsonObject{{"NoEncryptionConfig", "NoEncryption"}};
  }
  if (!out.contains("CloudWatchLoggingOptions")) out["CloudWatchLoggingOptions"] = JsonObject{{"Enabled", false}};
  if (!out.contains("S3BackupMode")) out["S3BackupMode"] = "Disabled";
  return out;
}

DeliverySettings delivery_settings(const JsonObject& destination) {
  const JsonObject& hints = *codec::find_object(destination, "BufferingHints");
  DeliverySettings settings{
      .bucket = std::string(codec::find_string(destination, "BucketARN")->substr(kBucketArn.size())),
      .prefix = std::string(codec::find_string(destination, "Prefix").value_or("")),
      .extension = std::string(codec::find_string(destination, "FileExtension").value_or("")),
      .buffer_bytes = *codec::find_int(hints, "SizeInMBs") * kMiB,
      .interval_ms = *codec::find_int(hints, "IntervalInSeconds") * 1000,
      .gzip = codec::find_string(destination, "CompressionFormat") == "GZIP",
      .append_newline = is_enabled(destination, "ProcessingConfiguration")};
  if (settings.extension.empty() && settings.gzip) settings.extension = ".gz";
  if (settings.append_newline) {
    const JsonArray* processors =
        codec::find_array(*codec::find_object(destination, "ProcessingConfiguration"), "Processors");
    settings.append_newline = processors && !processors->empty();
  }
  return settings;
}

}  // namespace raudal::neighbours::firehose
