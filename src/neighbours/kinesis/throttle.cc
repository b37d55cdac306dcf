#include "neighbours/kinesis/throttle.h"

#include <algorithm>

namespace raudal::neighbours::kinesis {
namespace {

constexpr double kWriteRecords = 1000;
constexpr double kWriteBytes = 1 << 20;
constexpr double kReadCalls = 5;
constexpr double kReadBytes = 2 << 20;

}  // namespace

void Throttle::fill(Bucket& bucket, double per_second) const {
  const int64_t now_ns = clock_.monotonic_ns();
  const bool is_new = bucket.filled_ns == 0;
  const double added = is_new ? per_second : static_cast<double>(now_ns - bucket.filled_ns) / 1e9 * per_second;
  bucket.level = std::min(per_second, bucket.level + added);
  bucket.filled_ns = now_ns;
}

bool Throttle::admit_write(uint32_t shard, size_t bytes) {
  std::lock_guard lock(mutex_);
  Buckets& buckets = shards_[shard];
  fill(buckets.write_records, kWriteRecords);
  fill(buckets.write_bytes, kWriteBytes);
  // A record larger than a second's bytes may pass when the bucket is full; the debt is paid by those that follow.
  if (buckets.write_records.level < 1) return false;
  if (buckets.write_bytes.level < std::min<double>(static_cast<double>(bytes), kWriteBytes)) return false;
  buckets.write_records.level -= 1;
  buckets.write_bytes.level -= static_cast<double>(bytes);
  return true;
}

bool Throttle::admit_read(uint32_t shard) {
  std::lock_guard lock(mutex_);
  Buckets& buckets = shards_[shard];
  fill(buckets.read_calls, kReadCalls);
  fill(buckets.read_bytes, kReadBytes);
  if (buckets.read_calls.level < 1 || buckets.read_bytes.level <= 0) return false;
  buckets.read_calls.level -= 1;
  return true;
}

// A call may read 10 MiB at once; then the next ones wait for up to five seconds, as AWS says.
void Throttle::count_read(uint32_t shard, size_t bytes) {
  std::lock_guard lock(mutex_);
  shards_[shard].read_bytes.level -= static_cast<double>(bytes);
}

}  // namespace raudal::neighbours::kinesis
