// Sinks: a writer per subtask and one committer. Exactly-once: what prepare_commit() returns is durable but not
// visible; it goes into the checkpoint's manifest; only after the manifest stands is it committed. commit() may be
// repeated, by anyone, at any later time.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "column/batch.h"
#include "connector/table.h"

namespace raudal::connector {

struct SinkContext {
  int subtask = 0;
  int parallelism = 1;
  const Clock* clock = nullptr;
  RunIdentity identity;          // names of unpublished parts carry it, so that a zombie's never collide
  std::string uid;               // of the sink operator
};

// One subtask's writer. What it has written becomes visible by a commit of what it prepared at a barrier.
class SinkWriter {
 public:
  virtual ~SinkWriter() = default;
  virtual Status open(const SinkContext& context) = 0;
  virtual Status write(const column::Batch& batch) = 0;
  // Between two batches, at least each second: time-based rolling.
  virtual Status tick() { return {}; }
  // At a barrier: makes durable all rows since the last one, invisibly, and says how to publish them.
  virtual Result<std::vector<std::string>> prepare_commit(CheckpointId checkpoint) = 0;
};

// What a sink promises, shown by EXPLAIN.
enum class Delivery { kAtLeastOnce, kExactlyOnce };

// What a table becomes when a program inserts into it: promises first, then writers and the commit.
class Sink {
 public:
  virtual ~Sink() = default;
  virtual Delivery delivery() const = 0;
  virtual bool accepts_updates() const = 0;   // false: an append-only sink refuses -U, +U and -D at planning
  virtual std::unique_ptr<SinkWriter> make_writer() const = 0;
  // Publishes; idempotent: what is published already, or was removed since, is fine.
  virtual Status commit(const std::vector<std::string>& committables) = 0;
  // Removes unpublished parts of this sink that no manifest names (left by a predecessor that was killed).
  // `keep` are the committables of the restored manifest. Called once per job start, before any writer opens.
  virtual Status recover(const SinkContext& context, const std::vector<std::string>& keep) = 0;
};

}  // namespace raudal::connector
