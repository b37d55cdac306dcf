// The commands of raudal-flink. Each answers its launcher on the ready descriptor (engine/run_directory.h) and returns
// the process's exit status.
#pragma once

#include <string>

#include "base/result.h"

namespace raudal::apps {

// Runs the application-mode cluster of a run directory until its JobManager ends or SIGTERM comes.
int run_cluster(const std::string& run_directory);

// Whether the package of a run directory can run: its class or Python file, its Flink, its JDK. Starts no JVM.
int check_package(const std::string& run_directory);

// The size of a complete savepoint.
int verify_savepoint(const std::string& directory);

// Tells the launcher what takes long, in one line; it then waits on.
void answer_progress(const std::string& text);

// Writes to the descriptor that the launcher reads, and closes it: "R" and an answer, or "E", the code and the reason.
void answer_ready(const std::string& answer = "");
void answer_error(const Error& error);

}  // namespace raudal::apps
