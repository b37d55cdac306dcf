// The throughput that AWS gives a shard: 1 000 records and 1 MiB written a second, 2 MiB and five calls read. Off
// unless the service is started with --kinesis-limits, so that tests of programs meet the limits of production.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>

#include "base/clock.h"

namespace raudal::neighbours::kinesis {

class Throttle {
 public:
  explicit Throttle(const Clock& clock) : clock_(clock) {}

  // Whether a record of this size may be written now; it counts if so.
  bool admit_write(uint32_t shard, size_t bytes);
  // Whether records may be read now; what is read is told afterwards.
  bool admit_read(uint32_t shard);
  void count_read(uint32_t shard, size_t bytes);

 private:
  // Fills at a rate up to what a second gives.
  struct Bucket {
    double level = 0;
    int64_t filled_ns = 0;
  };
  struct Buckets {
    Bucket write_records, write_bytes, read_calls, read_bytes;
  };

  void fill(Bucket& bucket, double per_second) const;

  const Clock& clock_;
  std::mutex mutex_;
  std::map<uint32_t, Buckets> shards_;
};

}  // namespace raudal::neighbours::kinesis
