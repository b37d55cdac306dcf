#include "control/lifecycle/runs.h"

#include <fmt/core.h>

#include "base/failpoint.h"
#include "base/str.h"
#include "codec/access_token.h"
#include "control/configuration/settings.h"
#include "control/lifecycle/code.h"
#include "control/lifecycle/operations.h"

namespace raudal::control::lifecycle {
namespace {

using metadata::Application;
using metadata::Operation;
using metadata::Run;
using metadata::Transaction;
using metadata::Version;

constexpr int kLaunchesMax = 3;
constexpr int64_t kRelaunchDelayMs = 100;

Result<Version> version_of(Context& context, const Application& application, const Run& run) {
  Transaction tx = TRY(context.store.begin());
  return tx.require_version(application.id, run.version);
}

// Makes all files below a folder durable, then the folder.
Status sync_tree(Fs& fs, const std::string& folder) {
  for (const FileInfo& info : TRY(fs.list(folder))) {
    const std::string path = join_path(folder, info.name);
    if (info.is_directory) {
      TRY(sync_tree(fs, path));
    } else {
      TRY(TRY(fs.open(path, OpenMode::kAppend))->sync());
    }
  }
  return fs.sync_directory(folder);
}

// Renamed once its files are durable: after power loss the code is there as a whole or not at all.
Status move_into_place(Fs& fs, const std::string& from, const std::string& code) {
  TRY(sync_tree(fs, from));
  TRY(fs.rename(from, code));
  return fs.sync_directory(parent_directory(code));
}

// The folder's code: what was staged, else from its location.
Status place_code(Context& context, const Application& application, const Version& version, const std::string& folder,
                  const std::string& staged_code) {
  const std::string code = join_path(folder, engine::kCodeDirectory);
  if (exists(context.fs, code)) return {};
  if (!staged_code.empty() && exists(context.fs, staged_code)) {
    return move_into_place(context.fs, staged_code, code);
  }
  const std::string fresh = code + ".new";
  TRY(stage_code(context, application, version, fresh));
  return move_into_place(context.fs, fresh, code);
}

engine::ServiceAccess service_access(const Context& context, const Version& version, const std::string& arn) {
  const std::string& data = context.options.data_directory;
  return {.tls_socket = join_path(data, kServiceTlsSocket),
          .http_socket = join_path(data, kServiceHttpSocket),
          .ca_file = join_path(data, kServiceCaFile),
          .role_arn = version.role,
          .credentials_token = codec::write_access_token(context.options.credentials_key,
                                                         {.application_arn = arn, .role_arn = version.role}),
          .direct = context.options.direct_services};
}

// What an engine is told of a run, beside the code that stands in the folder already.
Status write_instructions(Context& context, const Application& application, const Version& version, const Run& run,
                          const std::string& folder) {
  const auto groups = configuration::property_groups(version.configuration);
  TRY(write_file_durably(context.fs, join_path(folder, engine::kPropertiesFile), engine::properties_to_json(groups)));
  const std::string code = join_path(folder, engine::kCodeDirectory);
  engine::LaunchFile launch = configuration::launch_file(version, staged_program(context.fs, version, code));
  launch.identity = {.application = application.name, .run = run.number, .incarnation = run.incarnation};
  launch.application_arn = application_arn(context.options, application.name);
  launch.region = context.options.region;
  launch.parallelism = run.parallelism;
  launch.max_parallelism = run.max_parallelism;
  launch.service = service_access(context, version, launch.application_arn);
  launch.restore_path = run.restore_path;
  launch.allow_non_restored_state = run.allow_non_restored_state;
  return engine::write_launch_file(context.fs, folder, launch);
}

Status write_run_directory(Context& context, const Application& application, const Version& version, const Run& run,
                           const std::string& staging) {
  const std::string folder = run_directory(context.options, application, run.number);
  TRY(context.fs.make_directories(folder));
  TRY(place_code(context, application, version, folder,
                 staging.empty() ? "" : join_path(staging, engine::kCodeDirectory)));
  TRY(write_instructions(context, application, version, run, folder));
  return staging.empty() ? Status() : context.fs.remove_all(staging);
}

// Whether a living worker's job is under way, so that it can be adopted.
bool under_way(Context& context, const std::string& folder) {
  const auto details = context.engine.job(folder)->details();
  if (!details.ok()) return false;
  switch (details->state) {
    case engine::JobState::kRunning:
    case engine::JobState::kRestarting:
    case engine::JobState::kFinished: return true;
    default: return false;
  }
}

// A process that was killed is; a program that cannot start, or did not within the time for it, is not.
bool worth_a_retry(const Error& error) { return error.code() == ErrorCode::kEngine; }

}  // namespace

Status launch(Context& context, const Application& application, Run& run, const Operation* operation) {
  const Version version = TRY(version_of(context, application, run));
  run.incarnation = run.incarnation.next();
  {
    Transaction tx = TRY(context.store.begin());
    TRY(tx.update_run(run));
    TRY(tx.commit());
  }
  const std::string folder = run_directory(context.options, application, run.number);
  // The predecessor goes before the files that it may still read are written anew.
  TRY(context.engine.kill(folder));
  const std::string staged = operation ? staging_directory(context, application, operation->id) : "";
  TRY(write_run_directory(context, application, version, run, staged));
  FAILPOINT("control.after_intent");
  TRY(context.engine.start(folder, [&](const std::string& text) {
    context.log.info(fmt::format("{}: {}", application.name, text));
    if (operation) tell_progress(context, *operation, text);
  }));
  FAILPOINT("control.after_engine_call");
  context.log.info(
      fmt::format("{}: run {} incarnation {} is up", application.name, run.number.value(), run.incarnation.value()));
  return {};
}

Status check_program(Context& context, const Application& application, const Version& version,
                     const Operation& operation) {
  const std::string staging = staging_directory(context, application, operation.id);
  const std::string code = join_path(staging, engine::kCodeDirectory);
  if (!exists(context.fs, code)) TRY(stage_code(context, application, version, code));
  Run run;
  run.number = application.run.next();
  run.incarnation = Incarnation(1);
  run.parallelism = configuration::parallelism(version.configuration);
  run.max_parallelism = configuration::max_parallelism_for(run.parallelism);
  TRY(write_instructions(context, application, version, run, staging));
  return context.engine.check(staging);
}

Status bring_up(Context& context, const Application& application, Run& run, const Operation* operation) {
  const std::string folder = run_directory(context.options, application, run.number);
  if (run.incarnation.value() > 0 && TRY(context.engine.alive(folder)) && under_way(context, folder)) {
    context.log.info(fmt::format("{}: adopted the worker of run {}", application.name, run.number.value()));
    return {};
  }
  Status started;
  for (int attempt = 1; attempt <= kLaunchesMax; ++attempt) {
    started = launch(context, application, run, operation);
    if (started.ok() || !worth_a_retry(started.error())) break;
    context.log.warn(fmt::format("{}: launch {} of {} failed", application.name, attempt, kLaunchesMax),
                     started.error());
    if (!context.stop.pause_ms(kRelaunchDelayMs)) break;
    if (operation && superseded(context, *operation)) break;
  }
  return started;
}

Status bring_down(Context& context, const Application& application, RunNumber run) {
  if (run.value() == 0) return {};
  FAILPOINT("control.after_intent");
  TRY(context.engine.kill(run_directory(context.options, application, run)));
  FAILPOINT("control.after_engine_call");
  return {};
}

int64_t patience_ms(const Context& context, const std::string& run_directory) {
  const auto launch = engine::read_launch_file(context.fs, run_directory);
  const bool native = !launch.ok() || launch->engine == engine::EngineKind::kNative;
  return native ? context.options.unresponsive_ms : context.options.flink_unresponsive_ms;
}

Status remove_old_runs(Context& context, const Application& application) {
  const std::string runs = join_path(application_directory(context.options, application), "runs");
  for (const FileInfo& info : TRY(context.fs.list(runs))) {
    const auto number = parse_int(info.name);
    if (number && *number + 1 < application.run.value()) TRY(context.fs.remove_all(join_path(runs, info.name)));
  }
  return {};
}

}  // namespace raudal::control::lifecycle
