#include "control/metadata/store.h"

#include "control/metadata/migrations.h"
#include "control/metadata/query.h"

namespace raudal::control::metadata {

Result<std::unique_ptr<Store>> Store::open(const std::string& path, const Clock& clock) {
  auto database = TRY(sqlite::Database::open(path, {.name = "metadata store"}));
  TRY(migrate(database, clock));
  return std::unique_ptr<Store>(new Store(std::move(database)));
}

Result<Transaction> Store::begin() {
  std::unique_lock lock(mutex_);
  auto transaction = TRY(sqlite::Transaction::begin(database_));
  return Transaction(database_, std::move(transaction), std::move(lock));
}

Status Transaction::commit() {
  TRY(transaction_.commit());
  lock_.unlock();
  return {};
}

Status Transaction::append_audit(const AuditEvent& event, int64_t time_ms) {
  return execute(
      "INSERT INTO audit (time_ms, action, application, access_key, request_id, request) VALUES (?, ?, ?, ?, ?, ?)",
      time_ms, std::string_view(event.action), std::string_view(event.application), std::string_view(event.access_key),
      std::string_view(event.request_id), std::string_view(event.request));
}

}  // namespace raudal::control::metadata
