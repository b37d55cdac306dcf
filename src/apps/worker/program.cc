#include "apps/worker/program.h"

#include "sql/session.h"

namespace raudal::apps {

Result<Program> load_program(const std::string& run_directory, connector::Environment environment) {
  Program program;
  Fs& fs = *environment.fs;
  program.launch = TRY(engine::read_launch_file(fs, run_directory));
  const std::string code = join_path(run_directory, engine::kCodeDirectory);
  const std::string script = TRY(read_file(fs, join_path(code, program.launch.program_file)));
  const auto properties =
      TRY(engine::properties_from_json(TRY(read_file(fs, join_path(run_directory, engine::kPropertiesFile)))));
  sql::Session session(
      {.registry = environment.registry, .environment = environment, .settings = program.launch.engine_options});
  program.graph = TRY(session.compile_script(script, properties));
  program.graph.name = program.launch.identity.application;
  program.settings = session.settings();
  return program;
}

}  // namespace raudal::apps
