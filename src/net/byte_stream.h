// A connected byte stream over a non-blocking descriptor, plain (timed_socket.h) or TLS (tls_stream.h): what HTTP/1.1
// and HTTP/2 are spoken over. Reads and writes belong to one thread; shut_down() is safe from any.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/result.h"

namespace raudal::net {

// How far one attempt went. `wait_for` (poll's events) is 0 when the attempt is over, else it is to be repeated then.
struct StreamStep {
  size_t num_bytes = 0;
  short wait_for = 0;
};

// A connection; its implementations give the steps, the waiting is here.
class ByteStream {
 public:
  virtual ~ByteStream() = default;
  virtual int fd() const = 0;
  // Without waiting. Zero bytes and nothing to wait for: the peer has ended its side.
  virtual Result<StreamStep> try_read(std::span<char> buffer) = 0;
  virtual Result<StreamStep> try_write(std::string_view bytes) = 0;
  // Says that no more is sent; the peer may still send.
  virtual void end_output() = 0;

  // Some bytes; 0 when the peer has ended its side. kTimeout, kIo.
  Result<size_t> read_some(std::span<char> buffer, int timeout_ms);
  // All bytes; the deadline starts anew with each piece that goes out.
  Status write_all(std::string_view bytes, int timeout_ms);
  // Ends our side and drops what the peer still sends, so that it reads our last answer instead of a reset.
  void linger_close(int64_t bytes_max, int timeout_ms);
  // Wakes the thread that reads or writes.
  void shut_down();
};

// Until the descriptor is ready for one of poll's events; kTimeout.
Status wait_until_ready(int fd, short events, int timeout_ms);
// For the deadlines of sockets, which no test's clock may stop.
int64_t monotonic_ms();

}  // namespace raudal::net
