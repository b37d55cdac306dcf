#include "apps/raudal/data_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>

#include <fmt/core.h>

#include "base/rng.h"
#include "base/str.h"
#include "codec/base64.h"
#include "codec/digest.h"

namespace raudal::apps {
namespace {

constexpr char kCredentials[] = "credentials";
constexpr char kCredentialsKey[] = "credentials-key";
constexpr int kKeyBytes = 32;
constexpr char kEndpoint[] = "endpoint";
constexpr char kRegion[] = "region";
constexpr int kSecretBytes = 30;  // 40 letters of base64
constexpr std::string_view kKeyLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

Error errno_error(const std::string& what) { return Error(ErrorCode::kIo, what + ": " + std::strerror(errno)); }

Result<std::string> absolute(const std::string& path) {
  char resolved[PATH_MAX];
  if (::realpath(path.c_str(), resolved) == nullptr) return errno_error("Cannot use the data directory " + path);
  return std::string(resolved);
}

// Twenty letters, as AWS's own: "AKIA" and sixteen random ones.
std::string new_access_key() {
  const auto random = codec::unhex(secure_random_hex(16));
  std::string key = "AKIA";
  for (const char byte : *random) key += kKeyLetters[static_cast<unsigned char>(byte) % kKeyLetters.size()];
  return key;
}

std::string new_secret() { return codec::base64_encode(*codec::unhex(secure_random_hex(kSecretBytes))); }

// A file that only its owner reads, there as a whole or not at all.
Status write_private_file(Fs& fs, const std::string& path, std::string_view bytes) {
  const std::string fresh = path + ".tmp";
  const int fd = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return errno_error("Cannot write " + fresh);
  const bool written =
      ::fchmod(fd, 0600) == 0 && ::write(fd, bytes.data(), bytes.size()) == ssize_t(bytes.size()) && ::fsync(fd) == 0;
  ::close(fd);
  if (!written) return errno_error("Cannot write " + fresh);
  TRY(fs.rename(fresh, path));
  return fs.sync_directory(parent_directory(path));
}

// The value of "name = value"; empty when it is not there.
std::string value_of(std::string_view text, std::string_view name) {
  for (const std::string& line : split(text, '\n')) {
    const size_t equals = line.find('=');
    if (equals == std::string::npos || trim(std::string_view(line).substr(0, equals)) != name) continue;
    return std::string(trim(std::string_view(line).substr(equals + 1)));
  }
  return "";
}

}  // namespace

Result<DataDirectory> DataDirectory::take(Fs& fs, const std::string& path) {
  TRY(fs.make_directories(path));
  const std::string directory = TRY(absolute(path));
  const std::string lock_path = join_path(directory, "lock");
  const int lock = ::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock < 0) return errno_error("Cannot open " + lock_path);
  if (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
    const auto owner = read_file(fs, lock_path);
    ::close(lock);
    return Error(
        ErrorCode::kResourceInUse,
        fmt::format("Another service uses this data directory (process {}): stop it, or give another --data: {}",
                    owner.ok() ? trim(*owner) : "unknown", directory));
  }
  const std::string owner = std::to_string(::getpid()) + "\n";
  if (::ftruncate(lock, 0) != 0 || ::pwrite(lock, owner.data(), owner.size(), 0) < 0) {
    const Error error = errno_error("Cannot write " + lock_path);
    ::close(lock);
    return error;
  }
  return DataDirectory(fs, directory, lock);
}

DataDirectory::DataDirectory(DataDirectory&& other) noexcept
    : fs_(other.fs_), path_(std::move(other.path_)), lock_(std::exchange(other.lock_, -1)) {}

DataDirectory::~DataDirectory() {
  if (lock_ >= 0) ::close(lock_);
}

Result<net::AwsCredentials> DataDirectory::credentials() {
  const std::string path = join_path(path_, kCredentials);
  if (!exists(*fs_, path)) {
    TRY(write_private_file(*fs_, path,
                           fmt::format("[default]\naws_access_key_id = {}\naws_secret_access_key = {}\n",
                                       new_access_key(), new_secret())));
  }
  const std::string text = TRY(read_file(*fs_, path));
  net::AwsCredentials key{.access_key_id = value_of(text, "aws_access_key_id"),
                          .secret_access_key = value_of(text, "aws_secret_access_key"),
                          .session_token = ""};
  if (key.access_key_id.empty() || key.secret_access_key.empty()) {
    return Error(ErrorCode::kCorrupt, "Not a credentials file with a key in it: " + path);
  }
  return key;
}

Result<std::string> DataDirectory::credentials_key() {
  const std::string path = join_path(path_, kCredentialsKey);
  if (!exists(*fs_, path)) TRY(write_private_file(*fs_, path, secure_random_hex(kKeyBytes) + "\n"));
  std::string key(trim(TRY(read_file(*fs_, path))));
  if (key.size() != 2 * kKeyBytes) return Error(ErrorCode::kCorrupt, "Not the key of applications' tokens: " + path);
  return key;
}

Status DataDirectory::write_endpoint(const std::string& url, const std::string& region) {
  TRY(write_file_durably(*fs_, join_path(path_, kRegion), region + "\n"));
  return write_file_durably(*fs_, join_path(path_, kEndpoint), url + "\n");
}

Result<Endpoint> read_endpoint(Fs& fs, const std::string& data_directory) {
  const std::string url = TRY(read_file(fs, join_path(data_directory, kEndpoint)));
  const std::string region = TRY(read_file(fs, join_path(data_directory, kRegion)));
  return Endpoint{.url = std::string(trim(url)), .region = std::string(trim(region))};
}

}  // namespace raudal::apps
