#include "control/metadata/store.h"

#include <stdlib.h>

#include <gtest/gtest.h>

#include "base/fs.h"

namespace raudal::control::metadata {
namespace {

class StoreTest : public ::testing::Test {
 protected:
  StoreTest() {
    char name[] = "/tmp/raudal-store-XXXXXX";
    root_ = ::mkdtemp(name);
    path_ = join_path(root_, "metadata.db");
    store_ = Store::open(path_, clock_).value();
  }
  ~StoreTest() override {
    store_.reset();
    (void)fs_->remove_all(root_);
  }

  Application insert(const std::string& name) {
    Application application;
    application.name = name;
    application.mode = "STREAMING";
    Transaction tx = store_->begin().value();
    EXPECT_TRUE(tx.insert_application(application).ok());
    EXPECT_TRUE(tx.commit().ok());
    return application;
  }

  std::unique_ptr<Fs> fs_ = posix_fs();
  ManualClock clock_{1'000'000};
  std::string root_;
  std::string path_;
  std::unique_ptr<Store> store_;
};

TEST_F(StoreTest, what_was_committed_is_there_after_opening_again) {
  insert("a");
  store_.reset();
  store_ = Store::open(path_, clock_).value();
  Transaction tx = store_->begin().value();
  EXPECT_TRUE(tx.require_application("a").ok());
  EXPECT_EQ(tx.require_application("b").error().code(), ErrorCode::kResourceNotFound);
}

TEST_F(StoreTest, transaction_without_commit_leaves_nothing) {
  {
    Application application;
    application.name = "a";
    Transaction tx = store_->begin().value();
    ASSERT_TRUE(tx.insert_application(application).ok());
  }
  Transaction tx = store_->begin().value();
  EXPECT_FALSE(tx.find_application("a").value().has_value());
}

TEST_F(StoreTest, store_of_a_newer_release_is_refused) {
  store_.reset();
  {
    auto database = sqlite::Database::open(path_, {.name = "metadata store"}).value();
    ASSERT_TRUE(database.execute("INSERT INTO migrations VALUES (1000, 0)").ok());
  }
  const auto opened = Store::open(path_, clock_);
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code(), ErrorCode::kMetadata);
  EXPECT_NE(opened.error().message().find("newer release"), std::string::npos);
}

TEST_F(StoreTest, rows_read_back_as_they_were_written) {
  const Application application = insert("a");
  Version version;
  version.runtime = "FLINK-1_20";
  version.configuration["x"] = "y\"\n";
  version.updated_from = 7;
  Operation operation;
  operation.id = "o1";
  operation.application = application.id;
  operation.kind = "StartApplication";
  operation.plan["snapshot"] = 3;
  Snapshot snapshot;
  snapshot.application = application.id;
  snapshot.name = "s";
  snapshot.incarnation = Incarnation(2);
  struct Run run;
  run.application = application.id;
  run.number = RunNumber(1);
  run.restore_snapshot = 9;
  Transaction tx = store_->begin().value();
  ASSERT_TRUE(tx.insert_version(application.id, version).ok());
  ASSERT_TRUE(tx.insert_operation(operation).ok());
  ASSERT_TRUE(tx.insert_snapshot(snapshot).ok());
  ASSERT_TRUE(tx.insert_run(run).ok());
  EXPECT_EQ(tx.require_version(application.id, 1).value().configuration, version.configuration);
  EXPECT_EQ(tx.require_version(application.id, 1).value().updated_from, 7);
  EXPECT_EQ(tx.operation_in_flight(application.id).value()->plan, operation.plan);
  EXPECT_EQ(tx.find_snapshot(application.id, "s").value()->incarnation, Incarnation(2));
  EXPECT_EQ(tx.require_run(application.id, RunNumber(1)).value().restore_snapshot, 9);
}

TEST_F(StoreTest, one_operation_is_in_flight_at_most) {
  const Application application = insert("a");
  Operation first;
  first.id = "o1";
  first.application = application.id;
  Operation second = first;
  second.id = "o2";
  Transaction tx = store_->begin().value();
  ASSERT_TRUE(tx.insert_operation(first).ok());
  EXPECT_FALSE(tx.insert_operation(second).ok());
  first.status = OperationStatus::kSuccessful;
  ASSERT_TRUE(tx.update_operation(first).ok());
  EXPECT_TRUE(tx.insert_operation(second).ok());
}

TEST_F(StoreTest, removed_application_takes_its_rows_along) {
  const Application application = insert("a");
  Transaction tx = store_->begin().value();
  ASSERT_TRUE(tx.insert_version(application.id, {}).ok());
  ASSERT_TRUE(tx.insert_tags(application.id, {{.key = "k", .value = std::nullopt}}).ok());
  ASSERT_TRUE(tx.remove_application(application.id).ok());
  EXPECT_FALSE(tx.find_version(application.id, 1).value().has_value());
  EXPECT_TRUE(tx.list_tags(application.id).value().empty());
}

TEST_F(StoreTest, states_move_along_the_table) {
  Application application = insert("a");
  Transaction tx = store_->begin().value();
  ASSERT_TRUE((tx.move<ApplicationStatus::kReady, ApplicationStatus::kStarting>(application).ok()));
  EXPECT_EQ(tx.require_application("a").value().status, ApplicationStatus::kStarting);
  static_assert(!is_legal(ApplicationStatus::kReady, ApplicationStatus::kRunning));
  static_assert(!is_legal(ApplicationStatus::kDeleting, ApplicationStatus::kReady));
}

TEST_F(StoreTest, name_may_be_used_again_after_removal) {
  const Application first = insert("a");
  {
    Transaction tx = store_->begin().value();
    ASSERT_TRUE(tx.remove_application(first.id).ok());
    ASSERT_TRUE(tx.commit().ok());
  }
  EXPECT_NE(insert("a").id, first.id);
}

}  // namespace
}  // namespace raudal::control::metadata
