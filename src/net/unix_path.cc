#include "net/unix_path.h"

#include <fcntl.h>
#include <sys/un.h>
#include <unistd.h>

#include <fmt/core.h>

#include "base/fs.h"

namespace raudal::net {
namespace {

constexpr size_t kPathBytesMax = sizeof(sockaddr_un::sun_path) - 1;

}  // namespace

UnixPath::UnixPath(const std::string& path) : spelled_(path) {
  if (path.size() <= kPathBytesMax) return;
  folder_ = ::open(parent_directory(path).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  // Without its folder the long path stays, and whoever uses it says why it cannot be reached.
  if (folder_ >= 0) spelled_ = fmt::format("/proc/self/fd/{}/{}", folder_, base_name(path));
}

UnixPath::~UnixPath() {
  if (folder_ >= 0) ::close(folder_);
}

bool UnixPath::fits() const { return spelled_.size() <= kPathBytesMax; }

}  // namespace raudal::net
