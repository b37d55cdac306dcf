// The metadata store: applications, versions, operations, snapshots and runs in one SQLite file. Everything happens in
// a Transaction; it holds the store until it ends, and without commit() nothing of it remains. A mutation of the API
// writes version, operation and audit event in one of them.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "control/metadata/records.h"
#include "sqlite/database.h"

namespace raudal::control::metadata {

// What a page of a list asks for. Each list says what its position is.
struct PageRequest {
  int64_t before = 0;  // position of the last item seen; 0: from the start
  int64_t limit = 50;
};

class Transaction {
 public:
  Status commit();  // rolled back at its end otherwise

  // ---- applications
  Result<std::optional<Application>> find_application(std::string_view name);
  Result<std::optional<Application>> find_application(ApplicationId id);
  // kResourceNotFound with AWS's wording.
  Result<Application> require_application(std::string_view name);
  Result<std::vector<Application>> list_applications(std::string_view after, int64_t limit);  // by name
  Result<std::vector<ApplicationId>> all_applications();
  // Those that run, have an operation in flight, or have snapshots that come or go.
  Result<std::vector<ApplicationId>> applications_to_watch();
  Result<int64_t> count_applications();
  Status insert_application(Application& application);        // fills in the id
  Status update_application(const Application& application);  // all but status, name and creation
  Status remove_application(ApplicationId id);                // with all that belongs to it
  // Takes one edge of the state machine; an illegal one does not compile.
  template <ApplicationStatus from, ApplicationStatus to>
  Status move(Application& application) {
    static_assert(is_legal(from, to), "this transition does not stand in control/metadata/status.h");
    CHECK(application.status == from);
    return set_status(application, to);
  }
  Status insert_tags(ApplicationId id, const std::vector<Tag>& tags);
  Result<std::vector<Tag>> list_tags(ApplicationId id);

  // ---- versions
  Status insert_version(ApplicationId id, const Version& version);
  Result<std::optional<Version>> find_version(ApplicationId id, int64_t number);
  Result<Version> require_version(ApplicationId id, int64_t number);               // kResourceNotFound
  Result<std::vector<Version>> list_versions(ApplicationId id, PageRequest page);  // newest first; by number
  Status set_final_status(ApplicationId id, int64_t number, std::string_view status);

  // ---- operations
  Status insert_operation(const Operation& operation);
  Status update_operation(const Operation& operation);
  Result<std::optional<Operation>> find_operation(ApplicationId id, std::string_view operation);
  Result<std::optional<Operation>> operation_in_flight(ApplicationId id);
  // Newest first; by sequence. Empty filters admit all.
  Result<std::vector<Operation>> list_operations(ApplicationId id, PageRequest page, std::string_view kind,
                                                 std::string_view status);

  // ---- snapshots
  Status insert_snapshot(Snapshot& snapshot);  // fills in the id
  Status update_snapshot(const Snapshot& snapshot);
  Status remove_snapshot(int64_t id);
  Result<std::optional<Snapshot>> find_snapshot(ApplicationId id, std::string_view name);
  Result<std::optional<Snapshot>> find_snapshot(int64_t id);
  Result<std::optional<Snapshot>> newest_ready_snapshot(ApplicationId id);
  Result<std::vector<Snapshot>> list_snapshots(ApplicationId id, PageRequest page);  // newest first; by id
  Result<std::vector<Snapshot>> snapshots_in(ApplicationId id, SnapshotStatus status);
  Result<int64_t> count_snapshots(ApplicationId id);

  // ---- runs
  Status insert_run(const Run& run);
  Status update_run(const Run& run);
  Result<std::optional<Run>> find_run(ApplicationId id, RunNumber number);
  Result<Run> require_run(ApplicationId id, RunNumber number);  // kInternal: a row that must be there

  Status append_audit(const AuditEvent& event, int64_t time_ms);

 private:
  friend class Store;
  Transaction(sqlite::Database& database, sqlite::Transaction transaction, std::unique_lock<std::mutex> lock)
      : database_(&database), lock_(std::move(lock)), transaction_(std::move(transaction)) {}

  Status set_status(Application& application, ApplicationStatus to);
  template <class... Values>
  Result<sqlite::Statement> query(std::string_view sql, const Values&... values);
  template <class... Values>
  Status execute(std::string_view sql, const Values&... values);

  sqlite::Database* database_;
  std::unique_lock<std::mutex> lock_;
  sqlite::Transaction transaction_;  // after the lock: it rolls back while it is held
};

// The file and the lock on it. One for a process.
class Store {
 public:
  // Opens or creates the file and migrates it.
  static Result<std::unique_ptr<Store>> open(const std::string& path, const Clock& clock);

  Result<Transaction> begin();

 private:
  explicit Store(sqlite::Database database) : database_(std::move(database)) {}

  sqlite::Database database_;
  std::mutex mutex_;
};

}  // namespace raudal::control::metadata
