// Strong integers: an id or an offset is never a bare number in an interface.
//
//   using RunNumber = StrongInt<struct RunNumberTag>;
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string>

namespace raudal {

template <class Tag, class Rep = int64_t>
class StrongInt {
 public:
  constexpr StrongInt() = default;
  constexpr explicit StrongInt(Rep value) : value_(value) {}
  constexpr Rep value() const { return value_; }
  constexpr StrongInt next() const { return StrongInt(value_ + 1); }
  friend constexpr auto operator<=>(StrongInt, StrongInt) = default;

 private:
  Rep value_ = 0;
};

// One start of an application: new for each Start, Update and Rollback.
using RunNumber = StrongInt<struct RunNumberTag>;
// One process of a run; a successor after a crash has the next number.
using Incarnation = StrongInt<struct IncarnationTag>;
// Number in the sequence of a run's checkpoint log (state/checkpoint_log.h); also Flink's checkpoint id.
using CheckpointId = StrongInt<struct CheckpointIdTag>;
// Key group in [0, max parallelism): the unit in which keyed state is redistributed.
using KeyGroup = StrongInt<struct KeyGroupTag, int32_t>;

// Who writes: every durable file and every log record of a worker names its run.
struct RunIdentity {
  std::string application;
  RunNumber run;
  Incarnation incarnation;
};

}  // namespace raudal

template <class Tag, class Rep>
struct std::hash<raudal::StrongInt<Tag, Rep>> {
  size_t operator()(raudal::StrongInt<Tag, Rep> id) const { return std::hash<Rep>()(id.value()); }
};
