#include "apps/load/access.h"

#include <map>

#include <gtest/gtest.h>

namespace raudal::apps {
namespace {

constexpr char kFile[] =
    "[default]\naws_access_key_id = AKIADEFAULT\naws_secret_access_key = one\n"
    "[other]\naws_access_key_id=AKIAOTHER\naws_secret_access_key=two\naws_session_token=three\n";

Variables variables_of(std::map<std::string, std::string> values) {
  return [values = std::move(values)](const std::string& name) {
    const auto found = values.find(name);
    return found == values.end() ? "" : found->second;
  };
}

TEST(Access, reads_the_profile_that_is_asked_for) {
  EXPECT_EQ(credentials_in(kFile, "default")->access_key_id, "AKIADEFAULT");
  const auto other = credentials_in(kFile, "other");
  EXPECT_EQ(other->secret_access_key, "two");
  EXPECT_EQ(other->session_token, "three");
  EXPECT_EQ(credentials_in(kFile, "third").error().code(), ErrorCode::kNotFound);
}

TEST(Access, never_falls_back_to_aws) {
  const auto fs = posix_fs();
  const auto access =
      find_access(*fs, {}, "kinesis", variables_of({{"AWS_ACCESS_KEY_ID", "A"}, {"AWS_SECRET_ACCESS_KEY", "B"}}));
  ASSERT_FALSE(access.ok());
  EXPECT_EQ(access.error().code(), ErrorCode::kInvalidRequest);
}

TEST(Access, the_services_own_variable_and_the_option_win) {
  const auto fs = posix_fs();
  std::map<std::string, std::string> values = {{"AWS_ACCESS_KEY_ID", "A"},
                                               {"AWS_SECRET_ACCESS_KEY", "B"},
                                               {"AWS_DEFAULT_REGION", "eu-west-1"},
                                               {"AWS_ENDPOINT_URL", "http://all:1"},
                                               {"AWS_ENDPOINT_URL_KINESIS", "http://kinesis:2/"}};
  const auto access = find_access(*fs, {}, "kinesis", variables_of(values));
  EXPECT_EQ(access->endpoint_url, "http://kinesis:2");
  EXPECT_EQ(access->region, "eu-west-1");
  EXPECT_EQ(find_access(*fs, {}, "sqs", variables_of(values))->endpoint_url, "http://all:1");
  const AccessOptions options{.data_directory = "", .endpoint_url = "http://mine:3", .region = "us-west-2"};
  const auto chosen = find_access(*fs, options, "kinesis", variables_of(values));
  EXPECT_EQ(chosen->endpoint_url, "http://mine:3");
  EXPECT_EQ(chosen->region, "us-west-2");
}

TEST(Access, a_folder_without_a_service_is_an_error_that_says_so) {
  const auto fs = posix_fs();
  const AccessOptions options{.data_directory = "/nonexistent", .endpoint_url = "", .region = ""};
  const auto access = find_access(*fs, options, "kinesis", variables_of({}));
  ASSERT_FALSE(access.ok());
  EXPECT_NE(access.error().message().find("no service has run on /nonexistent"), std::string::npos);
}

}  // namespace
}  // namespace raudal::apps
