#include "control/actions/dashboard_sessions.h"
#include "control/control_plane_fixture.h"

namespace raudal::control {
namespace {

using DashboardTest = ControlPlaneTest;

TEST_F(DashboardTest, dashboard_url_opens_the_run_until_its_session_is_over) {
  ask("CreateApplication", kCreate);
  const std::string body = R"({"ApplicationName":"orders","UrlType":"FLINK_DASHBOARD_URL"})";
  EXPECT_EQ(error_of("CreateApplicationPresignedUrl", body), "ResourceInUseException");
  start();
  ASSERT_TRUE(wait_for("RUNNING"));
  EXPECT_EQ(error_of("CreateApplicationPresignedUrl", R"({"ApplicationName":"orders","UrlType":"ZEPPELIN_UI_URL"})"),
            "InvalidArgumentException");
  EXPECT_EQ(error_of("CreateApplicationPresignedUrl", R"({"ApplicationName":"orders","UrlType":"FLINK_DASHBOARD_URL",
      "SessionExpirationDurationInSeconds":60})"),
            "ValidationException");
  const std::string url = ask("CreateApplicationPresignedUrl", body)["AuthorizedUrl"].get_string().c_str();
  const std::string start = "http://service:1/_dashboard/";
  ASSERT_EQ(url.substr(0, start.size()), start);
  const std::string token = url.substr(start.size(), url.size() - start.size() - 1);
  EXPECT_EQ(control_->dashboard(token).value().run_directory, run_directory(1));
  EXPECT_EQ(control_->dashboard("x").error().code(), ErrorCode::kAccessDenied);
  ask("StopApplication", kForce);
  ASSERT_TRUE(wait_for("READY"));
  EXPECT_EQ(control_->dashboard(token).error().code(), ErrorCode::kResourceInUse);
}

TEST(DashboardSessionsTest, session_must_be_opened_in_time_and_ends) {
  ManualClock clock(0);
  actions::DashboardSessions sessions(clock);
  const std::string opened = sessions.issue(metadata::ApplicationId(1), 1800);
  const std::string late = sessions.issue(metadata::ApplicationId(2), 1800);
  clock.advance_us(179'000'000);
  EXPECT_EQ(sessions.find(opened).value(), metadata::ApplicationId(1));
  clock.advance_us(2'000'000);
  EXPECT_EQ(sessions.find(late).error().code(), ErrorCode::kAccessDenied);
  clock.advance_us(1'600'000'000);
  EXPECT_TRUE(sessions.find(opened).ok());
  clock.advance_us(30'000'000);
  EXPECT_EQ(sessions.find(opened).error().code(), ErrorCode::kAccessDenied);
}

}  // namespace
}  // namespace raudal::control
