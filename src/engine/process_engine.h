// The embedded engine: one raudal-worker process per run, driven over its Unix socket.
#pragma once

#include <memory>
#include <string>

#include "base/fs.h"
#include "base/process.h"
#include "engine/engine.h"

namespace raudal::engine {

struct NativeEngineOptions {
  std::string worker_program;          // path of raudal-worker
  int start_timeout_ms = 60'000;       // from spawn to a running job
  int rest_timeout_ms = 10'000;        // of one REST call
};

std::unique_ptr<Engine> native_engine(Fs& fs, Process& process, NativeEngineOptions options);

}  // namespace raudal::engine
