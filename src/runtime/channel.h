// The way from one task to another: a bounded ring between two slots. Batches count against its limits (8, or 4 MiB);
// watermarks, barriers and the end always pass, so that a checkpoint is never stuck behind its own back-pressure.
// One producer slot, one consumer slot.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <utility>

#include "base/bounded_queue.h"
#include "column/batch.h"
#include "runtime/slot_signal.h"

namespace raudal::runtime {

enum class ElementKind : uint8_t { kBatch, kWatermark, kIdle, kBarrier, kEnd };

// What flows between tasks. `value`: the watermark in ms, 1 for idle and 0 for active, or the barrier's sequence.
struct Element {
  ElementKind kind = ElementKind::kBatch;
  int64_t value = 0;
  column::Batch batch;
  int64_t bytes = 0;  // of the batch; set by push()
};

// See the head of this file.
class Channel {
 public:
  static constexpr int kBatchesMax = 8;
  static constexpr int64_t kBytesMax = 4 << 20;

  Channel(SlotSignal& producer, SlotSignal& consumer) : producer_(producer), consumer_(consumer), ring_(kRingSize) {}

  // Producer. When there is no room, its slot is woken as soon as there is.
  bool has_room();
  // Producer. Always takes the element: what the ring cannot hold waits at the producer's end.
  void push(Element element);

  // Consumer.
  Element* front() { return ring_.front(); }
  void pop();
  int64_t bytes_pushed() const { return bytes_pushed_; }  // producer

 private:
  static constexpr size_t kRingSize = 64;

  void flush_overflow();
  bool below_limits() const {
    return overflow_.empty() && num_batches_.load() < kBatchesMax && bytes_.load() < kBytesMax;
  }

  SlotSignal& producer_;
  SlotSignal& consumer_;
  SpscRing<Element> ring_;
  std::deque<Element> overflow_;  // producer only
  int64_t bytes_pushed_ = 0;      // producer only
  std::atomic<int> num_batches_{0};
  std::atomic<int64_t> bytes_{0};
  std::atomic<bool> producer_waits_{false};
};

}  // namespace raudal::runtime
