#include "control/lifecycle/automatic_snapshot.h"

#include <fmt/core.h>

#include "base/rng.h"
#include "base/str.h"

namespace raudal::control::lifecycle {
namespace {

// "auto-20260102T030405.678Z-1f2e3d"
std::string automatic_name(const Context& context) {
  std::string time = format_utc_ms(context.clock.wall_us());
  std::erase_if(time, [](char c) { return c == '-' || c == ':'; });
  return fmt::format("auto-{}-{}", time, secure_random_hex(3));
}

}  // namespace

metadata::Snapshot new_snapshot(const Context& context, const metadata::Application& application,
                                const metadata::Run& run, const metadata::Version& version, std::string name) {
  metadata::Snapshot snapshot;
  snapshot.application = application.id;
  snapshot.name = std::move(name);
  snapshot.version = version.number;
  snapshot.runtime = version.runtime;
  snapshot.created_ms = context.now_ms();
  snapshot.max_parallelism = run.max_parallelism;
  return snapshot;
}

Result<int64_t> insert_automatic_snapshot(Context& context, metadata::Transaction& tx,
                                          const metadata::Application& application, const metadata::Run& run) {
  const auto version = TRY(tx.require_version(application.id, run.version));
  auto snapshot = new_snapshot(context, application, run, version, automatic_name(context));
  snapshot.automatic = true;
  TRY(tx.insert_snapshot(snapshot));
  return snapshot.id;
}

}  // namespace raudal::control::lifecycle
