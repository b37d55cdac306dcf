// The engines of this installation as one: each run goes to the engine that its launch.json names, each savepoint to
// the one that can have written it.
#pragma once

#include <memory>

#include "base/fs.h"
#include "engine/engine.h"

namespace raudal::engine {

struct RoutedEngines {
  std::unique_ptr<Engine> native;
  std::unique_ptr<Engine> flink_local;
  std::unique_ptr<Engine> flink_remote;
};

std::unique_ptr<Engine> engine_router(Fs& fs, RoutedEngines engines);

// The folder that holds a savepoint of Flink's below its target directory: the directory itself or one level below. Its
// _metadata begins with Flink's magic number; another engine's has the same name. kNotFound where there is none.
Result<std::string> find_flink_savepoint(Fs& fs, const std::string& target_directory);

}  // namespace raudal::engine
