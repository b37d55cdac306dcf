// The streams' states on disk: one SQLite file, one document a stream, and the key that seals iterators. Used by the
// catalogue, which holds the same in memory. A call that returns success is durable.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/result.h"
#include "neighbours/kinesis/stream_state.h"
#include "sqlite/database.h"

namespace raudal::neighbours::kinesis {

class StreamStore {
 public:
  // kMetadata when the file cannot be opened or is of a newer release.
  static Result<std::unique_ptr<StreamStore>> open(const std::string& path);

  Result<std::vector<StreamState>> load();
  // Gives the stream its number.
  Status add(StreamState& state);
  Status save(const StreamState& state);
  Status remove(uint64_t number);
  // Random bytes, made once.
  const std::string& seal_key() const { return seal_key_; }

 private:
  explicit StreamStore(sqlite::Database database) : database_(std::move(database)) {}
  Status migrate();

  std::mutex mutex_;
  sqlite::Database database_;
  std::string seal_key_;
};

}  // namespace raudal::neighbours::kinesis
