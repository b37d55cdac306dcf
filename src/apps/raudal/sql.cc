#include <unistd.h>

#include <cerrno>
#include <cstring>

#include <fmt/core.h>

#include "apps/raudal/commands.h"
#include "base/fs.h"

namespace raudal::apps {

std::string program_beside(const std::string& name) {
  char path[4096];
  const ssize_t length = ::readlink("/proc/self/exe", path, sizeof path);
  if (length <= 0) return name;
  return join_path(parent_directory(std::string_view(path, length)), name);
}

int run_sql(const std::vector<std::string>& arguments) {
  const std::string program = program_beside("raudal-worker");
  std::vector<const char*> words{program.c_str(), "sql"};
  for (const std::string& argument : arguments) words.push_back(argument.c_str());
  words.push_back(nullptr);
  ::execv(program.c_str(), const_cast<char* const*>(words.data()));
  fmt::print(stderr, "raudal: cannot run {}: {}\n", program, std::strerror(errno));
  return 127;
}

}  // namespace raudal::apps
