// A connected stream socket, TCP or Unix, whose reads and writes have a deadline without progress. Owns the descriptor.
#pragma once

#include <span>
#include <string_view>

#include "base/result.h"

namespace raudal::net {

class TimedSocket {
 public:
  explicit TimedSocket(int fd) : fd_(fd) {}
  ~TimedSocket();
  TimedSocket(const TimedSocket&) = delete;

  int fd() const { return fd_; }
  // Some bytes; 0 when the peer has ended its side. kTimeout, kIo.
  Result<size_t> read_some(std::span<char> buffer, int timeout_ms);
  // All bytes; the deadline starts anew with each piece that goes out.
  Status write_all(std::string_view bytes, int timeout_ms);
  // Ends our side and drops what the peer still sends, so that it reads our last answer instead of a reset.
  void linger_close(int64_t bytes_max, int timeout_ms);
  // Wakes any thread that reads or writes. Safe from another thread.
  void shut_down();

 private:
  Status wait_for(short events, int timeout_ms);

  const int fd_;
};

}  // namespace raudal::net
