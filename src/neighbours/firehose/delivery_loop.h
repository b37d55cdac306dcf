// Writes what waits in delivery streams to S3 when enough of it waits, or for long enough. One thread for all streams;
// it takes up what a killed service left behind.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "base/clock.h"
#include "neighbours/firehose/delivery_store.h"
#include "neighbours/firehose/destination.h"
#include "neighbours/s3/s3_service.h"
#include "obs/log.h"

namespace raudal::neighbours::firehose {

// Owns the lock of the store: whoever uses the store holds it.
class DeliveryLoop {
 public:
  using Lock = std::unique_lock<std::mutex>;

  DeliveryLoop(DeliveryStore& store, s3::S3Service& s3, const Clock& clock, const obs::Logger& log)
      : store_(store), s3_(s3), clock_(clock), log_(log) {}
  ~DeliveryLoop() { stop(); }

  Status start();
  void stop();
  Lock lock() { return Lock(mutex_); }

  int64_t now_ms() const { return clock_.wall_us() / 1000; }

  // With the lock held: the stream is new or changed.
  void set(const DeliveryStream& stream);
  // With the lock held, after records were stored.
  void added(int64_t stream, const Buffered& more);
  // With the lock held: how much waits. Nothing of a stream that is gone.
  int64_t buffered_bytes(int64_t stream) const;

 private:
  struct Waiting {
    std::string name;
    DeliverySettings settings;
    bool is_deleting = false;
    Buffered buffered;
    int64_t retry_ms = 0;  // not before, after a failure
    int64_t backoff_ms = 0;
  };

  void run();
  // Milliseconds until the stream is to be delivered; nothing when nothing waits.
  std::optional<int64_t> due_in_ms(const Waiting& waiting) const;
  void serve(Lock& lock, int64_t id);
  void drop(int64_t id);
  Status deliver(Lock& lock, int64_t id);
  Status put_object(Lock& lock, const DeliverySettings& settings, const std::string& key,
                    const std::vector<BufferedRecord>& records);
  DeliveryStore& store_;
  s3::S3Service& s3_;
  const Clock& clock_;
  const obs::Logger log_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  std::map<int64_t, Waiting> waiting_;
  std::thread thread_;
};

}  // namespace raudal::neighbours::firehose
