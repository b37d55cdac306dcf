// An engine that is a program: one process per run, started on the run directory and driven over the Unix socket in
// it. Serves raudal-worker and raudal-flink alike; whoever keeps this contract is an engine:
//
//   PROGRAM run RUN             inherits the run's lock as descriptor 3 and keeps it as long as anything of the run
//                               lives; says on descriptor 4 "P<text>\n" any number of times while it prepares (each
//                               starts the timeout anew), then "R" or "E<code> <message>", and closes it
//   PROGRAM check RUN           "R", or "E<code> <message>": whether the program can run; ends by itself
//   PROGRAM verify-savepoint F  "R<bytes>", or an error: kNotFound or kCorrupt mean that it is not complete, any
//                               other that nobody knows
#pragma once

#include <memory>
#include <string>

#include "base/fs.h"
#include "base/process.h"
#include "engine/engine.h"

namespace raudal::engine {

struct ProcessEngineOptions {
  std::string program;             // path of raudal-worker or raudal-flink
  int start_timeout_ms = 60'000;   // from spawn, or from the last sign of progress, to a running job
  std::string start_timeout_text;  // what the error says then; {application} and {account} are filled in; empty: ours
  int rest_timeout_ms = 10'000;    // of one REST call
  bool show_properties = true;     // the process sees /etc/flink/application_properties.json, where the host allows it
};

std::unique_ptr<Engine> process_engine(Fs& fs, Process& process, ProcessEngineOptions options);

}  // namespace raudal::engine
