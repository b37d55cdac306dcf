// What SQS remembers, in one SQLite file: queues, their messages, and the deduplication ids of the last five minutes. A
// call that returns success is durable; changes of several rows are one transaction of the caller's.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/fs.h"
#include "base/result.h"
#include "codec/json.h"
#include "sqlite/database.h"

namespace raudal::neighbours::sqs {

// One queue. Attributes are those that were set, as texts.
struct Queue {
  int64_t id = 0;
  std::string name;
  int64_t created_s = 0;
  int64_t modified_s = 0;
  codec::JsonObject attributes;
  codec::JsonObject tags;

  bool is_fifo() const { return name.ends_with(".fifo"); }
  std::string attribute(std::string_view key) const;  // empty text when it was not set
  int64_t number(std::string_view key, int64_t otherwise) const;
};

// One message of a queue. Times are milliseconds since 1970.
struct Message {
  int64_t id = 0;  // also the order within its queue
  std::string message_id;
  std::string body;
  codec::JsonObject attributes;  // {name: {DataType, StringValue or BinaryValue}}
  codec::JsonObject system_attributes;
  std::string sender;
  int64_t sent_ms = 0;
  int64_t visible_ms = 0;  // hidden before: delayed, or in flight once it was received
  int64_t receive_count = 0;
  int64_t first_received_ms = 0;
  std::string receipt;  // of the last receive
  std::string group;    // FIFO
  std::string deduplication_id;
  int64_t sequence = 0;
  std::string source_arn;  // of the queue whose dead letter it is
};

// How many messages are where.
struct QueueCounts {
  int64_t visible = 0;
  int64_t in_flight = 0;
  int64_t delayed = 0;
};

// The one owner of the database; not thread-safe.
class QueueStore {
 public:
  static Result<std::unique_ptr<QueueStore>> open(Fs& fs, const std::string& directory);

  Result<sqlite::Transaction> begin() { return sqlite::Transaction::begin(database_); }

  Result<std::optional<Queue>> find(const std::string& name);
  Result<std::vector<Queue>> list();  // by name
  Status insert(const Queue& queue);
  Status update(const Queue& queue);
  Status remove(int64_t queue);
  Status purge(int64_t queue);
  Result<QueueCounts> counts(int64_t queue, int64_t now_ms);

  // Sets the message's id and sequence.
  Status add(int64_t queue, Message& message);
  // The message id and sequence that were sent under this key and are not yet forgotten.
  Result<std::optional<std::pair<std::string, int64_t>>> find_duplicate(int64_t queue, const std::string& key,
                                                                        int64_t now_ms);
  Status remember(int64_t queue, const std::string& key, const Message& message, int64_t until_ms);
  Status remove_sent_before(int64_t queue, int64_t sent_ms);
  // The first messages that may be received. Of a FIFO queue none behind a hidden one of its group.
  Result<std::vector<Message>> receivable(const Queue& queue, int64_t now_ms, int64_t limit);
  // When the next hidden message appears.
  Result<std::optional<int64_t>> next_visible_ms(int64_t queue, int64_t now_ms);
  Result<std::optional<Message>> message(int64_t queue, int64_t id);
  // All that receiving changes.
  Status update_message(const Message& message);
  Status move_message(const Message& message, int64_t to_queue);
  Status remove_message(int64_t id);

 private:
  explicit QueueStore(sqlite::Database database) : database_(std::move(database)) {}

  sqlite::Database database_;
};

}  // namespace raudal::neighbours::sqs
