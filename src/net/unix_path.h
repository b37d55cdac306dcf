// A Unix socket's address holds 107 bytes. A longer path is spelled through the descriptor of its folder, which this
// object keeps open. Used by the listener and the client.
#pragma once

#include <string>

namespace raudal::net {

class UnixPath {
 public:
  explicit UnixPath(const std::string& path);
  ~UnixPath();
  UnixPath(const UnixPath&) = delete;

  // Names the same socket in at most 107 bytes, unless its last part alone is too long.
  const std::string& get() const { return spelled_; }
  bool fits() const;

 private:
  std::string spelled_;
  int folder_ = -1;
};

}  // namespace raudal::net
