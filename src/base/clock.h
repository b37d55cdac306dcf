// Time comes from a Clock, so that tests and simulation choose it. SystemClock is the machine's.
#pragma once

#include <cstdint>

namespace raudal {

class Clock {
 public:
  virtual ~Clock() = default;
  // Wall time in microseconds since 1970-01-01 UTC. May jump.
  virtual int64_t wall_us() const = 0;
  // Nanoseconds that only grow; no relation to wall time.
  virtual int64_t monotonic_ns() const = 0;
};

class SystemClock final : public Clock {
 public:
  int64_t wall_us() const override;
  int64_t monotonic_ns() const override;
};

// Stands still until told otherwise.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(int64_t wall_us = 0) : wall_us_(wall_us) {}
  int64_t wall_us() const override { return wall_us_; }
  int64_t monotonic_ns() const override { return wall_us_ * 1000; }
  void advance_us(int64_t us) { wall_us_ += us; }

 private:
  int64_t wall_us_;
};

}  // namespace raudal
