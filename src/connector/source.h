// Sources: a reader per subtask, stepped by its slot, never blocking. Splits are divided among subtasks by a pure
// function of the split's name, so that readers need not talk to each other and a restore at another parallelism
// only divides anew.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "column/batch.h"
#include "connector/format.h"
#include "connector/table.h"

namespace raudal::connector {

// What a reader is told when it opens.
struct SourceContext {
  int subtask = 0;
  int parallelism = 1;
  const Clock* clock = nullptr;
  size_t batch_rows_max = column::kBatchRowsMax;
  // State items of all subtasks of the checkpoint that is restored (union): each reader keeps what is its own.
  std::vector<std::string> restored;
  bool is_restored = false;            // false: a fresh start, also of a table that the checkpoint does not know
};

enum class ReadState {
  kBatch,      // a batch is there
  kNothing,    // not now: ask again after idle_ms
  kEnd,        // bounded, and all is read
};

// What one read() gave: a batch, nothing for now, or the end.
struct ReadResult {
  ReadState state = ReadState::kNothing;
  column::Batch batch;                 // columns: the produced schema
  int idle_ms = 1;
};

// One subtask's reader: takes splits, gives batches, says its positions at a barrier.
class SourceReader {
 public:
  virtual ~SourceReader() = default;
  virtual Status open(const SourceContext& context) = 0;
  virtual Result<ReadResult> read() = 0;
  // Where reading stands, as items; taken at a barrier, between two reads. Format is the connector's own, versioned.
  // At least one item, also where nothing is left to read: without any, the next start would be a fresh one.
  virtual Result<std::vector<std::string>> snapshot() = 0;
  // Records that did not decode so far, for metrics; zero where there is no format.
  virtual DecodeCounts counts() const { return {}; }
};

// A table opened for reading: shared by the subtasks, immutable.
class Source {
 public:
  virtual ~Source() = default;
  virtual bool bounded() const = 0;
  virtual std::unique_ptr<SourceReader> make_reader() const = 0;
};

}  // namespace raudal::connector
