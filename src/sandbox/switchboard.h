// One thread in the supervisor that passes bytes between sockets of the room and sockets of the machine, and answers
// the room's DNS queries. The sockets that wait in the room were made there; what they lead to is dialled here,
// outside, so programs reach no more than each forward's one target.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"

namespace raudal::sandbox {

// Where a forward leads: a Unix socket, or a TCP port.
struct ForwardTarget {
  std::string unix_path;
  std::string address = "127.0.0.1";
  uint16_t port = 0;
  // Makes the socket to connect with, in another network than this thread's. Empty: this thread's network.
  std::function<Result<int>()> make_socket;
};

// What the resolver answers itself; all other names go to the machine's name servers.
struct NameRules {
  std::string address;              // for AWS's names
  std::vector<std::string> direct;  // services of AWS that are not redirected
  std::string servers_file = "/etc/resolv.conf";
};

// What an HTTPS proxy leads to the service; all other hosts it finds as the machine does.
struct TunnelRules {
  std::string tls_socket;           // port 443 of AWS's names
  std::string http_socket;          // port 80
  std::vector<std::string> direct;  // services of AWS that are not redirected
};

// Forwards and the resolver are named first, then the thread starts.
class Switchboard {
 public:
  Switchboard();
  ~Switchboard();  // stop()

  // These take over descriptors of listening, non-blocking sockets; before start().
  void forward(int listener, ForwardTarget target);
  void resolve(int udp_socket, int tcp_listener, NameRules rules);
  void serve_tunnels(int listener, TunnelRules rules);
  void start();
  // Closes every socket.
  void stop();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// A non-blocking listening Unix socket in place of whatever is at the path, which may be longer than a socket's name.
Result<int> listen_unix(const std::string& path);

// The name servers that a text like /etc/resolv.conf lists: at most three, as the C library has it.
std::vector<std::string> name_servers(const std::string& text);

}  // namespace raudal::sandbox
