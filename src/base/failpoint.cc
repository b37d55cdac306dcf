#include "base/failpoint.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <map>
#include <mutex>
#include <string>

#include "base/str.h"

namespace raudal {
namespace {

struct Armed {
  std::string action;
  long at = 1;     // 0: at each passage
  long passed = 0;
};

class Failpoints {
 public:
  Failpoints() {
    const char* text = std::getenv("RAUDAL_FAILPOINTS");
    std::string_view rest = text ? text : "";
    while (!rest.empty()) {
      const size_t end = rest.find(';');
      arm(rest.substr(0, end));
      rest = end == std::string_view::npos ? "" : rest.substr(end + 1);
    }
    if (const char* log = std::getenv("RAUDAL_FAILPOINT_LOG")) log_ = log;
    if (const char* file = std::getenv("RAUDAL_FAILPOINT_FILE")) file_ = file;
  }

  bool any() const { return !armed_.empty() || !file_.empty(); }

  // The action that fires at this passage, or "".
  std::string pass(std::string_view name) {
    if (std::string action = pass_file(name); !action.empty()) return action;
    std::lock_guard lock(mutex_);
    const auto it = armed_.find(name);
    if (it == armed_.end()) return "";
    ++it->second.passed;
    if (it->second.at != 0 && it->second.passed != it->second.at) return "";
    record(name);
    return it->second.action;
  }

 private:
  void arm(std::string_view item) {
    const size_t equals = item.find('=');
    if (equals == std::string_view::npos) return;
    Armed armed;
    std::string_view action = item.substr(equals + 1);
    if (const size_t at = action.find('@'); at != std::string_view::npos) {
      const std::string_view count = action.substr(at + 1);
      if (count == "*") armed.at = 0;
      else std::from_chars(count.data(), count.data() + count.size(), armed.at);
      action = action.substr(0, at);
    }
    armed.action = action;
    armed_.emplace(item.substr(0, equals), armed);
  }

  // The action of the file's first line that names this place; the line is removed.
  std::string pass_file(std::string_view name) {
    if (file_.empty()) return "";
    const int fd = ::open(file_.c_str(), O_RDWR | O_CLOEXEC);
    if (fd < 0) return "";
    ::flock(fd, LOCK_EX);
    char buffer[1024];
    const ssize_t n = ::pread(fd, buffer, sizeof buffer, 0);
    std::string action, rest;
    for (const std::string& line : split({buffer, static_cast<size_t>(n > 0 ? n : 0)}, '\n')) {
      const bool fires = action.empty() && line.starts_with(std::string(name) + "=");
      if (fires) action = line.substr(name.size() + 1);
      else if (!line.empty()) rest += line + "\n";
    }
    const bool removed = action.empty() || (::ftruncate(fd, 0) == 0 && ::pwrite(fd, rest.data(), rest.size(), 0) ==
                                                                           static_cast<ssize_t>(rest.size()));
    ::close(fd);
    if (!removed) return "";
    if (!action.empty()) record(name);
    return action;
  }

  void record(std::string_view name) {
    if (log_.empty()) return;
    const int fd = ::open(log_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    const std::string line = std::string(name) + "\n";
    if (fd < 0) return;
    if (::write(fd, line.data(), line.size()) < 0) { /* the log is the test's, not the product's */ }
    ::close(fd);
  }

  std::mutex mutex_;
  std::map<std::string, Armed, std::less<>> armed_;
  std::string log_;
  std::string file_;
};

Failpoints& failpoints() {
  static Failpoints instance;
  return instance;
}

}  // namespace

Status failpoint(std::string_view name) {
  if (!failpoints().any()) return {};
  const std::string action = failpoints().pass(name);
  if (action == "kill") ::kill(::getpid(), SIGKILL);
  if (action == "stop") ::kill(::getpid(), SIGSTOP);
  if (action.starts_with("sleep:")) ::usleep(std::atoi(action.c_str() + 6) * 1000);
  if (action == "error") return Error(ErrorCode::kIo, "failpoint fired: " + std::string(name));
  return {};
}

bool failpoint_skips(std::string_view name) {
  return failpoints().any() && failpoints().pass(name) == "skip";
}

}  // namespace raudal
