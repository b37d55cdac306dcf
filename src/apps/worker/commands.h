// The commands of raudal-worker. Each returns the process's exit status.
#pragma once

#include <map>
#include <string>

#include "base/result.h"

namespace raudal::apps {

// Exit status of a worker whose successor has taken over.
inline constexpr int kExitFenced = 75;

// Runs the application of a run directory until it is killed (engine/run_directory.h).
int run_application(const std::string& run_directory);

// Answers on the ready descriptor whether the program of a run directory can be planned.
int check_application(const std::string& run_directory);

// Answers on the ready descriptor with the size of a savepoint, all of whose files were read and checked.
int verify_savepoint(const std::string& directory);

struct SqlOptions {
  std::string file;              // "-": standard input
  bool echo = false;             // each statement before its result, behind "> "
  bool final = false;            // a query's rows that remain, sorted, without change kinds
  int parallelism = 1;
  size_t batch_rows_max = 4096;
  std::map<std::string, std::string> settings;
  std::string stats_file;        // JSON of what the jobs did, for benchmarks; empty: none
};

// Runs a script and prints what real Flink's SQL client would, in the form of tools/flink/oracle.
int run_sql(const SqlOptions& options);

// Writes to the descriptor that the launcher reads, and closes it: "R" and an answer, or "E", the code and the reason.
void answer_ready(const std::string& answer = "");
void answer_error(const Error& error);

}  // namespace raudal::apps
