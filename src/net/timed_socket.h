// A connected stream socket, TCP or Unix, as a ByteStream. Owns the descriptor.
#pragma once

#include <span>
#include <string_view>

#include "base/result.h"
#include "net/byte_stream.h"

namespace raudal::net {

class TimedSocket final : public ByteStream {
 public:
  explicit TimedSocket(int fd) : fd_(fd) {}
  ~TimedSocket() override;
  TimedSocket(const TimedSocket&) = delete;

  int fd() const override { return fd_; }
  Result<StreamStep> try_read(std::span<char> buffer) override;
  Result<StreamStep> try_write(std::string_view bytes) override;
  void end_output() override;

 private:
  const int fd_;
};

}  // namespace raudal::net
