// What Firehose remembers, in one SQLite file: delivery streams, the records that were not delivered yet, and for each
// stream the object that is being written. An object's name and last record are stored before it is written, so that
// after a crash the same object is written again, and none of its records ends up in another one.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/fs.h"
#include "base/result.h"
#include "codec/json.h"
#include "sqlite/database.h"

namespace raudal::neighbours::firehose {

// One delivery stream. Times are milliseconds since 1970.
struct DeliveryStream {
  int64_t id = 0;
  std::string name;
  std::string type;  // "DirectPut" or "KinesisStreamAsSource"
  int64_t created_ms = 0;
  int64_t updated_ms = 0;
  int64_t version = 1;
  bool is_deleting = false;
  codec::JsonObject source;       // of a Kinesis stream; else empty
  codec::JsonObject destination;  // ExtendedS3DestinationDescription
  codec::JsonArray tags;
};

// What waits for delivery.
struct Buffered {
  int64_t records = 0;
  int64_t bytes = 0;
  int64_t oldest_ms = 0;
};

// One record that waits.
struct BufferedRecord {
  int64_t id = 0;
  int64_t arrived_ms = 0;
  std::string data;
};

// The object that is being written.
struct Delivery {
  std::string key;
  int64_t last_record = 0;
};

// The one owner of the database; not thread-safe.
class DeliveryStore {
 public:
  static Result<std::unique_ptr<DeliveryStore>> open(Fs& fs, const std::string& directory);

  Result<sqlite::Transaction> begin() { return sqlite::Transaction::begin(database_); }

  Result<std::optional<DeliveryStream>> find(const std::string& name);
  Result<std::vector<DeliveryStream>> list();  // by name
  Result<int64_t> insert(const DeliveryStream& stream);
  Status update(const DeliveryStream& stream);
  Status remove(int64_t stream);  // with what waits

  // The record's id.
  Result<int64_t> add_record(int64_t stream, std::string_view data, int64_t arrived_ms);
  Result<Buffered> buffered(int64_t stream);
  // The first records, up to so many bytes but one at least; or, where `last` is given, all up to that one.
  Result<std::vector<BufferedRecord>> first_records(int64_t stream, int64_t bytes_max, std::optional<int64_t> last);

  Result<std::optional<Delivery>> delivery(int64_t stream);
  Status begin_delivery(int64_t stream, const Delivery& delivery);
  Status finish_delivery(int64_t stream, const Delivery& delivery);  // in one transaction

  // Where the reading of a shard of the source stands: a sequence number.
  Result<std::vector<std::pair<std::string, std::string>>> positions(int64_t stream);
  Status set_position(int64_t stream, const std::string& shard, const std::string& sequence);

 private:
  explicit DeliveryStore(sqlite::Database database) : database_(std::move(database)) {}

  sqlite::Database database_;
};

}  // namespace raudal::neighbours::firehose
