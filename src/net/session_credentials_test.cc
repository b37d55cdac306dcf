#include "net/session_credentials.h"

#include <gtest/gtest.h>

namespace raudal::net {
namespace {

const Session kSession{.role_arn = "arn:aws:iam::000000000000:role/r", .session_name = "s", .expires_s = 100};

TEST(SessionCredentials, a_token_is_known_again_with_its_key_alone) {
  const SessionKeys keys("service key");
  const AwsCredentials made = keys.issue(kSession);
  EXPECT_TRUE(made.access_key_id.starts_with("ASIA"));
  EXPECT_EQ(made.access_key_id.size(), 20U);
  EXPECT_EQ(made.secret_access_key.size(), 40U);
  const auto opened = SessionKeys("service key").open(made.access_key_id, made.session_token);
  ASSERT_TRUE(opened.ok());
  EXPECT_EQ(opened->role_arn, kSession.role_arn);
  EXPECT_EQ(opened->session_name, "s");
  EXPECT_EQ(opened->expires_s, 100);

  EXPECT_EQ(keys.open(keys.issue(kSession).access_key_id, made.session_token).error().code(), ErrorCode::kInvalidToken);
  EXPECT_EQ(SessionKeys("other").open(made.access_key_id, made.session_token).error().code(), ErrorCode::kInvalidToken);
  std::string forged = made.session_token;
  forged[10] = forged[10] == 'A' ? 'B' : 'A';
  EXPECT_EQ(keys.open(made.access_key_id, forged).error().code(), ErrorCode::kInvalidToken);
  EXPECT_EQ(keys.open(made.access_key_id, "").error().code(), ErrorCode::kInvalidToken);
}

TEST(SessionCredentials, a_secret_ends_with_its_session) {
  const SessionKeys keys("service key");
  const AwsCredentials made = keys.issue(kSession);
  const auto secret = [&](int64_t now_s) {
    return keys.secret(made.access_key_id, made.session_token, ManualClock(now_s * 1'000'000));
  };
  EXPECT_EQ(*secret(99), made.secret_access_key);
  EXPECT_EQ(secret(100).error().code(), ErrorCode::kExpiredToken);
}

TEST(SessionCredentials, the_lookup_knows_the_root_key_without_a_token_and_sessions_with_theirs) {
  const SessionKeys keys("service key");
  const ManualClock clock(0);
  const AwsCredentials root{.access_key_id = "AKIAROOT", .secret_access_key = "root secret", .session_token = ""};
  const SecretLookup lookup = secret_lookup(root, keys, clock);
  const AwsCredentials made = keys.issue(kSession);
  EXPECT_EQ(*lookup("AKIAROOT", ""), "root secret");
  EXPECT_EQ(*lookup(made.access_key_id, made.session_token), made.secret_access_key);
  EXPECT_EQ(lookup(made.access_key_id, "").error().code(), ErrorCode::kUnrecognizedClient);
  EXPECT_EQ(lookup("AKIAROOT", made.session_token).error().code(), ErrorCode::kInvalidToken);
}

}  // namespace
}  // namespace raudal::net
