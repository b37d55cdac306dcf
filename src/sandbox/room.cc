#include "sandbox/room.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <optional>

#include "base/check.h"
#include "base/fs.h"
#include "codec/digest.h"
#include "sandbox/kernel_file.h"
#include "sandbox/limit_group.h"
#include "sandbox/loopback.h"
#include "sandbox/room_setting.h"
#include "sandbox/steward.h"
#include "sandbox/switchboard.h"
#include "sandbox/way_out.h"

namespace raudal::sandbox {

class Room::Impl {
 public:
  explicit Impl(RoomOptions options) : options_(std::move(options)) {}
  ~Impl() { close(); }

  Status open();
  void close();
  Result<Message> ask(const Message& request);

  RoomOptions options_;
  RoomSetting setting_;
  bool has_mounts_ = false;
  bool has_network_ = false;
  std::string limits_reason_;
  std::string way_out_reason_;
  std::vector<std::string> shortcomings_;

 private:
  Status start_steward();
  void make_limits();
  void connect_way_out();
  void open_doors_of_room();
  Status open_doors_of_machine();
  Status open_rest_door();

  std::unique_ptr<Fs> fs_ = posix_fs();
  std::mutex closing_;
  std::mutex mutex_;  // over the steward: one question at a time
  std::optional<Steward> steward_;
  LimitGroup limits_;
  std::optional<WayOut> way_out_;
  Switchboard switchboard_;

  friend class Room;
};

// From the fullest room to none at all; the first that the machine allows. Root needs no user namespace, but in a
// container it may be given one where the others are refused it.
Status Room::Impl::start_steward() {
  struct Attempt {
    bool user, mounts, network;
  };
  constexpr std::array kAttempts = {
      Attempt{false, true, true},  Attempt{true, true, true},  Attempt{false, true, false}, Attempt{true, true, false},
      Attempt{false, false, true}, Attempt{true, false, true}, Attempt{false, false, false}};
  std::string refused;
  for (const Attempt& attempt : kAttempts) {
    if ((attempt.mounts && !options_.try_mounts) || (attempt.network && !options_.try_network)) continue;
    if (!attempt.user && ::geteuid() != 0 && (attempt.mounts || attempt.network)) continue;
    make_limits();
    TRY(prepare_scratch(*fs_, options_));
    setting_ = TRY(make_setting(*fs_, options_, attempt.mounts, attempt.network));
    auto steward = Steward::start({.user_namespace = attempt.user,
                                   .mounts = attempt.mounts,
                                   .network = attempt.network,
                                   .root = setting_.root,
                                   .listeners = setting_.listeners,
                                   .lock_descriptor = options_.lock_descriptor,
                                   .limit_folders = limits_.folders});
    if (steward.ok()) {
      steward_.emplace(std::move(steward).value());
      has_mounts_ = attempt.mounts;
      has_network_ = attempt.network;
      if (!refused.empty()) shortcomings_.push_back("The machine allows no full room of its own: " + refused);
      return {};
    }
    if (refused.empty()) refused = steward.error().message();
  }
  return Error(ErrorCode::kIo, "Cannot start a room: " + refused);
}

void Room::Impl::make_limits() {
  auto made = make_limit_group("raudal-" + codec::sha256_hex(options_.run_directory).substr(0, 16), options_.limits);
  if (made.ok())
    limits_ = std::move(made).value();
  else
    limits_reason_ = "The room's memory and processors are not bounded: " + made.error().message() + ".";
}

void Room::Impl::connect_way_out() {
  if (!has_network_) return;
  if (!options_.allow_way_out) {
    way_out_reason_ = "The room has no way to other machines: it was not asked for.";
    return;
  }
  auto way_out = WayOut::open(steward_->pid());
  if (way_out.ok()) {
    way_out_.emplace(std::move(way_out).value());
  } else {
    way_out_reason_ = "The room has no way to other machines: " + way_out.error().message() + ".";
  }
}

// With a network of the room's own, the steward made the listening sockets there.
void Room::Impl::open_doors_of_room() {
  const std::vector<int> sockets = std::exchange(steward_->listeners(), {});
  const size_t num_doors = setting_.doors.size();
  CHECK(sockets.size() == num_doors + 2);
  for (size_t i = 0; i < num_doors; ++i) switchboard_.forward(sockets[i], setting_.doors[i]);
  switchboard_.resolve(sockets[num_doors], sockets[num_doors + 1], setting_.names);
}

// Else they wait at the room's address among the machine's. Ports below 1024 are not everybody's to have; the HTTPS
// proxy does without.
Status Room::Impl::open_doors_of_machine() {
  for (size_t i = 0; i < setting_.doors.size(); ++i) {
    const Listener& wanted = setting_.listeners[i];
    Result<int> socket = listen_tcp(wanted.address, wanted.port);
    if (socket.ok())
      switchboard_.forward(*socket, setting_.doors[i]);
    else if (wanted.port >= 1024)
      return std::move(socket).error();
  }
  if (!setting_.tunnel) return {};
  const int listener = TRY(listen_tcp(setting_.tunnel->address, setting_.tunnel->port));
  switchboard_.serve_tunnels(listener, setting_.tunnel_rules);
  return {};
}

Status Room::Impl::open_rest_door() {
  if (options_.rest_port == 0) return {};
  ForwardTarget rest{.address = setting_.address, .port = static_cast<uint16_t>(options_.rest_port)};
  if (has_network_) {
    rest.make_socket = [this]() -> Result<int> {
      Message reply = TRY(ask({{"socket"}, {}}));
      if (reply.descriptors.size() == 1) return reply.descriptors[0];
      close_all(reply.descriptors);
      return Error(ErrorCode::kIo, "The room gave no socket");
    };
  }
  switchboard_.forward(TRY(listen_unix(join_path(options_.run_directory, "rest.sock"))), std::move(rest));
  return {};
}

Status Room::Impl::open() {
  TRY(start_steward());
  if (const Status added = add_process(limits_, steward_->pid()); !added.ok()) limits_reason_ = added.error().message();
  connect_way_out();
  TRY(steward_->seal());
  if (has_network_)
    open_doors_of_room();
  else
    TRY(open_doors_of_machine());
  TRY(open_rest_door());
  switchboard_.start();
  if (!has_mounts_) shortcomings_.push_back("Programs see the machine's files, /tmp and processes.");
  if (!has_network_) {
    shortcomings_.push_back("Programs use the machine's network; theirs is the address " + setting_.address + ".");
  }
  return {};
}

void Room::Impl::close() {
  const std::lock_guard closing(closing_);
  switchboard_.stop();
  {
    const std::lock_guard lock(mutex_);
    if (steward_) steward_->end();
  }
  way_out_.reset();
  if (options_.rest_port != 0) ::unlink(join_path(options_.run_directory, "rest.sock").c_str());
  (void)fs_->remove_all(scratch_of(options_));
}

Result<Message> Room::Impl::ask(const Message& request) {
  const std::lock_guard lock(mutex_);
  if (!steward_) return Error(ErrorCode::kNotFound, "The room is gone");
  return steward_->ask(request);
}

Room::Room(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Room::~Room() = default;

Result<std::unique_ptr<Room>> Room::make(RoomOptions options) {
  auto impl = std::make_unique<Impl>(std::move(options));
  TRY(impl->open());
  return std::unique_ptr<Room>(new Room(std::move(impl)));
}

bool Room::has_mounts() const { return impl_->has_mounts_; }
bool Room::has_network() const { return impl_->has_network_; }
bool Room::has_limits() const { return impl_->limits_reason_.empty(); }
const std::string& Room::limits_reason() const { return impl_->limits_reason_; }
Status Room::set_memory_max(int64_t bytes) {
  return has_limits() ? change_memory_limit(impl_->limits_, bytes) : Status();
}
bool Room::has_way_out() const { return !impl_->has_network_ || impl_->way_out_.has_value(); }
const std::string& Room::way_out_reason() const { return impl_->way_out_reason_; }
const std::vector<std::string>& Room::shortcomings() const { return impl_->shortcomings_; }
const std::string& Room::address() const { return impl_->setting_.address; }
const std::vector<std::pair<std::string, std::string>>& Room::environment() const {
  return impl_->setting_.environment;
}
const std::vector<std::string>& Room::jvm_options() const { return impl_->setting_.jvm_options; }

Result<pid_t> Room::spawn(const ProcessSpec& spec) {
  CHECK(spec.overlay_files.empty());
  ProcessSpec wanted = spec;
  wanted.environment = impl_->setting_.environment;
  for (const auto& [name, value] : spec.environment) {
    std::erase_if(wanted.environment, [&, key = name](const auto& ours) { return ours.first == key; });
    wanted.environment.emplace_back(name, value);
  }
  int output = -1;
  if (!spec.output_file.empty()) {
    // Not through a link: the room's programs may lay one in its place, to somewhere outside.
    output = ::open(spec.output_file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (output < 0) { return Error(ErrorCode::kIo, "Cannot write " + spec.output_file + ": " + std::strerror(errno)); }
    wanted.descriptors.emplace_back(output, 1);
    wanted.descriptors.emplace_back(output, 2);
  }
  const auto reply = impl_->ask(spawn_request(wanted));
  if (output >= 0) ::close(output);
  if (!reply.ok()) return reply.error();
  return static_cast<pid_t>(std::atoi(reply.value().fields.back().c_str()));
}

Result<std::optional<ExitStatus>> Room::poll(pid_t pid) {
  const Message reply = TRY(impl_->ask({{"poll", std::to_string(pid)}, {}}));
  if (reply.fields[0] == "running") return std::optional<ExitStatus>();
  if (reply.fields[0] == "ended" && reply.fields.size() == 3) {
    return std::optional<ExitStatus>(
        {.code = std::atoi(reply.fields[1].c_str()), .signal = std::atoi(reply.fields[2].c_str())});
  }
  return Error(ErrorCode::kNotFound, "not a program of this room: " + std::to_string(pid));
}

Status Room::signal_group(pid_t pid, int signal) {
  TRY(impl_->ask({{"signal", std::to_string(pid), std::to_string(signal)}, {}}));
  return {};
}

Result<pid_t> Room::machine_pid(pid_t pid) {
  Message reply = TRY(impl_->ask({{"pidfd", std::to_string(pid)}, {}}));
  if (reply.descriptors.empty()) return Error(ErrorCode::kNotFound, "not in this room: " + std::to_string(pid));
  const auto text = read_kernel_file("/proc/self/fdinfo/" + std::to_string(reply.descriptors[0]));
  close_all(reply.descriptors);
  const size_t at = text.ok() ? text->find("\nPid:") : std::string::npos;
  const int found = at == std::string::npos ? -1 : std::atoi(text->c_str() + at + 5);
  if (found <= 0) return Error(ErrorCode::kNotFound, "gone from this room: " + std::to_string(pid));
  return static_cast<pid_t>(found);
}

void Room::close() { impl_->close(); }

std::string address_of_run(const std::string& run_directory) {
  const std::string digest = codec::sha256(run_directory);
  const auto part = [&](size_t i, int low, int size) {
    return std::to_string(low + static_cast<unsigned char>(digest[i]) % size);
  };
  // 127.0.x.y is full of other things' habits, and .0 and .255 look like networks.
  return "127." + part(0, 16, 200) + "." + part(1, 1, 254) + "." + part(2, 1, 254);
}

}  // namespace raudal::sandbox
