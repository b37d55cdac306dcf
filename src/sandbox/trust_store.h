// Trust in the local CA: the machine's CA bundle with one certificate more, and a copy of a JDK's trust store with it.
// Made once for a JDK and a CA, kept under a name that holds both contents' checksum. The room shows them to programs.
#pragma once

#include <string>

#include "base/fs.h"
#include "base/result.h"

namespace raudal::sandbox {

// The machine's PEM bundle (/etc/ssl/certs/ca-certificates.crt, where there) and the CA behind it.
Result<std::string> pem_bundle_with(Fs& fs, const std::string& ca_file);

// Path of a trust store in `directory` that holds the JDK's certificates and the CA; its password is kTrustPassword.
// Runs the JDK's keytool unless the store is there already.
Result<std::string> java_trust_store(Fs& fs, const std::string& java_home, const std::string& ca_file,
                                     const std::string& directory);

// The file that holds a JDK's certificates, links followed.
Result<std::string> java_certificates(Fs& fs, const std::string& java_home);

inline constexpr char kTrustPassword[] = "changeit";

}  // namespace raudal::sandbox
