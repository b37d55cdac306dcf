// Reads the Kinesis streams that are sources of delivery streams. Records and the position behind them are stored in
// one transaction, so that each record is taken once. One thread, which exists only while there is such a source.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include "codec/json.h"
#include "neighbours/firehose/delivery_loop.h"
#include "neighbours/firehose/delivery_store.h"
#include "neighbours/protocol/aws_service.h"
#include "obs/log.h"

namespace raudal::neighbours::firehose {

// Uses the store under the loop's lock. What it is given must outlive it.
class KinesisSource {
 public:
  using Kinesis = std::function<protocol::AwsService*()>;  // null: there is none

  KinesisSource(DeliveryStore& store, DeliveryLoop& loop, Kinesis kinesis, const obs::Logger& log)
      : store_(store), loop_(loop), kinesis_(std::move(kinesis)), log_(log) {}
  ~KinesisSource() { stop(); }

  // Begins to read; called when there is a source, any number of times.
  void start();
  void stop();

 private:
  using Positions = std::map<std::string, std::string>;  // shard → sequence number, or kClosed

  void run();
  // Whether there was something to read.
  protocol::AwsResult<bool> read_stream(protocol::AwsService& kinesis, const DeliveryStream& stream);
  protocol::AwsResult<bool> read_shard(protocol::AwsService& kinesis, const DeliveryStream& stream,
                                       const std::string& shard, const Positions& positions);
  protocol::AwsStatus store_records(const DeliveryStream& stream, const std::string& shard,
                                    const codec::JsonObject& answer);

  DeliveryStore& store_;
  DeliveryLoop& loop_;
  const Kinesis kinesis_;
  const obs::Logger log_;
  std::map<std::pair<int64_t, std::string>, std::string> iterators_;  // of the thread alone
  std::map<int64_t, std::string> complaints_;                         // the last one of each stream
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace raudal::neighbours::firehose
