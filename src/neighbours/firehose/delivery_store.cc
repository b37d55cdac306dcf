#include "neighbours/firehose/delivery_store.h"

#include <utility>

#include "sqlite/schema.h"

namespace raudal::neighbours::firehose {
namespace {

// All texts are stored as blobs, since records are bytes.
constexpr sqlite::Settings kSettings = {.name = "delivery streams' store", .text_as = sqlite::TextAs::kBlob};
constexpr int64_t kSchemaVersion = 1;
constexpr const char* kSchema = R"(
CREATE TABLE stream (
  id INTEGER PRIMARY KEY AUTOINCREMENT, name BLOB NOT NULL UNIQUE, type BLOB NOT NULL,
  created_ms INTEGER NOT NULL, updated_ms INTEGER NOT NULL, version INTEGER NOT NULL, is_deleting INTEGER NOT NULL,
  source BLOB NOT NULL, destination BLOB NOT NULL, tags BLOB NOT NULL
) STRICT;
CREATE TABLE record (
  id INTEGER PRIMARY KEY AUTOINCREMENT, stream INTEGER NOT NULL REFERENCES stream(id) ON DELETE CASCADE,
  arrived_ms INTEGER NOT NULL, data BLOB NOT NULL
) STRICT;
CREATE INDEX record_order ON record (stream, id);
CREATE TABLE delivery (
  stream INTEGER PRIMARY KEY REFERENCES stream(id) ON DELETE CASCADE, key BLOB NOT NULL, last_record INTEGER NOT NULL
) STRICT;
CREATE TABLE position (
  stream INTEGER NOT NULL REFERENCES stream(id) ON DELETE CASCADE, shard BLOB NOT NULL, sequence BLOB NOT NULL,
  PRIMARY KEY (stream, shard)
) STRICT, WITHOUT ROWID;
)";
constexpr const char* kColumns =
    "SELECT id, name, type, created_ms, updated_ms, version, is_deleting, source, destination, tags FROM stream ";

Result<DeliveryStream> read_stream(const sqlite::Statement& row) {
  const codec::Json tags = TRY(codec::parse_json(row.text_at(9)));
  return DeliveryStream{.id = row.int_at(0),
                        .name = row.text_at(1),
                        .type = row.text_at(2),
                        .created_ms = row.int_at(3),
                        .updated_ms = row.int_at(4),
                        .version = row.int_at(5),
                        .is_deleting = row.int_at(6) != 0,
                        .source = TRY(codec::parse_json_object(row.text_at(7))),
                        .destination = TRY(codec::parse_json_object(row.text_at(8))),
                        .tags = tags.is_array() ? tags.get_array() : codec::JsonArray()};
}

}  // namespace

Result<std::unique_ptr<DeliveryStore>> DeliveryStore::open(Fs& fs, const std::string& directory) {
  TRY(fs.make_directories(directory));
  auto database = TRY(sqlite::Database::open(join_path(directory, "delivery.sqlite"), kSettings));
  TRY(sqlite::create_schema(database, kSchemaVersion, kSchema));
  return std::unique_ptr<DeliveryStore>(new DeliveryStore(std::move(database)));
}

Result<std::optional<DeliveryStream>> DeliveryStore::find(const std::string& name) {
  auto row = TRY(database_.query(std::string(kColumns) + "WHERE name = ?", name));
  if (!TRY(row.step())) return std::optional<DeliveryStream>();
  return std::optional<DeliveryStream>(TRY(read_stream(row)));
}

Result<std::vector<DeliveryStream>> DeliveryStore::list() {
  auto rows = TRY(database_.prepare(std::string(kColumns) + "ORDER BY name"));
  std::vector<DeliveryStream> streams;
  while (TRY(rows.step())) streams.push_back(TRY(read_stream(rows)));
  return streams;
}

Result<int64_t> DeliveryStore::insert(const DeliveryStream& stream) {
  TRY(database_.run(
      "INSERT INTO stream (name, type, created_ms, updated_ms, version, is_deleting, source, destination, "
      "tags) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
      stream.name, stream.type, stream.created_ms, stream.updated_ms, stream.version, int64_t{stream.is_deleting},
      codec::write_json(stream.source), codec::write_json(stream.destination), codec::write_json(stream.tags)));
  return database_.last_row_id();
}

Status DeliveryStore::update(const DeliveryStream& stream) {
  return database_.run(
      "UPDATE stream SET updated_ms = ?, version = ?, is_deleting = ?, destination = ?, tags = ? "
      "WHERE id = ?",
      stream.updated_ms, stream.version, int64_t{stream.is_deleting}, codec::write_json(stream.destination),
      codec::write_json(stream.tags), stream.id);
}

Status DeliveryStore::remove(int64_t stream) { return database_.run("DELETE FROM stream WHERE id = ?", stream); }

Result<int64_t> DeliveryStore::add_record(int64_t stream, std::string_view data, int64_t arrived_ms) {
  TRY(database_.run("INSERT INTO record (stream, arrived_ms, data) VALUES (?, ?, ?)", stream, arrived_ms, data));
  return database_.last_row_id();
}

Result<Buffered> DeliveryStore::buffered(int64_t stream) {
  auto row = TRY(database_.query(
      "SELECT count(*), coalesce(sum(length(data)), 0), coalesce(min(arrived_ms), 0) FROM record WHERE stream = ?",
      stream));
  TRY(row.step());
  return Buffered{.records = row.int_at(0), .bytes = row.int_at(1), .oldest_ms = row.int_at(2)};
}

Result<std::vector<BufferedRecord>> DeliveryStore::first_records(int64_t stream, int64_t bytes_max,
                                                                 std::optional<int64_t> last) {
  auto rows = TRY(database_.query("SELECT id, arrived_ms, data FROM record WHERE stream = ? AND id <= ? ORDER BY id",
                                  stream, last.value_or(INT64_MAX)));
  std::vector<BufferedRecord> records;
  int64_t bytes = 0;
  while (TRY(rows.step())) {
    BufferedRecord record{.id = rows.int_at(0), .arrived_ms = rows.int_at(1), .data = rows.text_at(2)};
    bytes += static_cast<int64_t>(record.data.size());
    if (!last && bytes > bytes_max && !records.empty()) break;
    records.push_back(std::move(record));
  }
  return records;
}

Result<std::optional<Delivery>> DeliveryStore::delivery(int64_t stream) {
  auto row = TRY(database_.query("SELECT key, last_record FROM delivery WHERE stream = ?", stream));
  if (!TRY(row.step())) return std::optional<Delivery>();
  return std::optional(Delivery{.key = row.text_at(0), .last_record = row.int_at(1)});
}

Status DeliveryStore::begin_delivery(int64_t stream, const Delivery& delivery) {
  return database_.run("INSERT INTO delivery (stream, key, last_record) VALUES (?, ?, ?)", stream, delivery.key,
                       delivery.last_record);
}

Status DeliveryStore::finish_delivery(int64_t stream, const Delivery& delivery) {
  auto transaction = TRY(begin());
  TRY(database_.run("DELETE FROM record WHERE stream = ? AND id <= ?", stream, delivery.last_record));
  TRY(database_.run("DELETE FROM delivery WHERE stream = ?", stream));
  return transaction.commit();
}

Result<std::vector<std::pair<std::string, std::string>>> DeliveryStore::positions(int64_t stream) {
  auto rows = TRY(database_.query("SELECT shard, sequence FROM position WHERE stream = ?", stream));
  std::vector<std::pair<std::string, std::string>> positions;
  while (TRY(rows.step())) positions.emplace_back(rows.text_at(0), rows.text_at(1));
  return positions;
}

Status DeliveryStore::set_position(int64_t stream, const std::string& shard, const std::string& sequence) {
  return database_.run("INSERT OR REPLACE INTO position (stream, shard, sequence) VALUES (?, ?, ?)", stream, shard,
                       sequence);
}

}  // namespace raudal::neighbours::firehose
