// A certificate authority of the service's own: it signs, on demand, for whatever host name a client asks for, so
// that AWS's names can be answered on this machine. Clients trust its certificate (ca.pem) and nothing else needs to be
// told. The key is made once and kept; the certificates that it signs live in memory alone.
#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "base/fs.h"
#include "base/result.h"

namespace raudal::net {

// A certificate with its key, both PEM.
struct HostCertificate {
  std::string certificate;
  std::string key;
};

// Safe from any thread.
class CertificateAuthority {
 public:
  virtual ~CertificateAuthority() = default;
  // Reads DIRECTORY/ca.pem and ca.key (mode 0600), or makes both. kCorrupt when they are there but of no use.
  static Result<std::unique_ptr<CertificateAuthority>> open(Fs& fs, const Clock& clock, const std::string& directory);

  virtual const std::string& certificate() const = 0;  // PEM
  virtual const std::string& certificate_path() const = 0;
  // For a DNS name or an address; kInvalidArgument when it is neither.
  virtual Result<HostCertificate> sign_for(const std::string& host) = 0;
};

}  // namespace raudal::net
