#include "codec/access_token.h"

#include <gtest/gtest.h>

namespace raudal::codec {
namespace {

TEST(AccessTokenTest, only_what_the_key_has_written_is_believed) {
  const AccessClaim claim{.application_arn = "arn:aws:kinesisanalytics:r:1:application/a", .role_arn = "arn:role"};
  const std::string token = write_access_token("key", claim);
  const auto read = read_access_token("key", token);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->application_arn, claim.application_arn);
  EXPECT_EQ(read->role_arn, claim.role_arn);
  EXPECT_EQ(read_access_token("other", token).error().code(), ErrorCode::kAccessDenied);
  const std::string other = write_access_token("key", {.application_arn = "b", .role_arn = "arn:role"});
  const std::string mixed = other.substr(0, other.find('.')) + token.substr(token.find('.'));
  EXPECT_EQ(read_access_token("key", mixed).error().code(), ErrorCode::kAccessDenied);
  for (const char* nonsense : {"", ".", "zz.zz", "6161"}) {
    EXPECT_EQ(read_access_token("key", nonsense).error().code(), ErrorCode::kAccessDenied) << nonsense;
  }
}

}  // namespace
}  // namespace raudal::codec
