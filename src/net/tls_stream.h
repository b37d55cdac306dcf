// TLS for servers: a TlsContext holds what all connections share and chooses the certificate by the name that the
// client asks for; a TlsStream is one connection. Used by the HTTP server for its TLS listeners.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/byte_stream.h"
#include "net/certificate_authority.h"

namespace raudal::net {

// A stream after its handshake.
class TlsStream : public ByteStream {
 public:
  // What the client and we agreed on: "h2", "http/1.1" or nothing.
  virtual std::string_view protocol() const = 0;
  // Until it is done or the time is over. kInvalidRequest says what the peer did wrong.
  virtual Status handshake(int timeout_ms) = 0;
};

// Safe from any thread; must outlive its streams.
class TlsContext {
 public:
  virtual ~TlsContext() = default;
  static Result<std::unique_ptr<TlsContext>> make(CertificateAuthority& authority, const Clock& clock);
  // Takes the descriptor. `local_name` is whom a client without SNI has asked for: "localhost" or our address.
  virtual std::unique_ptr<TlsStream> accept(int fd, std::string local_name) = 0;
};

}  // namespace raudal::net
