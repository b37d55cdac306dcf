#include "control/actions/dashboard_sessions.h"

#include <algorithm>

#include "base/rng.h"

namespace raudal::control::actions {
namespace {

constexpr int64_t kNsPerSecond = 1'000'000'000;
constexpr int64_t kOpenWithinSeconds = 180;
constexpr int kTokenBytes = 32;
constexpr size_t kSessionsMax = 10'000;  // the one that ends first makes room

}  // namespace

std::string DashboardSessions::issue(metadata::ApplicationId application, int64_t seconds) {
  const int64_t now_ns = clock_.monotonic_ns();
  std::lock_guard lock(mutex_);
  std::erase_if(sessions_, [&](const auto& entry) { return over(entry.second, now_ns); });
  if (sessions_.size() >= kSessionsMax) {
    sessions_.erase(std::ranges::min_element(sessions_, {}, [](const auto& entry) { return entry.second.ends_ns; }));
  }
  std::string token = secure_random_hex(kTokenBytes);
  sessions_[token] = {.application = application,
                      .open_before_ns = now_ns + kOpenWithinSeconds * kNsPerSecond,
                      .ends_ns = now_ns + seconds * kNsPerSecond};
  return token;
}

Result<metadata::ApplicationId> DashboardSessions::find(std::string_view token) {
  std::lock_guard lock(mutex_);
  const auto found = sessions_.find(token);
  if (found == sessions_.end() || over(found->second, clock_.monotonic_ns())) {
    return Error(ErrorCode::kAccessDenied, "This link is over: ask for another with CreateApplicationPresignedUrl");
  }
  found->second.opened = true;
  return found->second.application;
}

}  // namespace raudal::control::actions
