#include "sandbox/room.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/clock.h"
#include "base/fs.h"
#include "codec/digest.h"
#include "sandbox/kernel_file.h"
#include "sandbox/switchboard.h"

namespace raudal::sandbox {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;

// Waits until something is so; false when it is not within 20 s.
bool wait_until(const std::function<bool()>& so) {
  const SystemClock clock;
  const int64_t deadline = clock.monotonic_ns() + int64_t{20} * 1'000'000'000;
  while (!so()) {
    if (clock.monotonic_ns() > deadline) return false;
    ::usleep(2000);
  }
  return true;
}

// Answers each connection to a listening socket with its name and the first line that came, upper case and all.
class NamedServer {
 public:
  NamedServer(std::string name, int listener) : name_(std::move(name)), listener_(listener) {
    const int flags = ::fcntl(listener_, F_GETFL);
    ::fcntl(listener_, F_SETFL, flags & ~O_NONBLOCK);
    thread_ = std::thread([this] { serve(); });
  }
  ~NamedServer() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }

 private:
  void serve() {
    for (int fd; (fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC)) >= 0;) {
      std::string line;
      char c = 0;
      while (::read(fd, &c, 1) == 1 && c != '\n') line += c;
      const std::string answer = name_ + " heard " + line + "\n";
      (void)!::write(fd, answer.data(), answer.size());
      ::close(fd);
    }
  }

  std::string name_;
  int listener_;
  std::thread thread_;
};

// A listening TCP socket of the machine's loopback; its port.
std::pair<int, int> listen_on_machine(const char* address = "127.0.0.1") {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in name{};
  name.sin_family = AF_INET;
  ::inet_pton(AF_INET, address, &name.sin_addr);
  socklen_t size = sizeof name;
  EXPECT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&name), sizeof name), 0);
  EXPECT_EQ(::listen(fd, 16), 0);
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&name), &size);
  return {fd, ntohs(name.sin_port)};
}

// A service's data directory with two applications and the service's two sockets.
class RoomTest : public ::testing::Test {
 protected:
  void SetUp() override {
    char folder[] = "/tmp/raudal-room-XXXXXX";
    ASSERT_NE(::mkdtemp(folder), nullptr);
    folder_ = folder;
    data_ = folder_ + "/data";
    for (const char* application : {"/applications/one", "/applications/two"}) {
      ASSERT_TRUE(fs_->make_directories(data_ + application + "/runs/1").ok());
      write(data_ + application + "/secret", std::string("secret of ") + application);
    }
    write(data_ + "/credentials", "the service's keys");
    tls_ = std::make_unique<NamedServer>("tls", listen_unix(data_ + "/service.tls").value());
    http_ = std::make_unique<NamedServer>("http", listen_unix(data_ + "/service.sock").value());
  }

  void TearDown() override {
    tls_.reset();
    http_.reset();
    (void)fs_->remove_all(folder_);
  }

  void write(const std::string& path, const std::string& text) {
    ASSERT_TRUE(write_file_durably(*fs_, path, text).ok());
  }

  RoomOptions options(const std::string& application = "one") {
    RoomOptions options;
    options.application_directory = data_ + "/applications/" + application;
    options.run_directory = options.application_directory + "/runs/1";
    options.writable_paths = {options.application_directory};
    options.data_directory = data_;
    options.etc_files = {{.path = "/etc/flink/application_properties.json", .content = "properties of " + application}};
    options.service = {.tls_socket = data_ + "/service.tls",
                       .http_socket = data_ + "/service.sock",
                       .credentials_token = "token of " + application,
                       .region = "us-east-1"};
    options.allow_way_out = false;
    return options;
  }

  // A room with all that this test is about, or none: then the test skips.
  std::unique_ptr<Room> full_room(RoomOptions wanted) {
    auto room = Room::make(std::move(wanted));
    EXPECT_TRUE(room.ok()) << room.error().message();
    if (!room.ok()) return nullptr;
    if ((*room)->has_mounts() && (*room)->has_network()) return std::move(room).value();
    skipped_ = "This machine forbids namespaces: " + (*room)->shortcomings()[0];
    return nullptr;
  }

  std::string run(Room& room, const std::string& script) {
    const std::string output = data_ + "/output";
    (void)fs_->remove(output);
    const auto pid = room.spawn({.program = "/bin/bash", .arguments = {"-c", script}, .output_file = output});
    if (!pid.ok()) return "not started: " + pid.error().message();
    EXPECT_TRUE(wait_until([&] {
      const auto ended = room.poll(*pid);
      return !ended.ok() || ended->has_value();
    })) << script;
    return read_file(*fs_, output).value();
  }

  std::unique_ptr<Fs> fs_ = posix_fs();
  std::string folder_, data_;
  std::unique_ptr<NamedServer> tls_, http_;
  std::string skipped_;
};

#define ROOM_OR_SKIP(name, wanted)                          \
  const std::unique_ptr<Room> name = full_room(wanted);     \
  if (!name && !skipped_.empty()) GTEST_SKIP() << skipped_; \
  ASSERT_NE(name, nullptr)

TEST_F(RoomTest, program_sees_its_own_files_and_no_others) {
  ROOM_OR_SKIP(room, options());
  EXPECT_EQ(run(*room, "cat /etc/flink/application_properties.json"), "properties of one");
  EXPECT_EQ(run(*room, "cat " + data_ + "/applications/one/secret"), "secret of /applications/one");
  EXPECT_THAT(run(*room, "cat " + data_ + "/applications/two/secret"), HasSubstr("No such file"));
  EXPECT_THAT(run(*room, "cat " + data_ + "/credentials"), HasSubstr("No such file"));
  EXPECT_EQ(run(*room, "ls -A " + data_ + "; ls -A " + data_ + "/applications"), "applications\none\n");
  EXPECT_THAT(run(*room, "cat /etc/shadow"), HasSubstr("No such file"));
  EXPECT_EQ(run(*room, "ls -A /root /home /tmp /var/tmp | grep -v -e : -e '^$' -e home -e raudal-room"), "");
  EXPECT_FALSE(exists(*fs_, "/etc/flink/application_properties.json"));
}

TEST_F(RoomTest, listed_paths_are_seen_through_links_and_never_show_the_data_directory) {
  const std::string outside = folder_ + "/outside";
  ASSERT_TRUE(fs_->make_directories(outside + "/flink/lib").ok());
  write(outside + "/flink/lib/a.jar", "a jar");
  ASSERT_EQ(::symlink((outside + "/flink").c_str(), (outside + "/link").c_str()), 0);
  RoomOptions wanted = options();
  wanted.read_only_paths = {outside + "/link", outside + "/absent", folder_, "/", "/root", "/etc"};
  ROOM_OR_SKIP(room, wanted);
  EXPECT_EQ(run(*room, "cat " + outside + "/link/lib/a.jar " + outside + "/flink/lib/a.jar"), "a jara jar");
  EXPECT_THAT(run(*room, "echo x > " + outside + "/link/lib/a.jar"), HasSubstr("Read-only"));
  EXPECT_EQ(run(*room, "ls -A " + data_ + "; ls -A " + data_ + "/applications"), "applications\none\n");
  EXPECT_THAT(run(*room, "cat /etc/shadow"), HasSubstr("No such file"));
  EXPECT_EQ(run(*room, "ls -A /root; cat /etc/flink/application_properties.json"), "properties of one");
}

TEST_F(RoomTest, of_the_application_s_folder_only_what_is_listed_can_be_written) {
  RoomOptions wanted = options();
  const std::string state = wanted.run_directory + "/checkpoints", log = wanted.run_directory + "/worker.log";
  ASSERT_TRUE(fs_->make_directories(state).ok());
  write(log, "began\n");
  write(wanted.run_directory + "/launch.json", "{}");
  wanted.writable_paths = {state, log};
  ROOM_OR_SKIP(room, wanted);
  EXPECT_EQ(run(*room, "echo kept > " + state + "/new; echo went on >> " + log), "");
  EXPECT_EQ(read_file(*fs_, state + "/new").value(), "kept\n");
  EXPECT_EQ(read_file(*fs_, log).value(), "began\nwent on\n");
  for (const char* name : {"/launch.json", "/lock", "/rest.sock"}) {
    EXPECT_THAT(run(*room, "echo x > " + wanted.run_directory + name), HasSubstr("Read-only"));
  }
  EXPECT_THAT(run(*room, "rm " + log), AnyOf(HasSubstr("Read-only"), HasSubstr("busy")));
  EXPECT_THAT(run(*room, "mv " + state + " " + state + "-2"), AnyOf(HasSubstr("Read-only"), HasSubstr("busy")));
}

TEST_F(RoomTest, program_writes_where_it_may_and_nowhere_else) {
  ROOM_OR_SKIP(room, options());
  EXPECT_EQ(run(*room, "echo kept > " + data_ +
                           "/applications/one/new; echo x > /tmp/y; echo x > /dev/shm/y; "
                           "echo x > $HOME/y"),
            "");
  EXPECT_EQ(read_file(*fs_, data_ + "/applications/one/new").value(), "kept\n");
  for (const char* path :
       {"/y", "/usr/y", "/etc/y", "/root/y", "/proc/sys/kernel/core_pattern", "/sys/kernel/y", "/dev/y"}) {
    EXPECT_THAT(run(*room, std::string("echo h > ") + path),
                testing::AnyOf(HasSubstr("Read-only"), HasSubstr("denied")))
        << path;
  }
}

TEST_F(RoomTest, program_sees_only_processes_of_its_room) {
  ROOM_OR_SKIP(room, options());
  EXPECT_EQ(run(*room, "cat /proc/1/comm"), "room-steward\n");
  // The steward and the shell itself.
  EXPECT_EQ(run(*room, "n=0; for p in /proc/[0-9]*; do n=$((n+1)); done; echo $n"), "2\n");
  EXPECT_THAT(run(*room, "kill -0 " + std::to_string(::getpid())), HasSubstr("No such process"));
}

TEST_F(RoomTest, program_has_no_rights_over_the_machine) {
  ROOM_OR_SKIP(room, options());
  EXPECT_THAT(run(*room, "grep -E '^(CapPrm|CapEff|CapBnd|NoNewPrivs|Seccomp):' /proc/self/status"),
              HasSubstr("CapPrm:\t0000000000000000\nCapEff:\t0000000000000000\nCapBnd:\t0000000000000000\n"
                        "NoNewPrivs:\t1\nSeccomp:\t2\n"));
  EXPECT_THAT(run(*room, "mount -t tmpfs t /tmp"), HasSubstr("mount"));
  EXPECT_THAT(run(*room, "unshare -U true"), HasSubstr("not permitted"));
  EXPECT_THAT(run(*room, "nsenter -t 1 -m true"), testing::AnyOf(HasSubstr("denied"), HasSubstr("not permitted")));
  EXPECT_THAT(run(*room, "cat /dev/mem /proc/kcore | head -c 1"), HasSubstr("No such file"));
  EXPECT_THAT(run(*room, "cat /proc/1/environ"), HasSubstr("denied"));
}

TEST_F(RoomTest, aws_names_lead_to_the_service) {
  ROOM_OR_SKIP(room, options());
  for (const char* host : {"kinesis.us-east-1.amazonaws.com", "b.s3.us-east-1.amazonaws.com", "s3.amazonaws.com"}) {
    EXPECT_THAT(run(*room, std::string("getent ahostsv4 ") + host), HasSubstr("127.0.0.2")) << host;
    EXPECT_EQ(run(*room, std::string("getent ahostsv6 ") + host + " | grep -v ::ffff:127.0.0.2"), "") << host;
  }
  EXPECT_EQ(run(*room, "exec 3<>/dev/tcp/kinesis.us-east-1.amazonaws.com/443; echo hello >&3; cat <&3"),
            "tls heard hello\n");
  EXPECT_EQ(run(*room, "exec 3<>/dev/tcp/b.s3.us-east-1.amazonaws.com/80; echo hello >&3; cat <&3"),
            "http heard hello\n");
  EXPECT_EQ(run(*room, "exec 3<>/dev/tcp/127.0.0.1/1338; echo hello >&3; cat <&3"), "http heard hello\n");
  EXPECT_EQ(run(*room, "echo $AWS_REGION $AWS_CONTAINER_CREDENTIALS_FULL_URI $AWS_CONTAINER_AUTHORIZATION_TOKEN"),
            "us-east-1 http://127.0.0.1:1338/credentials token of one\n");
}

TEST_F(RoomTest, direct_services_are_not_redirected) {
  RoomOptions wanted = options();
  wanted.service.direct = {"*"};
  ROOM_OR_SKIP(room, wanted);
  EXPECT_THAT(run(*room, "exec 3<>/dev/tcp/127.0.0.2/443"), HasSubstr("refused"));
  EXPECT_EQ(run(*room, "exec 3<>/dev/tcp/127.0.0.1/1338; echo hello >&3; cat <&3"), "http heard hello\n");
}

TEST_F(RoomTest, loopback_of_the_machine_is_out_of_reach_but_for_listed_ports) {
  const auto [hidden_socket, hidden_port] = listen_on_machine();
  const auto [listed_socket, listed_port] = listen_on_machine();
  const NamedServer hidden("hidden", hidden_socket), listed("listed", listed_socket);
  RoomOptions wanted = options();
  wanted.host_ports = {listed_port};
  ROOM_OR_SKIP(room, wanted);
  EXPECT_THAT(run(*room, "exec 3<>/dev/tcp/127.0.0.1/" + std::to_string(hidden_port)), HasSubstr("refused"));
  EXPECT_EQ(run(*room, "exec 3<>/dev/tcp/localhost/" + std::to_string(listed_port) + "; echo x >&3; cat <&3"),
            "listed heard x\n");
  EXPECT_THAT(run(*room, "exec 3<>/dev/tcp/169.254.169.254/80"), HasSubstr("refused"));
}

// An address of this machine that is not of its loopback; empty when it has none.
std::string outer_address() {
  ifaddrs* all = nullptr;
  std::string found;
  if (::getifaddrs(&all) != 0) return found;
  for (const ifaddrs* one = all; one; one = one->ifa_next) {
    if (!one->ifa_addr || one->ifa_addr->sa_family != AF_INET || !(one->ifa_flags & IFF_UP)) continue;
    char text[INET_ADDRSTRLEN] = {};
    ::inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(one->ifa_addr)->sin_addr, text, sizeof text);
    if (!std::string(text).starts_with("127.") && found.empty()) found = text;
  }
  ::freeifaddrs(all);
  return found;
}

TEST_F(RoomTest, way_out_leads_to_other_machines_and_not_to_the_machines_loopback) {
  const std::string address = outer_address();
  if (address.empty()) GTEST_SKIP() << "This machine has no network";
  const auto [outer_socket, outer_port] = listen_on_machine(address.c_str());
  const auto [inner_socket, inner_port] = listen_on_machine();
  const NamedServer outer("outer", outer_socket), inner("inner", inner_socket);
  RoomOptions wanted = options();
  wanted.allow_way_out = true;
  ROOM_OR_SKIP(room, wanted);
  if (!room->has_way_out()) GTEST_SKIP() << room->way_out_reason();
  EXPECT_EQ(run(*room, "exec 3<>/dev/tcp/" + address + "/" + std::to_string(outer_port) + "; echo x >&3; cat <&3"),
            "outer heard x\n");
  for (const char* loopback : {"127.0.0.1", "10.0.2.2"}) {
    EXPECT_THAT(run(*room, std::string("exec 3<>/dev/tcp/") + loopback + "/" + std::to_string(inner_port)),
                Not(HasSubstr("heard")));
  }
  EXPECT_THAT(run(*room, "exec 3<>/dev/tcp/169.254.169.254/80"), HasSubstr("refused"));
}

// Bash can connect but not listen; Perl is on every Debian.
constexpr char kListen[] =
    "exec perl -MSocket -e 'socket(S,PF_INET,SOCK_STREAM,0); setsockopt(S,SOL_SOCKET,SO_REUSEADDR,1);"
    "bind(S,sockaddr_in(7777,inet_aton(\"127.0.0.1\"))) or die; listen(S,5); open(F,\">/tmp/listening\"); close F;"
    "while(accept(C,S)){ $l=<C>; syswrite(C,\"room heard $l\"); close C }'";

std::string ask_unix(const std::string& path, const std::string& line) {
  Switchboard board;
  const auto [listener, port] = listen_on_machine();
  ::fcntl(listener, F_SETFL, ::fcntl(listener, F_GETFL) | O_NONBLOCK);
  board.forward(listener, {.unix_path = path});
  board.start();
  FILE* answer = ::popen(("timeout 10 bash -c 'exec 3<>/dev/tcp/127.0.0.1/" + std::to_string(port) + "; echo " + line +
                          " >&3; cat <&3' 2>&1")
                             .c_str(),
                         "r");
  std::string text;
  for (int c; (c = std::fgetc(answer)) != EOF;) text += static_cast<char>(c);
  ::pclose(answer);
  return text;
}

TEST_F(RoomTest, rest_socket_leads_into_the_room_and_nothing_leads_into_another) {
  RoomOptions wanted = options();
  wanted.rest_port = 7777;
  ROOM_OR_SKIP(room, wanted);
  ROOM_OR_SKIP(other, options("two"));
  ASSERT_TRUE(room->spawn({.program = "/bin/bash", .arguments = {"-c", kListen}}).ok());
  const std::string mark = wanted.run_directory + "/room/tmp/listening";
  ASSERT_TRUE(wait_until([&] { return exists(*fs_, mark); }));
  EXPECT_EQ(ask_unix(wanted.run_directory + "/rest.sock", "hello"), "room heard hello\n");
  EXPECT_THAT(run(*other, "exec 3<>/dev/tcp/127.0.0.1/7777"), HasSubstr("refused"));
  EXPECT_THAT(run(*other, "ls /tmp/listening"), HasSubstr("No such file"));
}

TEST_F(RoomTest, programs_are_started_signalled_and_reaped) {
  ROOM_OR_SKIP(room, options());
  const pid_t exits = room->spawn({.program = "/bin/sh", .arguments = {"-c", "exit 7"}}).value();
  std::optional<ExitStatus> ended;
  ASSERT_TRUE(wait_until([&] { return (ended = room->poll(exits).value()).has_value(); }));
  EXPECT_EQ(ended->code, 7);
  EXPECT_FALSE(room->poll(exits).ok());
  const pid_t waits = room->spawn({.program = "/bin/sh", .arguments = {"-c", "sleep 1000 & wait"}}).value();
  const pid_t outside = room->machine_pid(waits).value();
  EXPECT_EQ(::kill(outside, 0), 0);
  ASSERT_TRUE(room->signal_group(waits, SIGKILL).ok());
  ASSERT_TRUE(wait_until([&] { return (ended = room->poll(waits).value()).has_value(); }));
  EXPECT_EQ(ended->signal, SIGKILL);
  EXPECT_FALSE(room->spawn({.program = "/no/such/program"}).ok());
}

// Control groups that bear a room's name.
int groups_of(const std::string& run_directory) {
  const std::string name = "raudal-" + codec::sha256_hex(run_directory).substr(0, 16);
  int found = 0;
  std::error_code ignored;
  for (std::filesystem::recursive_directory_iterator at("/sys/fs/cgroup", ignored), end; at != end;
       at.increment(ignored)) {
    if (at->path().filename() == name) ++found;
  }
  return found;
}

TEST_F(RoomTest, room_is_bounded_in_memory_and_processes) {
  RoomOptions wanted = options();
  wanted.limits = {.memory_bytes_max = 128 << 20, .cpus_max = 1.5, .processes_max = 20};
  ROOM_OR_SKIP(room, wanted);
  if (!room->has_limits()) GTEST_SKIP() << room->limits_reason();
  EXPECT_EQ(run(*room, "perl -e '$x = \"a\" x 20_000_000; print length($x)'"), "20000000");
  EXPECT_THAT(run(*room, "perl -e '$x = \"a\" x 400_000_000; print length($x)'; echo $?"), HasSubstr("137"));
  ASSERT_TRUE(room->set_memory_max(1 << 30).ok());
  EXPECT_EQ(run(*room, "perl -e '$x = \"a\" x 400_000_000; print length($x)'"), "400000000");
  EXPECT_EQ(run(*room,
                "perl -e '$| = 1; for (1..40) { $p = fork(); if (!defined $p) { print \"refused\"; last }"
                " sleep 1000 if !$p } kill 9, -getpgrp'"),
            "refused");
  // Also while a process of the group is dying, nothing of it stays.
  ASSERT_TRUE(
      room->spawn({.program = "/bin/bash", .arguments = {"-c", "for i in 1 2 3 4 5; do sleep 1000 & done; wait"}})
          .ok());
  EXPECT_GT(groups_of(wanted.run_directory), 0);
  room->close();
  EXPECT_EQ(groups_of(wanted.run_directory), 0);
}

TEST_F(RoomTest, supervisors_environment_and_descriptors_stay_outside) {
  ::setenv("RAUDAL_TEST_SECRET", "of the supervisor", 1);
  ROOM_OR_SKIP(room, options());
  ::unsetenv("RAUDAL_TEST_SECRET");
  EXPECT_EQ(run(*room, "echo [$RAUDAL_TEST_SECRET]"), "[]\n");
  EXPECT_EQ(run(*room, "ls /proc/self/fd | wc -l"), "4\n");  // 0, 1, 2 and the listed folder
}

// Processes in whose mounts the text occurs.
int processes_with_mount(const std::string& text) {
  int found = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const auto mounts = read_kernel_file(entry.path().string() + "/mountinfo");
    if (mounts.ok() && mounts->find(text) != std::string::npos) ++found;
  }
  return found;
}

// A supervisor in a process of its own: makes a room, starts programs, and says the machine's pids of two of them.
std::vector<pid_t> start_supervisor(const RoomOptions& wanted, const std::string& script, pid_t& supervisor) {
  int ends[2];
  EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  supervisor = ::fork();
  if (supervisor == 0) {
    auto room = Room::make(wanted);
    if (!room.ok()) ::_exit(1);
    const auto pid = (*room)->spawn({.program = "/bin/bash", .arguments = {"-c", script}});
    if (!pid.ok()) ::_exit(2);
    const pid_t pids[2] = {(*room)->machine_pid(*pid).value(), (*room)->has_mounts() ? 1 : 0};
    (void)!::write(ends[1], pids, sizeof pids);
    for (;;) ::pause();
  }
  ::close(ends[1]);
  std::vector<pid_t> pids(2, -1);
  EXPECT_EQ(::read(ends[0], pids.data(), sizeof(pid_t) * 2), static_cast<ssize_t>(sizeof(pid_t) * 2));
  ::close(ends[0]);
  return pids;
}

void expect_all_ends_with_the_supervisor(RoomOptions wanted, Fs& fs) {
  const std::string lock_path = wanted.run_directory + "/lock";
  const int lock = ::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  ASSERT_EQ(::flock(lock, LOCK_EX | LOCK_NB), 0);
  wanted.lock_descriptor = lock;
  pid_t supervisor = -1;
  // A child in a session of its own, which no signal to a group would find.
  const std::string mark = wanted.application_directory + "/child";
  const auto pids = start_supervisor(wanted, "setsid sleep 1000 & echo $! > " + mark + "; wait", supervisor);
  ASSERT_GT(pids[0], 0);
  ASSERT_TRUE(wait_until([&] { return exists(fs, mark) && read_file(fs, mark).value().ends_with('\n'); }));
  EXPECT_EQ(processes_with_mount(wanted.application_directory) > 0, pids[1] == 1);
  ::close(lock);
  const int again = ::open(lock_path.c_str(), O_RDWR | O_CLOEXEC);
  EXPECT_NE(::flock(again, LOCK_EX | LOCK_NB), 0);
  ASSERT_EQ(::kill(supervisor, SIGKILL), 0);
  ::waitpid(supervisor, nullptr, 0);
  EXPECT_TRUE(wait_until([&] { return ::flock(again, LOCK_EX | LOCK_NB) == 0; }));
  // Whoever gets the lock finds nobody alive: that is what it is for.
  EXPECT_NE(::kill(pids[0], 0), 0);
  if (pids[1] == 0) EXPECT_NE(::kill(std::atoi(read_file(fs, mark).value().c_str()), 0), 0);
  ::close(again);
  EXPECT_EQ(processes_with_mount(wanted.application_directory), 0);
}

TEST_F(RoomTest, all_ends_when_the_supervisor_is_killed) { expect_all_ends_with_the_supervisor(options(), *fs_); }

TEST_F(RoomTest, all_ends_when_the_supervisor_of_a_room_without_namespaces_is_killed) {
  RoomOptions wanted = options();
  wanted.try_mounts = wanted.try_network = false;
  expect_all_ends_with_the_supervisor(wanted, *fs_);
}

TEST_F(RoomTest, room_without_namespaces_has_an_address_and_endpoints_of_its_own) {
  RoomOptions wanted = options();
  wanted.try_mounts = wanted.try_network = false;
  const auto room = Room::make(wanted).value();
  EXPECT_FALSE(room->has_mounts());
  EXPECT_FALSE(room->has_network());
  EXPECT_EQ(room->address(), address_of_run(wanted.run_directory));
  EXPECT_FALSE(room->shortcomings().empty());
  EXPECT_EQ(run(*room, "echo $AWS_ENDPOINT_URL_KINESIS"), "http://" + room->address() + ":1338\n");
  EXPECT_EQ(run(*room, "exec 3<>/dev/tcp/" + room->address() + "/1338; echo hello >&3; cat <&3"), "http heard hello\n");
  const std::string proxy = "exec 3<>/dev/tcp/" + room->address() + "/1339; printf 'CONNECT %s HTTP/1.1\\r\\n\\r\\n' ";
  EXPECT_EQ(run(*room, proxy + "b.s3.us-east-1.amazonaws.com:443 >&3; echo hello >&3; cat <&3"),
            "HTTP/1.1 200 Connected\r\n\r\ntls heard hello\n");
  const auto [own_socket, own_port] = listen_on_machine();
  const NamedServer other("other", own_socket);
  EXPECT_EQ(run(*room, proxy + "localhost:" + std::to_string(own_port) + " >&3; echo hello >&3; cat <&3"),
            "HTTP/1.1 200 Connected\r\n\r\nother heard hello\n");
  EXPECT_THAT(run(*room, proxy + "kinesis.us-east-1.amazonaws.com:22 >&3; cat <&3"), HasSubstr("HTTP/1.1 502"));
  EXPECT_THAT(run(*room, "echo $HTTPS_PROXY"), HasSubstr(room->address() + ":1339"));
  EXPECT_THAT(run(*room, "grep CapEff /proc/self/status"), HasSubstr("0000000000000000"));
  room->close();
  EXPECT_FALSE(room->spawn({.program = "/bin/true"}).ok());
}

TEST(RoomAddress, is_the_same_for_a_run_and_another_for_another) {
  EXPECT_EQ(address_of_run("/data/one"), address_of_run("/data/one"));
  EXPECT_NE(address_of_run("/data/one"), address_of_run("/data/two"));
  in_addr raw;
  EXPECT_EQ(::inet_pton(AF_INET, address_of_run("/data/one").c_str(), &raw), 1);
}

}  // namespace
}  // namespace raudal::sandbox
