// The producer's end of an exchange: splits batches among the consumer's subtasks. One per edge and producing subtask.
//
// A hash exchange hashes the key columns once and sends the hashes along. Small parts wait up to 2 ms for company.
// Row watermarks end here: behind an exchange the channel's watermark counts.
#pragma once

#include <cstdint>
#include <vector>

#include "column/batch.h"
#include "graph/job_graph.h"
#include "runtime/channel.h"

namespace raudal::runtime {

// Where a writer sends, and how.
struct ExchangeRoute {
  graph::Exchange exchange = graph::Exchange::kForward;
  std::vector<int> keys;
  int subtask = 0;  // the producer's
  int max_parallelism = 128;
  size_t batch_rows_max = column::kBatchRowsMax;
  std::vector<Channel*> targets;  // one per subtask of the consumer that this producer reaches
};

// See the head of this file.
class ExchangeWriter {
 public:
  static constexpr int64_t kLingerNs = 2'000'000;
  static constexpr size_t kSmallRows = 1024;

  explicit ExchangeWriter(ExchangeRoute route);

  bool has_room();
  void emit(column::Batch batch);
  // Watermark, idle status, barrier or end: to all targets, behind all rows so far.
  void broadcast(ElementKind kind, int64_t value);
  // Sends parts that have waited long enough, or all of them.
  void flush(int64_t now_ns, bool all);
  int64_t bytes_sent() const;

 private:
  // Parts for one target that wait for company.
  struct Waiting {
    std::vector<column::Batch> parts;
    size_t num_rows = 0;
    int64_t since_ns = 0;
  };

  void emit_by_hash(column::Batch batch);
  void send_part(size_t target, column::Batch part);
  void send_waiting(size_t target);
  void push(size_t target, column::Batch batch);

  const ExchangeRoute route_;
  const size_t small_rows_;
  std::vector<uint16_t> target_of_group_;    // hash: by key group
  std::vector<std::vector<uint16_t>> rows_;  // scratch, by target
  std::vector<Waiting> waiting_;             // by target
  size_t next_ = 0;                          // rebalance
  int64_t now_ns_ = 0;                       // of the last flush()
};

}  // namespace raudal::runtime
