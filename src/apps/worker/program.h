// The program of a run directory, read and planned: what `run` starts and `check` only looks at.
#pragma once

#include <map>
#include <string>

#include "base/clock.h"
#include "base/fs.h"
#include "base/result.h"
#include "connector/registry.h"
#include "engine/run_directory.h"
#include "graph/job_graph.h"

namespace raudal::apps {

struct Program {
  engine::LaunchFile launch;
  graph::JobGraph graph;
  std::map<std::string, std::string> settings;   // the program's SET over launch.engine_options
};

Result<Program> load_program(const std::string& run_directory, connector::Environment environment);

}  // namespace raudal::apps
