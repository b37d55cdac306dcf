#include "sandbox/room_setting.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <set>
#include <sstream>

#include "sandbox/aws_names.h"
#include "sandbox/trust_store.h"

namespace raudal::sandbox {
namespace {

constexpr char kServiceAddress[] = "127.0.0.2";
constexpr char kResolverAddress[] = "127.0.0.53";
constexpr uint16_t kCredentialsPort = 1338;
constexpr uint16_t kTunnelPort = 1339;
constexpr char kBundlePath[] = "/etc/ssl/certs/ca-certificates.crt";
constexpr char kJavaStorePath[] = "/etc/raudal/cacerts";

// Services that SDKs let be addressed by a variable of their own, as the variables spell them.
struct EndpointVariable {
  const char* service;
  const char* variable;
};
constexpr std::array kEndpointVariables = {EndpointVariable{"kinesis", "KINESIS"},
                                           EndpointVariable{"s3", "S3"},
                                           EndpointVariable{"sts", "STS"},
                                           EndpointVariable{"firehose", "FIREHOSE"},
                                           EndpointVariable{"secretsmanager", "SECRETS_MANAGER"},
                                           EndpointVariable{"sqs", "SQS"},
                                           EndpointVariable{"monitoring", "CLOUDWATCH"},
                                           EndpointVariable{"logs", "CLOUDWATCH_LOGS"},
                                           EndpointVariable{"glue", "GLUE"},
                                           EndpointVariable{"dynamodb", "DYNAMODB"}};

std::string text_or_empty(Fs& fs, const std::string& path) {
  const auto text = read_file(fs, path);
  return text.ok() ? *text : std::string();
}

bool is_loopback(const std::string& address) { return address.starts_with("127.") || address == "::1"; }

// The machine's own names lead to the room's loopback, where the forwarded ports are; other entries stay.
std::string hosts_of_room(Fs& fs) {
  std::string hosts = "127.0.0.1 localhost room\n::1 localhost\n";
  std::array<char, 256> machine{};
  if (::gethostname(machine.data(), machine.size() - 1) == 0 && machine[0] != '\0') {
    hosts += std::string("127.0.0.1 ") + machine.data() + "\n";
  }
  std::istringstream lines(text_or_empty(fs, "/etc/hosts"));
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line.substr(0, line.find('#')));
    std::string address, names, name;
    words >> address;
    while (words >> name) {
      if (name != "localhost") names += " " + name;
    }
    if (!names.empty()) hosts += (is_loopback(address) ? "127.0.0.1" : address) + names + "\n";
  }
  return hosts;
}

// The search list stays: a short name means what it means on the machine.
std::string resolver_of_room(Fs& fs) {
  std::string text = std::string("nameserver ") + kResolverAddress + "\noptions timeout:3 attempts:2\n";
  std::istringstream lines(text_or_empty(fs, "/etc/resolv.conf"));
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("search ") || line.starts_with("domain ")) text += line + "\n";
  }
  return text;
}

// Without a resolver of its own, a room's hosts file names what it can. Port 443 is root's.
std::string hosts_of_machine(Fs& fs, const RoomOptions& options, const std::string& address) {
  std::string hosts = text_or_empty(fs, "/etc/hosts") + "\n127.0.0.1 room\n";
  if (options.service.tls_socket.empty() || ::geteuid() != 0) return hosts;
  for (const std::string& host : plain_aws_hosts(options.service.region, options.service.direct)) {
    hosts += address + " " + host + "\n";
  }
  return hosts;
}

bool redirects_all_or_some(const ServiceDoor& service) {
  return std::ranges::find(service.direct, "*") == service.direct.end();
}

void add_door(RoomSetting& setting, const std::string& address, uint16_t port, ForwardTarget target) {
  setting.listeners.push_back({address, port, false});
  setting.doors.push_back(std::move(target));
}

void add_doors(RoomSetting& setting, const RoomOptions& options, bool has_network) {
  const ServiceDoor& service = options.service;
  const std::string names_lead_to = has_network ? kServiceAddress : setting.address;
  if (redirects_all_or_some(service)) {
    if (!service.tls_socket.empty()) add_door(setting, names_lead_to, 443, {.unix_path = service.tls_socket});
    if (!service.http_socket.empty()) add_door(setting, names_lead_to, 80, {.unix_path = service.http_socket});
  }
  if (!service.http_socket.empty()) {
    add_door(setting, setting.address, kCredentialsPort, {.unix_path = service.http_socket});
  }
  if (!has_network) {  // the machine's ports are in reach; AWS's names are led by a proxy
    const bool leads = redirects_all_or_some(service) && !service.tls_socket.empty();
    if (leads) setting.tunnel = Listener{setting.address, kTunnelPort, false};
    setting.tunnel_rules = {service.tls_socket, service.http_socket, service.direct};
    return;
  }
  const std::set<int> ports(options.host_ports.begin(), options.host_ports.end());
  for (const int port : ports) {
    if (port <= 0 || port > 65'535 || port == kCredentialsPort) continue;
    add_door(setting, "127.0.0.1", static_cast<uint16_t>(port), {.port = static_cast<uint16_t>(port)});
  }
  setting.listeners.push_back({kResolverAddress, 53, true});
  setting.listeners.push_back({kResolverAddress, 53, false});
  setting.names = {.address = kServiceAddress, .direct = service.direct};
}

void set(RoomSetting& setting, const std::string& name, const std::string& value) {
  setting.environment.emplace_back(name, value);
}

void add_machine_environment(RoomSetting& setting, const std::string& temporary) {
  set(setting, "PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
  set(setting, "HOME", temporary + "/home");
  set(setting, "TMPDIR", temporary);
  const char* language = std::getenv("LANG");
  set(setting, "LANG", language ? language : "C.UTF-8");
  for (const char* name : {"LC_ALL", "TZ"}) {
    if (const char* value = std::getenv(name)) set(setting, name, value);
  }
  setting.jvm_options.push_back("-Duser.home=" + temporary + "/home");
  setting.jvm_options.push_back("-Djava.io.tmpdir=" + temporary);
}

void add_service_environment(RoomSetting& setting, const ServiceDoor& service, bool has_network) {
  if (!service.region.empty()) {
    set(setting, "AWS_REGION", service.region);
    set(setting, "AWS_DEFAULT_REGION", service.region);
  }
  if (!service.http_socket.empty()) {
    const std::string plain = "http://" + setting.address + ":" + std::to_string(kCredentialsPort);
    if (!service.credentials_token.empty()) {
      set(setting, "AWS_CONTAINER_CREDENTIALS_FULL_URI", plain + "/credentials");
      set(setting, "AWS_CONTAINER_AUTHORIZATION_TOKEN", service.credentials_token);
    }
    for (const auto& [name, variable] : kEndpointVariables) {
      // A room with names of its own needs no endpoints, and an SDK that is told one may sign or address otherwise.
      if (has_network || !is_redirected(std::string(name) + ".amazonaws.com", service.direct)) continue;
      set(setting, std::string("AWS_ENDPOINT_URL_") + variable, plain);
    }
  }
  set(setting, "AWS_EC2_METADATA_DISABLED", "true");
  if (!setting.tunnel) return;
  const std::string port = std::to_string(setting.tunnel->port);
  for (const char* name : {"HTTPS_PROXY", "https_proxy"}) set(setting, name, "http://" + setting.address + ":" + port);
  for (const char* name : {"NO_PROXY", "no_proxy"}) set(setting, name, "localhost,127.0.0.1," + setting.address);
  setting.jvm_options.push_back("-Dhttps.proxyHost=" + setting.address);
  setting.jvm_options.push_back("-Dhttps.proxyPort=" + port);
}

Status add_bundle(Fs& fs, RoomSetting& setting, const RoomOptions& options, bool has_mounts) {
  if (options.service.ca_file.empty()) return {};
  const std::string text = TRY(pem_bundle_with(fs, options.service.ca_file));
  std::string path = kBundlePath;
  if (has_mounts) {
    setting.root.etc_files.push_back({.path = path, .content = text});
  } else {
    path = scratch_of(options) + "/ca-certificates.crt";
    TRY(write_file_durably(fs, path, text));
  }
  for (const char* name : {"SSL_CERT_FILE", "AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE",
                           "NODE_EXTRA_CA_CERTS", "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH", "PIP_CERT"}) {
    set(setting, name, path);
  }
  return {};
}

Status add_java(Fs& fs, RoomSetting& setting, const RoomOptions& options, bool has_mounts) {
  if (options.java_home.empty()) return {};
  set(setting, "JAVA_HOME", options.java_home);
  if (options.service.ca_file.empty()) return {};
  const std::string directory =
      options.trust_directory.empty() ? join_path(options.run_directory, "trust") : options.trust_directory;
  std::string store = TRY(java_trust_store(fs, options.java_home, options.service.ca_file, directory));
  if (has_mounts) {
    // Also in the place of the JDK's own, for programs that start a JVM themselves.
    const std::string own = TRY(java_certificates(fs, options.java_home));
    if (own.starts_with("/etc/"))
      setting.root.etc_files.push_back({.path = own, .source = store});
    else
      setting.root.covered_files.emplace_back(own, store);
    setting.root.etc_files.push_back({.path = kJavaStorePath, .source = store});
    store = kJavaStorePath;
  }
  setting.jvm_options.push_back("-Djavax.net.ssl.trustStore=" + store);
  setting.jvm_options.push_back(std::string("-Djavax.net.ssl.trustStorePassword=") + kTrustPassword);
  return {};
}

void add_names(Fs& fs, RoomSetting& setting, const RoomOptions& options, bool has_network) {
  auto& files = setting.root.etc_files;
  files.push_back({.path = "/etc/hostname", .content = "room\n"});
  files.push_back({.path = "/etc/nsswitch.conf",
                   .content = "passwd: files\ngroup: files\nhosts: files dns\n"
                              "services: files\nprotocols: files\n"});
  files.push_back({.path = "/etc/hosts",
                   .content = has_network ? hosts_of_room(fs) : hosts_of_machine(fs, options, setting.address)});
  files.push_back({.path = "/etc/resolv.conf",
                   .content = has_network ? resolver_of_room(fs) : text_or_empty(fs, "/etc/resolv.conf")});
}

void add_paths(RoomSetting& setting, const RoomOptions& options) {
  auto& paths = setting.root.paths;
  setting.root.scratch = scratch_of(options);
  if (!options.data_directory.empty()) paths.push_back({options.data_directory, Showing::kHidden});
  for (const std::string& path : options.read_only_paths) paths.push_back({path, Showing::kReadOnly});
  if (!options.java_home.empty()) paths.push_back({options.java_home, Showing::kReadOnly});
  paths.push_back({options.application_directory, Showing::kReadOnly});
  for (const std::string& path : options.writable_paths) paths.push_back({path, Showing::kWritable});
}

}  // namespace

std::string scratch_of(const RoomOptions& options) { return join_path(options.run_directory, "room"); }

Status prepare_scratch(Fs& fs, const RoomOptions& options) {
  const std::string scratch = scratch_of(options);
  TRY(fs.remove_all(scratch));
  for (const char* folder : {"/root", "/tmp/home", "/var-tmp"}) TRY(fs.make_directories(scratch + folder));
  ::chmod((scratch + "/tmp").c_str(), 01777);
  ::chmod((scratch + "/var-tmp").c_str(), 01777);
  return {};
}

Result<RoomSetting> make_setting(Fs& fs, const RoomOptions& options, bool has_mounts, bool has_network) {
  RoomSetting setting;
  setting.address = has_network ? "127.0.0.1" : address_of_run(options.run_directory);
  add_doors(setting, options, has_network);
  add_machine_environment(setting, has_mounts ? "/tmp" : scratch_of(options) + "/tmp");
  add_service_environment(setting, options.service, has_network);
  TRY(add_bundle(fs, setting, options, has_mounts));
  TRY(add_java(fs, setting, options, has_mounts));
  if (has_mounts) {
    add_names(fs, setting, options, has_network);
    add_paths(setting, options);
    for (const OverlayFile& file : options.etc_files) setting.root.etc_files.push_back(file);
  }
  return setting;
}

}  // namespace raudal::sandbox
