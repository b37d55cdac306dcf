#include "apps/worker/builtins.h"
#include "apps/worker/commands.h"
#include "apps/worker/program.h"

namespace raudal::apps {

int check_application(const std::string& run_directory) {
  auto fs = posix_fs();
  const SystemClock clock;
  connector::Registry registry;
  register_builtins(registry);
  const Result<Program> program =
      load_program(run_directory, {.fs = fs.get(), .clock = &clock, .registry = &registry, .print_output = stdout});
  if (program.ok()) answer_ready();
  else answer_error(program.error());
  return program.ok() ? 0 : 1;
}

}  // namespace raudal::apps
