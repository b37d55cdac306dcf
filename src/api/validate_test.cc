#include <algorithm>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "api/validate.h"

#include "api/pattern.h"
#include "api/protocol.h"

namespace raudal::api {
namespace {

Result<codec::JsonObject> check(std::string_view operation, std::string_view body) {
  const auto request = codec::parse_json_object(body);
  CHECK(request.ok());
  return validate(*service_model().find_operation(operation)->input, *request);
}

std::string message(std::string_view operation, std::string_view body) {
  const auto result = check(operation, body);
  return result.ok() ? "" : result.error().message();
}

TEST(ModelTest, knows_every_operation_and_shape) {
  const Model& model = service_model();
  EXPECT_EQ(model.operations().size(), 41u);
  const Shape* create = model.find_shape("CreateApplicationRequest");
  ASSERT_NE(create, nullptr);
  EXPECT_EQ(create->kind, ShapeKind::kStructure);
  EXPECT_EQ(create->members.at(0).name, "ApplicationName");
  EXPECT_EQ(create->members.at(0).shape->max, 128);
  const Operation* start = model.find_operation("StartApplication");
  ASSERT_NE(start, nullptr);
  EXPECT_NE(std::find(start->errors.begin(), start->errors.end(), "ResourceInUseException"), start->errors.end());
  for (const auto& [name, operation] : model.operations()) {
    EXPECT_EQ(operation.input->kind, ShapeKind::kStructure) << name;
    EXPECT_EQ(operation.output->kind, ShapeKind::kStructure) << name;
  }
}

TEST(ModelTest, all_patterns_compile_and_match_the_whole_text) {
  EXPECT_TRUE(matches_whole("[a-zA-Z0-9_.-]+", "a.b"));
  EXPECT_FALSE(matches_whole("[a-zA-Z0-9_.-]+", "a\n"));
  EXPECT_TRUE(matches_whole(service_model().find_shape("RecordRowPath")->pattern, "$.a"));
  EXPECT_FALSE(matches_whole(service_model().find_shape("RecordRowPath")->pattern, "a.b"));
  EXPECT_FALSE(matches_whole(service_model().find_shape("SnapshotV2Description")->pattern, "a\tb"));
  EXPECT_TRUE(matches_whole(service_model().find_shape("SnapshotV2Description")->pattern, "äb c"));
}

TEST(ValidateTest, tells_all_violations_in_the_models_order) {
  EXPECT_EQ(message("CreateApplication", R"({"ApplicationName":"a b","ServiceExecutionRole":"arn:x"})"),
            "2 validation errors detected: Value 'a b' at 'applicationName' failed to satisfy constraint: Member must "
            "satisfy regular expression pattern: [a-zA-Z0-9_.-]+; Value null at 'runtimeEnvironment' failed to "
            "satisfy constraint: Member must not be null");
}

TEST(ValidateTest, names_the_place_in_lists_and_maps) {
  const std::string text = message("TagResource", R"({"ResourceARN":"arn:x","Tags":[{"Key":""},{"Value":"v"}]})");
  EXPECT_NE(text.find("Value '' at 'tags.1.member.key'"), std::string::npos) << text;
  EXPECT_NE(text.find("Value null at 'tags.2.member.key'"), std::string::npos) << text;
}

TEST(ValidateTest, enforces_values_lengths_and_enums) {
  EXPECT_NE(message("ListApplications", R"({"Limit":51})").find("less than or equal to 50"), std::string::npos);
  EXPECT_NE(message("ListApplications", R"({"Limit":0})").find("greater than or equal to 1"), std::string::npos);
  const std::string text = message(
      "CreateApplication", R"({"ApplicationName":"a","RuntimeEnvironment":"x","ServiceExecutionRole":"arn:x"})");
  EXPECT_NE(text.find("Member must satisfy enum value set: [SQL-1_0, FLINK-1_6"), std::string::npos) << text;
  const std::string long_name(129, 'a');
  EXPECT_NE(message("DescribeApplication", fmt::format(R"({{"ApplicationName":"{}"}})", long_name))
                .find("Member must have length less than or equal to 128"),
            std::string::npos);
}

TEST(ValidateTest, wrong_json_types_are_serialization_errors) {
  for (const char* body : {R"({"ApplicationName":1})", R"({"ApplicationName":["a"]})", R"({"ApplicationName":{}})",
                           R"({"ApplicationName":"a","IncludeAdditionalDetails":"yes"})",
                           R"({"ApplicationName":"a","IncludeAdditionalDetails":1})"}) {
    EXPECT_EQ(check("DescribeApplication", body).error().code(), ErrorCode::kSerialization) << body;
  }
  EXPECT_EQ(check("ListApplications", R"({"Limit":1.5})").error().code(), ErrorCode::kSerialization);
  EXPECT_EQ(check("ListApplications", R"({"Limit":"1"})").error().code(), ErrorCode::kSerialization);
  EXPECT_EQ(check("DeleteApplication", R"({"ApplicationName":"a","CreateTimestamp":"2026"})").error().code(),
            ErrorCode::kSerialization);
}

TEST(ValidateTest, keeps_what_the_model_knows_and_normalises_it) {
  const auto kept =
      check("DescribeApplication", R"({"ApplicationName":"a","Unknown":1,"IncludeAdditionalDetails":"true"})");
  ASSERT_TRUE(kept.ok());
  EXPECT_EQ(codec::write_json(*kept), R"({"ApplicationName":"a","IncludeAdditionalDetails":true})");
  EXPECT_EQ(message("DescribeApplication", R"({"ApplicationName":null})"),
            "1 validation error detected: Value null at 'applicationName' failed to satisfy constraint: Member must "
            "not be null");
}

TEST(ProtocolTest, unknown_targets_are_refused) {
  EXPECT_TRUE(find_target(service_model(), "KinesisAnalytics_20180523.ListApplications").ok());
  for (const char* target : {"", "KinesisAnalytics_20180523.Nothing", "KinesisAnalytics_20150814.ListApplications"}) {
    EXPECT_EQ(find_target(service_model(), target).error().code(), ErrorCode::kUnknownOperation) << target;
  }
}

TEST(ProtocolTest, errors_carry_type_and_both_spellings_of_the_message) {
  const ErrorResponse response = error_response(Error(ErrorCode::kResourceNotFound, "none"));
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.body, R"({"__type":"ResourceNotFoundException","Message":"none","message":"none"})");
}

}  // namespace
}  // namespace raudal::api
