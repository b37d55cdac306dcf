#include "sandbox/trust_store.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <array>

#include "base/clock.h"
#include "base/process.h"
#include "base/rng.h"
#include "codec/digest.h"

namespace raudal::sandbox {
namespace {

constexpr int64_t kKeytoolNs = int64_t{60} * 1'000'000'000;

// Where a JDK of 9 and later, and one of 8, keeps its certificates.
constexpr std::array kStorePaths = {"/lib/security/cacerts", "/jre/lib/security/cacerts"};

// Runs keytool and waits for it; its output is the error's text.
Status run_keytool(Fs& fs, const std::string& java_home, std::vector<std::string> arguments,
                   const std::string& output_file) {
  auto process = posix_process();
  const pid_t pid = TRY(process->spawn(
      {.program = java_home + "/bin/keytool", .arguments = std::move(arguments), .output_file = output_file}));
  const SystemClock clock;
  const int64_t deadline = clock.monotonic_ns() + kKeytoolNs;
  for (;;) {
    const auto ended = TRY(process->poll(pid));
    if (ended && ended->code == 0 && ended->signal == 0) return {};
    if (ended) {
      const auto output = read_file(fs, output_file);
      return Error(ErrorCode::kIo, "keytool of " + java_home + " failed: " + (output.ok() ? *output : ""));
    }
    if (clock.monotonic_ns() > deadline) {
      TRY(process->signal_group(pid, SIGKILL));
      return Error(ErrorCode::kTimeout, "keytool of " + java_home + " does not end");
    }
    ::usleep(5000);
  }
}

Status make_store(Fs& fs, const std::string& java_home, const std::string& ca_file, const std::string& store,
                  std::string_view certificates) {
  TRY(write_file_durably(fs, store, certificates));
  const std::vector<std::string> arguments = {"-importcert", "-noprompt", "-trustcacerts", "-alias", "raudal-local-ca",
                                              "-file",       ca_file,     "-keystore",     store,    "-storepass",
                                              kTrustPassword};
  const Status status = run_keytool(fs, java_home, arguments, store + ".log");
  (void)fs.remove(store + ".log");
  return status;
}

}  // namespace

Result<std::string> pem_bundle_with(Fs& fs, const std::string& ca_file) {
  const auto system = read_file(fs, "/etc/ssl/certs/ca-certificates.crt");
  std::string bundle = system.ok() ? *system : std::string();
  if (!bundle.empty() && bundle.back() != '\n') bundle += '\n';
  return bundle + TRY(read_file(fs, ca_file));
}

Result<std::string> java_certificates(Fs& fs, const std::string& java_home) {
  for (const char* path : kStorePaths) {
    if (!exists(fs, java_home + path)) continue;
    char* real = ::realpath((java_home + path).c_str(), nullptr);
    const std::string found = real ? real : java_home + path;
    ::free(real);
    return found;
  }
  return Error(ErrorCode::kNotFound, "No trust store (lib/security/cacerts) in the JDK: " + java_home);
}

Result<std::string> java_trust_store(Fs& fs, const std::string& java_home, const std::string& ca_file,
                                     const std::string& directory) {
  const std::string certificates = TRY(read_file(fs, TRY(java_certificates(fs, java_home))));
  const std::string ca = TRY(read_file(fs, ca_file));
  const std::string name =
      "cacerts-" + codec::sha256_hex(codec::sha256(certificates) + codec::sha256(ca)).substr(0, 32);
  const std::string store = join_path(directory, name);
  if (exists(fs, store)) return store;
  TRY(fs.make_directories(directory));
  // Two runs may make it at once: each makes its own, and the last rename wins with equal certificates.
  const std::string draft = store + "." + secure_random_hex(4);
  const Status made = make_store(fs, java_home, ca_file, draft, certificates);
  if (made.ok()) TRY(fs.rename(draft, store));
  (void)fs.remove(draft);
  TRY(made);
  return store;
}

}  // namespace raudal::sandbox
