#include "neighbours/sqs/queue_store.h"

#include "base/str.h"
#include "sqlite/schema.h"

namespace raudal::neighbours::sqs {
namespace {

constexpr sqlite::Settings kSettings = {.name = "queues' store"};
constexpr int64_t kSchemaVersion = 1;
constexpr const char* kSchema = R"(
CREATE TABLE queue (
  id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE,
  created_s INTEGER NOT NULL, modified_s INTEGER NOT NULL, attributes TEXT NOT NULL, tags TEXT NOT NULL
) STRICT;
CREATE TABLE message (
  id INTEGER PRIMARY KEY AUTOINCREMENT, queue INTEGER NOT NULL REFERENCES queue(id) ON DELETE CASCADE,
  message_id TEXT NOT NULL, body TEXT NOT NULL, attributes TEXT NOT NULL, system_attributes TEXT NOT NULL,
  sender TEXT NOT NULL, sent_ms INTEGER NOT NULL, visible_ms INTEGER NOT NULL,
  receive_count INTEGER NOT NULL, first_received_ms INTEGER NOT NULL, receipt TEXT NOT NULL,
  message_group TEXT NOT NULL, deduplication_id TEXT NOT NULL, source_arn TEXT NOT NULL
) STRICT;
CREATE INDEX message_order ON message (queue, id);
CREATE INDEX message_sent ON message (queue, sent_ms);
CREATE INDEX message_visible ON message (queue, visible_ms);
CREATE INDEX message_group ON message (queue, message_group, id);
CREATE TABLE duplicate (
  queue INTEGER NOT NULL REFERENCES queue(id) ON DELETE CASCADE, key TEXT NOT NULL,
  message_id TEXT NOT NULL, sequence INTEGER NOT NULL, until_ms INTEGER NOT NULL,
  PRIMARY KEY (queue, key)
) STRICT, WITHOUT ROWID;
)";
constexpr const char* kQueueColumns = "SELECT id, name, created_s, modified_s, attributes, tags FROM queue ";
constexpr const char* kMessageColumns =
    "SELECT id, message_id, body, attributes, system_attributes, sender, sent_ms, visible_ms, receive_count, "
    "first_received_ms, receipt, message_group, deduplication_id, source_arn FROM message AS m ";

Result<Queue> read_queue(const sqlite::Statement& row) {
  return Queue{.id = row.int_at(0),
               .name = row.text_at(1),
               .created_s = row.int_at(2),
               .modified_s = row.int_at(3),
               .attributes = TRY(codec::parse_json_object(row.text_at(4))),
               .tags = TRY(codec::parse_json_object(row.text_at(5)))};
}

Result<Message> read_message(const sqlite::Statement& row) {
  return Message{.id = row.int_at(0),
                 .message_id = row.text_at(1),
                 .body = row.text_at(2),
                 .attributes = TRY(codec::parse_json_object(row.text_at(3))),
                 .system_attributes = TRY(codec::parse_json_object(row.text_at(4))),
                 .sender = row.text_at(5),
                 .sent_ms = row.int_at(6),
                 .visible_ms = row.int_at(7),
                 .receive_count = row.int_at(8),
                 .first_received_ms = row.int_at(9),
                 .receipt = row.text_at(10),
                 .group = row.text_at(11),
                 .deduplication_id = row.text_at(12),
                 .sequence = row.int_at(0),
                 .source_arn = row.text_at(13)};
}

}  // namespace

std::string Queue::attribute(std::string_view key) const {
  return std::string(codec::find_string(attributes, key).value_or(""));
}

int64_t Queue::number(std::string_view key, int64_t otherwise) const {
  return parse_int(attribute(key)).value_or(otherwise);
}

Result<std::unique_ptr<QueueStore>> QueueStore::open(Fs& fs, const std::string& directory) {
  TRY(fs.make_directories(directory));
  auto database = TRY(sqlite::Database::open(join_path(directory, "queues.sqlite"), kSettings));
  TRY(sqlite::create_schema(database, kSchemaVersion, kSchema));
  return std::unique_ptr<QueueStore>(new QueueStore(std::move(database)));
}

Result<std::optional<Queue>> QueueStore::find(const std::string& name) {
  auto row = TRY(database_.query(std::string(kQueueColumns) + "WHERE name = ?", name));
  if (!TRY(row.step())) return std::optional<Queue>();
  return std::optional<Queue>(TRY(read_queue(row)));
}

Result<std::vector<Queue>> QueueStore::list() {
  auto rows = TRY(database_.prepare(std::string(kQueueColumns) + "ORDER BY name"));
  std::vector<Queue> queues;
  while (TRY(rows.step())) queues.push_back(TRY(read_queue(rows)));
  return queues;
}

Status QueueStore::insert(const Queue& queue) {
  return database_.run("INSERT INTO queue (name, created_s, modified_s, attributes, tags) VALUES (?, ?, ?, ?, ?)",
                       queue.name, queue.created_s, queue.modified_s, codec::write_json(queue.attributes),
                       codec::write_json(queue.tags));
}

Status QueueStore::update(const Queue& queue) {
  return database_.run("UPDATE queue SET modified_s = ?, attributes = ?, tags = ? WHERE id = ?", queue.modified_s,
                       codec::write_json(queue.attributes), codec::write_json(queue.tags), queue.id);
}

Status QueueStore::remove(int64_t queue) { return database_.run("DELETE FROM queue WHERE id = ?", queue); }
Status QueueStore::purge(int64_t queue) { return database_.run("DELETE FROM message WHERE queue = ?", queue); }

Result<QueueCounts> QueueStore::counts(int64_t queue, int64_t now_ms) {
  auto row =
      TRY(database_.query("SELECT count(*), count(*) FILTER (WHERE visible_ms > ? AND receive_count > 0), "
                          "count(*) FILTER (WHERE visible_ms > ? AND receive_count = 0) FROM message WHERE queue = ?",
                          now_ms, now_ms, queue));
  TRY(row.step());
  QueueCounts counts{.visible = 0, .in_flight = row.int_at(1), .delayed = row.int_at(2)};
  counts.visible = row.int_at(0) - counts.in_flight - counts.delayed;
  return counts;
}

Status QueueStore::add(int64_t queue, Message& message) {
  TRY(database_.run(
      "INSERT INTO message (queue, message_id, body, attributes, system_attributes, sender, sent_ms, "
      "visible_ms, receive_count, first_received_ms, receipt, message_group, deduplication_id, source_arn) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, 0, '', ?, ?, '')",
      queue, message.message_id, message.body, codec::write_json(message.attributes),
      codec::write_json(message.system_attributes), message.sender, message.sent_ms, message.visible_ms, message.group,
      message.deduplication_id));
  message.id = message.sequence = database_.last_row_id();
  return {};
}

Result<std::optional<std::pair<std::string, int64_t>>> QueueStore::find_duplicate(int64_t queue, const std::string& key,
                                                                                  int64_t now_ms) {
  TRY(database_.run("DELETE FROM duplicate WHERE queue = ? AND until_ms <= ?", queue, now_ms));
  auto row = TRY(database_.query("SELECT message_id, sequence FROM duplicate WHERE queue = ? AND key = ?", queue, key));
  if (!TRY(row.step())) return std::optional<std::pair<std::string, int64_t>>();
  return std::optional(std::pair(row.text_at(0), row.int_at(1)));
}

Status QueueStore::remember(int64_t queue, const std::string& key, const Message& message, int64_t until_ms) {
  return database_.run("INSERT INTO duplicate (queue, key, message_id, sequence, until_ms) VALUES (?, ?, ?, ?, ?)",
                       queue, key, message.message_id, message.sequence, until_ms);
}

Status QueueStore::remove_sent_before(int64_t queue, int64_t sent_ms) {
  return database_.run("DELETE FROM message WHERE queue = ? AND sent_ms < ?", queue, sent_ms);
}

Result<std::vector<Message>> QueueStore::receivable(const Queue& queue, int64_t now_ms, int64_t limit) {
  std::string sql = std::string(kMessageColumns) + "WHERE queue = ? AND visible_ms <= ? ";
  if (queue.is_fifo()) {
    sql +=
        "AND NOT EXISTS (SELECT 1 FROM message AS earlier WHERE earlier.queue = m.queue AND "
        "earlier.message_group = m.message_group AND earlier.id < m.id AND earlier.visible_ms > ?2) ";
  }
  sql += "ORDER BY id LIMIT ?3";
  auto rows = TRY(database_.query(sql, queue.id, now_ms, limit));
  std::vector<Message> messages;
  while (TRY(rows.step())) messages.push_back(TRY(read_message(rows)));
  return messages;
}

Result<std::optional<int64_t>> QueueStore::next_visible_ms(int64_t queue, int64_t now_ms) {
  auto row =
      TRY(database_.query("SELECT min(visible_ms) FROM message WHERE queue = ? AND visible_ms > ?", queue, now_ms));
  TRY(row.step());
  return row.optional_int_at(0);
}

Result<std::optional<Message>> QueueStore::message(int64_t queue, int64_t id) {
  auto row = TRY(database_.query(std::string(kMessageColumns) + "WHERE queue = ? AND id = ?", queue, id));
  if (!TRY(row.step())) return std::optional<Message>();
  return std::optional<Message>(TRY(read_message(row)));
}

Status QueueStore::update_message(const Message& message) {
  return database_.run(
      "UPDATE message SET visible_ms = ?, receive_count = ?, first_received_ms = ?, receipt = ? WHERE id = ?",
      message.visible_ms, message.receive_count, message.first_received_ms, message.receipt, message.id);
}

Status QueueStore::move_message(const Message& message, int64_t to_queue) {
  return database_.run(
      "UPDATE message SET queue = ?, visible_ms = 0, receive_count = 0, first_received_ms = 0, receipt = '', "
      "source_arn = ? WHERE id = ?",
      to_queue, message.source_arn, message.id);
}

Status QueueStore::remove_message(int64_t id) { return database_.run("DELETE FROM message WHERE id = ?", id); }

}  // namespace raudal::neighbours::sqs
