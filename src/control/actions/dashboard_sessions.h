// Who may look at the dashboard of which application, and until when: CreateApplicationPresignedUrl issues a session,
// whoever serves the dashboard asks for it on each request. A session that is not opened within three minutes ends
// unused; all end with the service.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "control/metadata/records.h"

namespace raudal::control::actions {

// Used by any thread.
class DashboardSessions {
 public:
  explicit DashboardSessions(const Clock& clock) : clock_(clock) {}

  // The token of a new session, fit for a path.
  std::string issue(metadata::ApplicationId application, int64_t seconds);
  // Whose session it is; the first time opens it. kAccessDenied when it was never issued, not opened in time or is
  // over.
  Result<metadata::ApplicationId> find(std::string_view token);

 private:
  struct Session {
    metadata::ApplicationId application;
    int64_t open_before_ns = 0;
    int64_t ends_ns = 0;
    bool opened = false;
  };
  static bool over(const Session& session, int64_t now_ns) {
    return now_ns > session.ends_ns || (!session.opened && now_ns > session.open_before_ns);
  }

  const Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, Session, std::less<>> sessions_;
};

}  // namespace raudal::control::actions
