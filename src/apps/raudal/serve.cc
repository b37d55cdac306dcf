#include <signal.h>
#include <unistd.h>

#include <fmt/core.h>

#include "apps/raudal/commands.h"
#include "apps/raudal/data_directory.h"
#include "apps/raudal/engines.h"
#include "apps/raudal/front_door.h"
#include "apps/raudal/neighbour_services.h"
#include "apps/raudal/service_endpoints.h"
#include "base/str.h"
#include "net/http_server.h"
#include "obs/log_sinks.h"

namespace raudal::apps {
namespace {

constexpr int kHttpGraceMs = 500;
constexpr int64_t kLifecycleGraceMs = 1'500;
constexpr char kPlainSocket[] = "service.sock";
constexpr char kTlsSocket[] = "service.tls";

bool is_loopback(const std::string& host) { return host == "localhost" || host == "::1" || host.starts_with("127."); }

// The address that clients on this machine use.
std::string url_of(const std::string& scheme, const std::string& host, int port) {
  if (host == "0.0.0.0" || host == "::") return fmt::format("{}://127.0.0.1:{}", scheme, port);
  if (host.find(':') != std::string::npos) return fmt::format("{}://[{}]:{}", scheme, host, port);
  return fmt::format("{}://{}:{}", scheme, host, port);
}

// Code packages from this service's own S3 interface.
class S3ObjectSource final : public control::lifecycle::ObjectSource {
 public:
  explicit S3ObjectSource(neighbours::s3::S3Service& s3) : s3_(s3) {}

  Result<int64_t> fetch(const std::string& bucket, const std::string& key, const std::optional<std::string>& version,
                        const std::string& path) override {
    return TRY(s3_.read_object(bucket, key, version, path)).size_bytes;
  }

 private:
  neighbours::s3::S3Service& s3_;
};

// Signals that end the service; blocked in all threads, so that only wait() sees them.
class EndSignals {
 public:
  EndSignals() {
    ::sigemptyset(&set_);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) ::sigaddset(&set_, signal);
    ::pthread_sigmask(SIG_BLOCK, &set_, nullptr);
    ::signal(SIGPIPE, SIG_IGN);
  }
  int wait() {
    int signal = 0;
    while (::sigwait(&set_, &signal) != 0) {}
    return signal;
  }

 private:
  sigset_t set_;
};

int fail(const Error& error) {
  fmt::print(stderr, "raudal: {}\n", error.message());
  return 1;
}

// Beside the port, two Unix sockets for programs that are not to know the port, or that ask for AWS's own names.
net::HttpServerOptions listeners_of(const ServeCommand& command, const std::string& folder, net::TlsContext& tls) {
  return {.host = command.host,
          .port = command.port,
          .unix_path = join_path(folder, kPlainSocket),
          .tls = &tls,
          .tls_host = command.tls_port ? command.host : "",
          .tls_port = command.tls_port.value_or(0),
          .tls_unix_path = join_path(folder, kTlsSocket)};
}

control::lifecycle::LifecycleOptions lifecycle_options(const ServeCommand& command, const std::string& folder,
                                                       const std::string& credentials_key,
                                                       const std::vector<std::string>& direct) {
  return {.data_directory = folder,
          .region = command.region,
          .account = command.account,
          .unresponsive_ms = static_cast<int64_t>(command.worker_timeout_s * 1000),
          .credentials_key = credentials_key,
          .direct_services = direct};
}

void announce(const std::string& url, const std::string& data) {
  fmt::print("raudal is ready at {} (data in {}; for clients: eval \"$(raudal env --data {})\")\n", url, data, data);
  std::fflush(stdout);
}

// Everything between the log and the port, in the order in which it is made; it goes in the opposite one.
Status serve_until_signal(const ServeCommand& command, Fs& fs, DataDirectory& data, const obs::Logger& log,
                          EndSignals& signals) {
  const SystemClock clock;
  const ServiceEndpoints endpoints = TRY(parse_service_endpoints(command.endpoints));
  const auto root = TRY(data.credentials());
  const std::string credentials_key = TRY(data.credentials_key());
  const net::SessionKeys sessions(credentials_key);
  const auto authority = TRY(net::CertificateAuthority::open(fs, clock, join_path(data.path(), "ca")));
  const auto tls = TRY(net::TlsContext::make(*authority, clock));
  const net::SecretLookup secrets = command.no_auth ? net::SecretLookup() : net::secret_lookup(root, sessions, clock);
  const auto s3 = TRY(neighbours::s3::S3Service::open(fs, clock, log,
                                                      {.directory = join_path(data.path(), "s3"),
                                                       .region = command.region,
                                                       .account = command.account,
                                                       .secrets = secrets}));
  const auto process = posix_process();
  const auto engine = make_engines(fs, *process, clock);
  S3ObjectSource objects(*s3);
  const auto control =
      TRY(control::ControlPlane::open(fs, clock, *engine, objects, log.named("control"),
                                      lifecycle_options(command, data.path(), credentials_key, endpoints.direct)));
  const neighbours::protocol::Authentication authentication{
      .region = command.region, .secrets = secrets, .sessions = sessions, .clock = clock};
  neighbours::protocol::ServiceRouter router(
      fs, clock, log.named("raudal.aws"),
      {.directory = join_path(data.path(), "neighbours"), .region = command.region, .account = command.account},
      authentication, neighbour_services(*s3, sessions, {.has_limits = command.kinesis_limits}));
  const neighbours::sts::ContainerCredentials credentials(sessions, credentials_key, clock,
                                                          command.credentials_lifetime_s);
  FrontDoor door(*control, *s3, router, credentials, authentication, endpoints);
  auto server = net::HttpServer::start(
      listeners_of(command, data.path(), *tls),
      [&](net::HttpRequest& request, net::ResponseWriter& response) { door.handle(request, response); },
      log.named("http"));
  if (!server.ok()) {
    (void)control->stop(kLifecycleGraceMs);
    return server.error();
  }
  const std::string url = url_of("http", command.host, (*server)->port());
  Status started = data.write_endpoint(url, command.region);
  if (started.ok()) started = control->start();
  if (started.ok()) router.start();
  if (started.ok()) {
    if (command.tls_port) {
      fmt::print("raudal speaks TLS at {} (clients trust {})\n", url_of("https", command.host, (*server)->tls_port()),
                 authority->certificate_path());
    }
    announce(url, data.path());
    const int signal = signals.wait();
    log.info(fmt::format("Signal {}: the service ends, applications go on", signal));
  }
  router.stop();
  (*server)->stop(kHttpGraceMs);
  const bool ended = control->stop(kLifecycleGraceMs);
  // A thread that waits for an engine cannot be told to stop. What it does is stored, and taken up at the next start.
  if (!ended) ::_exit(started.ok() ? 0 : 1);
  return started;
}

}  // namespace

int serve(const ServeCommand& command) {
  if (command.no_auth && !is_loopback(command.host)) {
    return fail(
        Error(ErrorCode::kInvalidArgument, "--no-auth is for loopback addresses alone, not for " + command.host));
  }
  EndSignals signals;
  const auto fs = posix_fs();
  auto data = DataDirectory::take(*fs, command.data_directory);
  if (!data.ok()) return fail(data.error());

  const SystemClock clock;
  auto file = obs::FileLogSink::open(*fs, join_path(data->path(), "service.log"), {});
  if (!file.ok()) return fail(file.error());
  obs::TerminalLogSink terminal(stderr);
  obs::TeeLogSink both({file->get(), &terminal});
  obs::set_thread_name("main");
  const obs::Logger log(both, clock, "raudal");
  const Status served = serve_until_signal(command, *fs, *data, log, signals);
  return served.ok() ? 0 : fail(served.error());
}

}  // namespace raudal::apps
