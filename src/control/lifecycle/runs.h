// Launching the incarnations of a run. Before anything is spawned, the incarnation's number is stored and the run
// directory written; the directory's lock, not a pid, says who lives. So a process that was spawned just before a crash
// is found again, and never gets a twin.
#pragma once

#include "control/lifecycle/context.h"

namespace raudal::control::lifecycle {

// Starts the next incarnation; a predecessor is killed first. Blocks until the job runs or has failed to start. The
// operation, which may be null, is the one whose staged code is used, and that shows what a long start is busy with.
Status launch(Context& context, const metadata::Application& application, metadata::Run& run,
              const metadata::Operation* operation);

// Whether the program of a version that is to be started could run, as far as that can be known without starting it.
Status check_program(Context& context, const metadata::Application& application, const metadata::Version& version,
                     const metadata::Operation& operation);

// Makes sure that the run lives: adopts a living worker whose job is under way, else launches. A worker that is killed
// while it starts is launched anew a few times; a program that cannot start is not.
Status bring_up(Context& context, const metadata::Application& application, metadata::Run& run,
                const metadata::Operation* operation);

// Kills all processes of a run; fine if there are none.
Status bring_down(Context& context, const metadata::Application& application, RunNumber run);

// How long a worker may answer nothing before it is killed: a JVM takes its time.
int64_t patience_ms(const Context& context, const std::string& run_directory);

// Folders of runs before the former one: their checkpoints are of no more use.
Status remove_old_runs(Context& context, const metadata::Application& application);

}  // namespace raudal::control::lifecycle
