#include "engine/engine_router.h"

#include <stdlib.h>

#include <gtest/gtest.h>

#include "engine/fake_engine.h"

namespace raudal::engine {
namespace {

// Three fakes; the one that was asked is known by what it then knows of the run.
class EngineRouterTest : public ::testing::Test {
 protected:
  EngineRouterTest() {
    char name[] = "/tmp/raudal-router-XXXXXX";
    root_ = ::mkdtemp(name);
    RoutedEngines engines;
    for (auto [fake, place] : {std::pair(&native_, &engines.native), std::pair(&local_, &engines.flink_local),
                               std::pair(&remote_, &engines.flink_remote)}) {
      auto made = std::make_unique<FakeEngine>(*fs_);
      *fake = made.get();
      *place = std::move(made);
    }
    router_ = engine_router(*fs_, std::move(engines));
  }
  ~EngineRouterTest() override { (void)fs_->remove_all(root_); }

  std::string start(EngineKind engine) {
    const std::string run = join_path(root_, std::to_string(static_cast<int>(engine)));
    LaunchFile launch;
    launch.engine = engine;
    EXPECT_TRUE(fs_->make_directories(run).ok());
    EXPECT_TRUE(write_launch_file(*fs_, run, launch).ok());
    EXPECT_TRUE(router_->start(run).ok());
    return run;
  }
  std::string savepoint(const std::string& name, const std::string& metadata) {
    const std::string folder = join_path(root_, name);
    EXPECT_TRUE(fs_->make_directories(folder).ok());
    EXPECT_TRUE(write_file_durably(*fs_, join_path(folder, "_metadata"), metadata).ok());
    return folder;
  }

  std::unique_ptr<Fs> fs_ = posix_fs();
  FakeEngine* native_ = nullptr;
  FakeEngine* local_ = nullptr;
  FakeEngine* remote_ = nullptr;
  std::string root_;
  std::unique_ptr<Engine> router_;
};

TEST_F(EngineRouterTest, run_goes_to_the_engine_that_its_launch_file_names) {
  const std::string native = start(EngineKind::kNative);
  const std::string local = start(EngineKind::kFlinkLocal);
  const std::string remote = start(EngineKind::kFlinkRemote);
  EXPECT_EQ(native_->launches(native).size(), 1u);
  EXPECT_EQ(local_->launches(local).size(), 1u);
  EXPECT_EQ(remote_->launches(remote).size(), 1u);
  ASSERT_TRUE(router_->kill(local).ok());
  EXPECT_EQ(local_->num_living(), 0);
  EXPECT_EQ(native_->num_living(), 1);
  EXPECT_FALSE(router_->alive(join_path(root_, "never")).value());
}

TEST_F(EngineRouterTest, savepoint_of_flink_is_known_by_its_magic_number) {
  const std::string magic = "\x49\x60\x67\x2d\x01";
  EXPECT_EQ(find_flink_savepoint(*fs_, savepoint("a", magic)).value(), root_ + "/a");
  EXPECT_EQ(find_flink_savepoint(*fs_, parent_directory(savepoint("b/savepoint-1-2", magic))).value(),
            root_ + "/b/savepoint-1-2");
  EXPECT_EQ(find_flink_savepoint(*fs_, savepoint("c", "RDSP")).error().code(), ErrorCode::kNotFound);
  EXPECT_EQ(find_flink_savepoint(*fs_, savepoint("d", "\x49\x60")).error().code(), ErrorCode::kNotFound);
  EXPECT_EQ(find_flink_savepoint(*fs_, root_ + "/none").error().code(), ErrorCode::kNotFound);
}

}  // namespace
}  // namespace raudal::engine
