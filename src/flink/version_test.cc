#include "flink/version.h"

#include <gtest/gtest.h>

#include "flink/poms.h"

namespace raudal::flink {
namespace {

TEST(FlinkVersion, every_installable_runtime_has_a_pom_of_its_release) {
  for (const FlinkVersion& version : flink_versions()) {
    if (version.support != Support::kInstallable) continue;
    const std::string expected = "<flink.version>" + std::string(version.release) + "</flink.version>";
    EXPECT_NE(pom_of(version.runtime).find(expected), std::string_view::npos) << version.runtime;
    EXPECT_FALSE(version.java_majors.empty());
  }
}

TEST(FlinkVersion, is_found_by_runtime_environment_and_by_release) {
  EXPECT_EQ(find_flink_version("FLINK-1_20")->release, "1.20.3");
  EXPECT_EQ(find_flink_version("1.20.1")->runtime, "1.20");
  EXPECT_EQ(find_flink_version("2.2")->configuration_file, "config.yaml");
  EXPECT_EQ(find_flink_version("1.18")->configuration_file, "flink-conf.yaml");
  EXPECT_EQ(find_flink_version("3.1"), nullptr);
  EXPECT_EQ(find_flink_version(""), nullptr);
}

TEST(FlinkVersion, what_is_not_served_says_why) {
  EXPECT_EQ(find_flink_version("1.8")->support, Support::kRefusedAtCreate);
  EXPECT_EQ(find_flink_version("1.13")->support, Support::kRefusedAtStart);
  const auto refused = require_flink_version("1.13");
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), ErrorCode::kInvalidArgument);
  EXPECT_NE(refused.error().message().find("FLINK-1_15 or later"), std::string::npos);
}

}  // namespace
}  // namespace raudal::flink
