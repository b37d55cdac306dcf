#include "apps/load/target.h"

#include <algorithm>

#include <fmt/core.h>
#include <boost/json.hpp>

#include "base/str.h"
#include "codec/base64.h"
#include "codec/json.h"

namespace raudal::apps {
namespace {

// Kinesis and Firehose answer with one entry per record, in order; an ErrorCode in it means that it was refused.
Result<std::vector<size_t>> refused_entries(const std::string& answer, std::string_view member, size_t batch_size) {
  const codec::JsonObject object = TRY(codec::parse_json_object(answer));
  const codec::JsonArray& entries = *TRY(codec::require_array(object, member));
  if (entries.size() != batch_size) {
    return Error(ErrorCode::kSerialization,
                 fmt::format("{} has {} entries for {} records", member, entries.size(), batch_size));
  }
  std::vector<size_t> refused;
  for (size_t i = 0; i < entries.size(); ++i) {
    if (entries[i].is_object() && codec::find_string(entries[i].get_object(), "ErrorCode")) refused.push_back(i);
  }
  return std::move(refused);
}

class KinesisTarget final : public Target {
 public:
  explicit KinesisTarget(std::string stream) : stream_(std::move(stream)) {}

  std::string_view service() const override { return "kinesis"; }
  std::string_view action() const override { return "Kinesis_20131202.PutRecords"; }
  std::string_view content_type() const override { return "application/x-amz-json-1.1"; }
  size_t records_max() const override { return 500; }
  size_t bytes_max() const override { return 5 << 20; }

  std::string request(const std::vector<GeneratedRecord>& batch) const override {
    codec::JsonArray records;
    for (const GeneratedRecord& record : batch) {
      records.push_back(codec::JsonObject{{"Data", codec::base64_encode(record.data)}, {"PartitionKey", record.key}});
    }
    return codec::write_json(codec::JsonObject{{"StreamName", stream_}, {"Records", std::move(records)}});
  }

  Result<std::vector<size_t>> refused(const std::string& answer, size_t batch_size) const override {
    return refused_entries(answer, "Records", batch_size);
  }

 private:
  std::string stream_;
};

class FirehoseTarget final : public Target {
 public:
  explicit FirehoseTarget(std::string stream) : stream_(std::move(stream)) {}

  std::string_view service() const override { return "firehose"; }
  std::string_view action() const override { return "Firehose_20150804.PutRecordBatch"; }
  std::string_view content_type() const override { return "application/x-amz-json-1.1"; }
  size_t records_max() const override { return 500; }
  size_t bytes_max() const override { return 4 << 20; }

  // Firehose puts records one after the other into an object: each needs the end of its line.
  std::string request(const std::vector<GeneratedRecord>& batch) const override {
    codec::JsonArray records;
    for (const GeneratedRecord& record : batch) {
      records.push_back(codec::JsonObject{{"Data", codec::base64_encode(record.data + "\n")}});
    }
    return codec::write_json(codec::JsonObject{{"DeliveryStreamName", stream_}, {"Records", std::move(records)}});
  }

  Result<std::vector<size_t>> refused(const std::string& answer, size_t batch_size) const override {
    return refused_entries(answer, "RequestResponses", batch_size);
  }

 private:
  std::string stream_;
};

class SqsTarget final : public Target {
 public:
  explicit SqsTarget(std::string url) : url_(std::move(url)) {}

  std::string_view service() const override { return "sqs"; }
  std::string_view action() const override { return "AmazonSQS.SendMessageBatch"; }
  std::string_view content_type() const override { return "application/x-amz-json-1.0"; }
  size_t records_max() const override { return 10; }
  size_t bytes_max() const override { return 256 << 10; }

  std::string request(const std::vector<GeneratedRecord>& batch) const override {
    codec::JsonArray entries;
    for (size_t i = 0; i < batch.size(); ++i) {
      entries.push_back(codec::JsonObject{{"Id", std::to_string(i)}, {"MessageBody", batch[i].data}});
    }
    return codec::write_json(codec::JsonObject{{"QueueUrl", url_}, {"Entries", std::move(entries)}});
  }

  Result<std::vector<size_t>> refused(const std::string& answer, size_t batch_size) const override {
    const codec::JsonObject object = TRY(codec::parse_json_object(answer));
    std::vector<size_t> refused;
    const codec::JsonArray* failed = codec::find_array(object, "Failed");
    if (failed == nullptr) return std::move(refused);
    for (const codec::Json& entry : *failed) {
      const auto id = entry.is_object() ? codec::find_string(entry.get_object(), "Id") : std::nullopt;
      const auto position = id ? parse_int(*id) : std::nullopt;
      if (!position || *position < 0 || static_cast<size_t>(*position) >= batch_size) {
        return Error(ErrorCode::kSerialization, "Failed names no entry of the batch");
      }
      refused.push_back(static_cast<size_t>(*position));
    }
    std::ranges::sort(refused);
    return std::move(refused);
  }

 private:
  std::string url_;
};

}  // namespace

std::unique_ptr<Target> kinesis_target(std::string stream) {
  return std::make_unique<KinesisTarget>(std::move(stream));
}

std::unique_ptr<Target> firehose_target(std::string delivery_stream) {
  return std::make_unique<FirehoseTarget>(std::move(delivery_stream));
}

std::unique_ptr<Target> sqs_target(std::string queue_url) { return std::make_unique<SqsTarget>(std::move(queue_url)); }

}  // namespace raudal::apps
