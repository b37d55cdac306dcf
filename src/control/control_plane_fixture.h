// A control plane on a fake engine and a fake bucket, for tests of what the API's operations do: it asks as a client
// would, and looks at what the engine was told.
#pragma once

#include <stdlib.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "codec/json.h"
#include "codec/zip.h"
#include "control/control_plane.h"
#include "engine/fake_engine.h"
#include "obs/log_sinks.h"

namespace raudal::control {

using codec::Json;
using codec::JsonObject;
using engine::FakeEngine;
using engine::JobState;

inline constexpr char kCreate[] = R"({"ApplicationName":"orders","RuntimeEnvironment":"FLINK-1_20",
  "ServiceExecutionRole":"arn:aws:iam::1:role/r","ApplicationConfiguration":{
  "ApplicationCodeConfiguration":{"CodeContentType":"ZIPFILE","CodeContent":{"S3ContentLocation":{
    "BucketARN":"arn:aws:s3:::code","FileKey":"app.zip"}}},
  "FlinkApplicationConfiguration":{"ParallelismConfiguration":{"ConfigurationType":"CUSTOM","Parallelism":2}}}})";

// One bucket named "code".
class FakeObjects final : public lifecycle::ObjectSource {
 public:
  explicit FakeObjects(Fs& fs) : fs_(fs) {}
  void put(const std::string& key, std::string bytes) { objects_[key] = std::move(bytes); }

  Result<int64_t> fetch(const std::string& bucket, const std::string& key, const std::optional<std::string>& version,
                        const std::string& path) override {
    const auto found = objects_.find(key);
    if (bucket != "code" || version || found == objects_.end()) {
      return Error(ErrorCode::kResourceNotFound, "NoSuchKey");
    }
    TRY(write_file_durably(fs_, path, found->second));
    return static_cast<int64_t>(found->second.size());
  }

 private:
  Fs& fs_;
  std::map<std::string, std::string> objects_;
};

// Opens the control plane in a folder of its own; reopen() is a restart of it.
class ControlPlaneTest : public ::testing::Test {
 protected:
  ControlPlaneTest() {
    char name[] = "/tmp/raudal-control-XXXXXX";
    root_ = ::mkdtemp(name);
    objects_.put("app.zip", *codec::make_zip({{"main.sql", "SELECT 1"}, {"other.sql", "SELECT 2"}}));
    open();
  }
  ~ControlPlaneTest() override {
    engine_.hold_starts(false);
    close();
    (void)fs_->remove_all(root_);
  }

  void open() {
    auto opened = ControlPlane::open(*fs_, clock_, engine_, objects_, log_,
                                     {.data_directory = root_,
                                      .unresponsive_ms = 200,
                                      .flink_unresponsive_ms = 200,
                                      .relaunch_delay_max_ms = 50,
                                      .savepoint_timeout_ms = savepoint_timeout_ms_,
                                      .rescale_timeout_ms = rescale_timeout_ms_,
                                      .tick_ms = 5,
                                      .num_threads = 2,
                                      .credentials_key = "key"});
    ASSERT_TRUE(opened.ok()) << opened.error().message();
    control_ = *std::move(opened);
    ASSERT_TRUE(control_->start().ok());
  }
  void close() {
    if (control_) EXPECT_TRUE(control_->stop(5'000));
    control_.reset();
  }
  // As if the service had been killed and started again; the engine's processes live on.
  void reopen() {
    close();
    open();
  }

  ApiResponse call(const std::string& operation, const std::string& body) {
    return control_->handle({.target = "KinesisAnalytics_20180523." + operation,
                             .body = body,
                             .access_key = "AKIA",
                             .request_id = "r",
                             .host = "service:1"});
  }
  // The answer of a call that succeeds.
  JsonObject ask(const std::string& operation, const std::string& body) {
    const ApiResponse response = call(operation, body);
    EXPECT_EQ(response.status, 200) << operation << ": " << response.body;
    return codec::parse_json_object(response.body).value();
  }
  std::string error_of(const std::string& operation, const std::string& body) {
    return call(operation, body).error_type;
  }

  JsonObject detail(const std::string& members = R"("ApplicationName":"orders")") {
    return ask("DescribeApplication", "{" + members + "}")["ApplicationDetail"].get_object();
  }
  std::string status() { return detail()["ApplicationStatus"].get_string().c_str(); }
  int64_t version() { return detail()["ApplicationVersionId"].get_int64(); }
  double created() { return detail()["CreateTimestamp"].to_number<double>(); }
  std::string snapshot_status(const std::string& name) {
    const JsonObject answer =
        ask("DescribeApplicationSnapshot", fmt::format(R"({{"ApplicationName":"orders","SnapshotName":"{}"}})", name));
    return answer.at("SnapshotDetails").at("SnapshotStatus").get_string().c_str();
  }
  std::vector<std::string> snapshots() {
    std::vector<std::string> names;
    const JsonObject answer = ask("ListApplicationSnapshots", R"({"ApplicationName":"orders"})");
    for (const Json& summary : answer.at("SnapshotSummaries").get_array()) {
      names.emplace_back(summary.at("SnapshotName").get_string());
    }
    return names;
  }
  JsonObject operation(const std::string& id) {
    return ask("DescribeApplicationOperation", fmt::format(R"({{"ApplicationName":"orders","OperationId":"{}"}})",
                                                           id))["ApplicationOperationInfoDetails"]
        .get_object();
  }

  // Of an application that is READY.
  void set_properties(const std::string& groups) {
    update(fmt::format(R"("ApplicationConfigurationUpdate":{{"EnvironmentPropertyUpdates":{{"PropertyGroups":[{}]}}}})",
                       groups));
  }

  int num_logged(const std::string& text) {
    const auto records = sink_.query({});
    return static_cast<int>(std::ranges::count_if(
        records, [&](const obs::LogRecord& record) { return record.message.find(text) != std::string::npos; }));
  }

  template <class Condition>
  bool wait_until(Condition condition) {
    for (int i = 0; i < 4'000; ++i) {
      if (condition()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return false;
  }
  bool wait_for(const std::string& wanted) {
    return wait_until([&] { return status() == wanted; });
  }

  std::string run_directory(int run) {
    const auto folders = fs_->list(root_ + "/applications").value();
    return fmt::format("{}/applications/{}/runs/{}", root_, folders.at(0).name, run);
  }
  std::string start(const std::string& more = "") {
    return ask("StartApplication", R"({"ApplicationName":"orders")" + more + "}")["OperationId"].get_string().c_str();
  }
  void create_and_run() {
    ask("CreateApplication", kCreate);
    start();
    ASSERT_TRUE(wait_for("RUNNING"));
  }
  std::string update(const std::string& members) {
    return ask("UpdateApplication", fmt::format(R"({{"ApplicationName":"orders","CurrentApplicationVersionId":{},{}}})",
                                                version(), members))["OperationId"]
        .get_string()
        .c_str();
  }

  std::unique_ptr<Fs> fs_ = posix_fs();
  SystemClock clock_;
  FakeEngine engine_{*fs_};
  FakeObjects objects_{*fs_};
  obs::RingLogSink sink_;
  obs::Logger log_{sink_, clock_, "test"};
  std::string root_;
  int64_t savepoint_timeout_ms_ = 600'000;  // from the next open()
  int64_t rescale_timeout_ms_ = 60'000;     // the same
  std::unique_ptr<ControlPlane> control_;
};

inline constexpr char kName[] = R"({"ApplicationName":"orders"})";
inline constexpr char kForce[] = R"({"ApplicationName":"orders","Force":true})";
inline constexpr char kSkip[] =
    R"(,"RunConfiguration":{"ApplicationRestoreConfiguration":{"ApplicationRestoreType":"SKIP_RESTORE_FROM_SNAPSHOT"}})";
inline constexpr char kParallelism4[] = R"("ApplicationConfigurationUpdate":{"FlinkApplicationConfigurationUpdate":
    {"ParallelismConfigurationUpdate":{"ConfigurationTypeUpdate":"CUSTOM","ParallelismUpdate":4}}})";

}  // namespace raudal::control
