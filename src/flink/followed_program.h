// Runs a program of the machine (mvn, tar, python3) to its end while somebody watches: each line that it prints is
// seen as it comes, and whoever watches can end it.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/fs.h"
#include "base/process.h"
#include "base/result.h"

namespace raudal::flink {

// What to run, and who watches.
struct FollowedProgram {
  ProcessSpec spec;                            // its output_file is made anew, and stays
  std::function<void(std::string_view)> line;  // of output; may be empty
  std::function<bool()> go_on;                 // asked some ten times a second; false ends the program
  int64_t silence_ms_max = 30 * 60'000;        // a program that prints nothing for so long is ended
};

// How it went.
struct ProgramEnd {
  ExitStatus status;
  std::vector<std::string> last_lines;  // of output, for messages
};

// kCancelled when go_on answered false, kTimeout after the silence; the program and all it started are gone by then.
Result<ProgramEnd> run_followed(Fs& fs, Process& process, const FollowedProgram& program);

}  // namespace raudal::flink
