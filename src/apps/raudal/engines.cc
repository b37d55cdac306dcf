#include "apps/raudal/engines.h"

#include "apps/raudal/commands.h"
#include "engine/engine_router.h"
#include "engine/process_engine.h"
#include "engine/remote_engine.h"

namespace raudal::apps {
namespace {

constexpr int kRestTimeoutMs = 3'000;
// A little longer than the cluster's own five minutes, which know what it waited for.
constexpr int kFlinkStartTimeoutMs = 315'000;
// As AWS writes it into an application's log.
constexpr char kFlinkStartTimeoutText[] =
    "Flink job did not start within a total timeout of 5 minutes for application: {application} under account: "
    "{account}";

}  // namespace

std::unique_ptr<engine::Engine> make_engines(Fs& fs, Process& process, const Clock& clock) {
  engine::RoutedEngines engines;
  engines.native = engine::process_engine(
      fs, process, {.program = program_beside("raudal-worker"), .rest_timeout_ms = kRestTimeoutMs});
  engines.flink_local = engine::process_engine(fs, process,
                                               {.program = program_beside("raudal-flink"),
                                                .start_timeout_ms = kFlinkStartTimeoutMs,
                                                .start_timeout_text = kFlinkStartTimeoutText,
                                                .rest_timeout_ms = kRestTimeoutMs,
                                                .show_properties = false});
  engines.flink_remote =
      engine::remote_engine(fs, clock, {.start_timeout_ms = kFlinkStartTimeoutMs, .rest_timeout_ms = kRestTimeoutMs});
  return engine::engine_router(fs, std::move(engines));
}

}  // namespace raudal::apps
