// The engines of the service: raudal-worker and raudal-flink, which lie beside the running program, and session
// clusters of Flink's that are there already.
#pragma once

#include <memory>

#include "base/clock.h"
#include "base/fs.h"
#include "base/process.h"
#include "engine/engine.h"

namespace raudal::apps {

// What it is given must outlive it.
std::unique_ptr<engine::Engine> make_engines(Fs& fs, Process& process, const Clock& clock);

}  // namespace raudal::apps
