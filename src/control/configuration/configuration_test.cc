#include <set>

#include <fmt/core.h>
#include <gmock/gmock.h>

#include "api/model.h"
#include "control/configuration/faces.h"
#include "control/configuration/programs.h"
#include "control/configuration/settings.h"
#include "control/configuration/versions.h"

namespace raudal::control::configuration {
namespace {

using codec::JsonObject;

JsonObject parse(std::string_view text) {
  auto parsed = codec::parse_json_object(text);
  CHECK(parsed.ok());
  return *std::move(parsed);
}

// A request with this ApplicationConfiguration.
JsonObject create_request(std::string_view configuration) {
  return parse(fmt::format(R"({{"ApplicationName":"a","RuntimeEnvironment":"FLINK-1_20","ServiceExecutionRole":"arn:r",
      "ApplicationConfiguration":{}}})",
                           configuration));
}

metadata::Version created(std::string_view configuration) {
  auto draft = create_version(create_request(configuration));
  CHECK(draft.ok());
  return draft->version;
}

metadata::Version updated(const metadata::Version& current, std::string_view configuration) {
  auto draft = update_version(current, parse(fmt::format(R"({{"ApplicationConfigurationUpdate":{}}})", configuration)));
  CHECK(draft.ok());
  return draft->version;
}

std::string text_of(const metadata::Version& version, std::string_view block) {
  return codec::write_json(version.configuration.at(block));
}

// Calls `visit(created or updated, described)` for each pair of structures that the conversions walk.
void walk(const api::Shape& given, const api::Shape& description, std::set<const api::Shape*>& seen,
          std::vector<std::string>& unmatched) {
  if (!seen.insert(&given).second) return;
  for (const api::Member& member : given.members) {
    const api::Member* target = described_member(description, member.name);
    if (target == nullptr) {
      unmatched.push_back(fmt::format("{}.{}", given.name, member.name));
      continue;
    }
    if (member.shape->kind == api::ShapeKind::kStructure) walk(*member.shape, *target->shape, seen, unmatched);
    if (member.shape->kind == api::ShapeKind::kList && member.shape->item->kind == api::ShapeKind::kStructure) {
      walk(*member.shape->item, *target->shape->item, seen, unmatched);
    }
  }
}

TEST(FacesTest, every_member_has_its_described_one) {
  const api::Model& model = api::service_model();
  std::set<const api::Shape*> seen;
  std::vector<std::string> unmatched;
  const api::Shape& description = *model.find_shape("ApplicationConfigurationDescription");
  walk(*model.find_shape("ApplicationConfiguration"), description, seen, unmatched);
  walk(*model.find_shape("ApplicationConfigurationUpdate"), description, seen, unmatched);
  walk(*model.find_shape("CloudWatchLoggingOptionUpdate"), *model.find_shape("CloudWatchLoggingOptionDescription"),
       seen, unmatched);
  EXPECT_THAT(unmatched,
              ::testing::UnorderedElementsAre("CodeContent.ZipFileContent", "CodeContentUpdate.ZipFileContentUpdate"));
  EXPECT_GT(seen.size(), 60u);
}

TEST(VersionsTest, defaults_are_the_services) {
  const metadata::Version version = created("{}");
  EXPECT_EQ(text_of(version, "FlinkApplicationConfigurationDescription"),
            R"({"CheckpointConfigurationDescription":{"ConfigurationType":"DEFAULT","CheckpointingEnabled":true,)"
            R"("CheckpointInterval":60000,"MinPauseBetweenCheckpoints":5000},"MonitoringConfigurationDescription":)"
            R"({"ConfigurationType":"DEFAULT","MetricsLevel":"APPLICATION","LogLevel":"INFO"},)"
            R"("ParallelismConfigurationDescription":{"ConfigurationType":"DEFAULT","Parallelism":1,)"
            R"("ParallelismPerKPU":1,"AutoScalingEnabled":true}})");
  EXPECT_TRUE(snapshots_enabled(version.configuration));
  EXPECT_FALSE(rollback_enabled(version.configuration));
}

TEST(VersionsTest, default_type_overrides_what_is_sent) {
  const metadata::Version version = created(R"({"FlinkApplicationConfiguration":{
      "CheckpointConfiguration":{"ConfigurationType":"DEFAULT","CheckpointInterval":1,"CheckpointingEnabled":false},
      "ParallelismConfiguration":{"ConfigurationType":"CUSTOM","Parallelism":4}}})");
  const engine::LaunchFile launch = launch_file(version, engine::ProgramKind::kSql);
  EXPECT_TRUE(launch.checkpointing_enabled);
  EXPECT_EQ(launch.checkpoint_interval_ms, 60'000);
  EXPECT_EQ(launch.parallelism, 4);
}

TEST(VersionsTest, update_merges_blocks_and_replaces_property_groups) {
  const metadata::Version first = created(R"({"FlinkApplicationConfiguration":{
      "CheckpointConfiguration":{"ConfigurationType":"CUSTOM","CheckpointInterval":1000}},
      "EnvironmentProperties":{"PropertyGroups":[{"PropertyGroupId":"a","PropertyMap":{"k":"1","l":"2"}}]}})");
  const metadata::Version second = updated(first, R"({"FlinkApplicationConfigurationUpdate":{
      "CheckpointConfigurationUpdate":{"MinPauseBetweenCheckpointsUpdate":7}},
      "EnvironmentPropertyUpdates":{"PropertyGroups":[{"PropertyGroupId":"b","PropertyMap":{"k":"3"}}]}})");
  EXPECT_EQ(second.number, 2);
  EXPECT_EQ(second.updated_from, 1);
  EXPECT_EQ(launch_file(second, engine::ProgramKind::kSql).checkpoint_interval_ms, 1000);
  EXPECT_EQ(launch_file(second, engine::ProgramKind::kSql).min_pause_between_checkpoints_ms, 7);
  EXPECT_EQ(property_groups(second.configuration), (engine::PropertyGroups{{"b", {{"k", "3"}}}}));
}

TEST(VersionsTest, code_of_one_kind_takes_the_place_of_another) {
  const metadata::Version text = created(
      R"({"ApplicationCodeConfiguration":{"CodeContentType":"PLAINTEXT","CodeContent":{"TextContent":"SELECT 1"}}})");
  EXPECT_EQ(code_location(text).text, "SELECT 1");
  const metadata::Version s3 =
      updated(text, R"({"ApplicationCodeConfigurationUpdate":{"CodeContentTypeUpdate":"ZIPFILE",
      "CodeContentUpdate":{"S3ContentLocationUpdate":{"BucketARNUpdate":"arn:aws:s3:::b","FileKeyUpdate":"k",
      "ObjectVersionUpdate":"v"}}}})");
  EXPECT_EQ(code_location(s3).kind, CodeLocation::Kind::kS3);
  EXPECT_EQ(code_location(s3).bucket, "b");
  EXPECT_EQ(code_location(s3).object_version, "v");
  const metadata::Version newest = updated(
      s3,
      R"({"ApplicationCodeConfigurationUpdate":{"CodeContentUpdate":{"S3ContentLocationUpdate":{"FileKeyUpdate":"l"}}}})");
  EXPECT_EQ(code_location(newest).key, "l");
  EXPECT_FALSE(code_location(newest).object_version.has_value());
}

TEST(VersionsTest, elements_get_ids_of_the_version_and_are_updated_by_them) {
  const metadata::Version first = created(
      R"({"VpcConfigurations":[{"SubnetIds":["s1"],"SecurityGroupIds":["g1"]},{"SubnetIds":["s2"],"SecurityGroupIds":["g2"]}]})");
  const metadata::Version second =
      updated(first, R"({"VpcConfigurationUpdates":[{"VpcConfigurationId":"1.2","SubnetIdUpdates":["s3","s4"]}]})");
  const auto& list = second.configuration.at("VpcConfigurationDescriptions").get_array();
  EXPECT_EQ(list.at(0).at("VpcConfigurationId"), "1.1");
  EXPECT_EQ(codec::write_json(list.at(0).at("SubnetIds")), R"(["s1"])");
  EXPECT_EQ(codec::write_json(list.at(1).at("SubnetIds")), R"(["s3","s4"])");
  EXPECT_EQ(codec::write_json(list.at(1).at("SecurityGroupIds")), R"(["g2"])");
  const auto unknown = update_version(first, parse(R"({"ApplicationConfigurationUpdate":{"VpcConfigurationUpdates":[
      {"VpcConfigurationId":"9.9"}]}})"));
  EXPECT_EQ(unknown.error().code(), ErrorCode::kResourceNotFound);
}

TEST(VersionsTest, rules_across_members_are_enforced) {
  const auto code_of = [](std::string_view configuration) {
    const auto draft = create_version(create_request(configuration));
    return draft.ok() ? ErrorCode::kInternal : draft.error().code();
  };
  EXPECT_EQ(code_of(R"({"EnvironmentProperties":{"PropertyGroups":[{"PropertyGroupId":"a","PropertyMap":{"k":"1"}},
                        {"PropertyGroupId":"a","PropertyMap":{"k":"2"}}]}})"),
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of(R"({"ApplicationEncryptionConfiguration":{"KeyType":"CUSTOMER_MANAGED_KEY"}})"),
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of(R"({"SqlApplicationConfiguration":{}})"), ErrorCode::kInvalidArgument);
  EXPECT_EQ(
      code_of(R"({"ApplicationSnapshotConfiguration":{"SnapshotsEnabled":true,"SnapshotMode":"ENHANCED_SNAPSHOTS"}})"),
      ErrorCode::kUnsupportedOperation);
  EXPECT_EQ(code_of(R"({"ApplicationCodeConfiguration":{"CodeContentType":"ZIPFILE","CodeContent":{
                        "S3ContentLocation":{"BucketARN":"arn:aws:s3","FileKey":"k"}}}})"),
            ErrorCode::kInvalidArgument);
}

TEST(SettingsTest, key_groups_follow_flinks_rule) {
  EXPECT_EQ(max_parallelism_for(1), 128);
  EXPECT_EQ(max_parallelism_for(85), 128);
  EXPECT_EQ(max_parallelism_for(86), 256);
  EXPECT_EQ(max_parallelism_for(256), 512);
}

TEST(SettingsTest, run_options_name_the_program_and_flinks_options) {
  const metadata::Version version = created(R"({"EnvironmentProperties":{"PropertyGroups":[
      {"PropertyGroupId":"raudal.run.options","PropertyMap":{"sql":"jobs/a.sql","table.exec.state.ttl":"1 h"}}]}})");
  const engine::LaunchFile launch = launch_file(version, engine::ProgramKind::kSql);
  EXPECT_EQ(launch.program_file, "jobs/a.sql");
  EXPECT_EQ(launch.engine_options, (std::map<std::string, std::string>{{"table.exec.state.ttl", "1 h"}}));
}

}  // namespace
}  // namespace raudal::control::configuration
