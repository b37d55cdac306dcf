#include "neighbours/kinesis/stream_store.h"

#include <fmt/core.h>

#include "base/rng.h"

namespace raudal::neighbours::kinesis {
namespace {

constexpr int64_t kSchemaVersion = 1;
constexpr int kSealKeyBytes = 32;
constexpr sqlite::Settings kSettings = {.name = "Kinesis streams' store"};
constexpr const char* kSchema = R"(
CREATE TABLE stream (
  number INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, document TEXT NOT NULL
) STRICT;
CREATE TABLE seal (key TEXT NOT NULL) STRICT;
PRAGMA user_version = 1;
)";

}  // namespace

Result<std::unique_ptr<StreamStore>> StreamStore::open(const std::string& path) {
  std::unique_ptr<StreamStore> store(new StreamStore(TRY(sqlite::Database::open(path, kSettings))));
  TRY(store->migrate());
  return store;
}

Status StreamStore::migrate() {
  sqlite::Transaction transaction = TRY(sqlite::Transaction::begin(database_));
  int64_t version = 0;
  {
    sqlite::Statement row = TRY(database_.query("PRAGMA user_version"));
    if (TRY(row.step())) version = row.int_at(0);
  }
  if (version > kSchemaVersion) {
    return Error(ErrorCode::kMetadata,
                 fmt::format("Kinesis streams' store is of a newer release: version {}", version));
  }
  if (version == 0) {
    TRY(database_.execute(kSchema));
    TRY(database_.run("INSERT INTO seal (key) VALUES (?)", secure_random_hex(kSealKeyBytes)));
  }
  {
    sqlite::Statement row = TRY(database_.query("SELECT key FROM seal"));
    if (!TRY(row.step())) return Error(ErrorCode::kCorrupt, "Kinesis streams' store has no key");
    seal_key_ = row.text_at(0);
  }
  return transaction.commit();
}

Result<std::vector<StreamState>> StreamStore::load() {
  std::lock_guard lock(mutex_);
  std::vector<StreamState> states;
  sqlite::Statement row = TRY(database_.query("SELECT document FROM stream ORDER BY name"));
  while (TRY(row.step())) states.push_back(TRY(decode_state(row.text_at(0))));
  return states;
}

Status StreamStore::add(StreamState& state) {
  std::lock_guard lock(mutex_);
  sqlite::Transaction transaction = TRY(sqlite::Transaction::begin(database_));
  TRY(database_.run("INSERT INTO stream (name, document) VALUES (?, '')", state.name));
  state.number = static_cast<uint64_t>(database_.last_row_id());
  TRY(database_.run("UPDATE stream SET document = ? WHERE number = ?", encode_state(state),
                    static_cast<int64_t>(state.number)));
  return transaction.commit();
}

Status StreamStore::save(const StreamState& state) {
  std::lock_guard lock(mutex_);
  return database_.run("UPDATE stream SET document = ? WHERE number = ?", encode_state(state),
                       static_cast<int64_t>(state.number));
}

Status StreamStore::remove(uint64_t number) {
  std::lock_guard lock(mutex_);
  return database_.run("DELETE FROM stream WHERE number = ?", static_cast<int64_t>(number));
}

}  // namespace raudal::neighbours::kinesis
