// The user's program as Flink is to start it: a class of a JAR, or a Python file by Flink's PythonDriver. Made from the
// unpacked package before any JVM runs, so that a package that cannot run is refused at once, with the reason.
#pragma once

#include <string>
#include <vector>

#include "base/fs.h"
#include "base/result.h"
#include "engine/run_directory.h"

namespace raudal::cluster {

struct Program {
  std::string main_class;
  std::vector<std::string> arguments;
  std::string jar;  // absolute; empty for Python without one
  bool python = false;
};

// The group of AWS whose properties say what of a package is to run.
inline constexpr char kRunOptionsGroup[] = "kinesis.analytics.flink.run.options";

// kCodeValidation with a sentence for the user.
Result<Program> resolve_program(Fs& fs, const std::string& run_directory, const engine::LaunchFile& launch);

// Main-Class of a JAR's manifest, long lines joined; empty when it has none.
std::string main_class_of_manifest(const std::string& manifest);

}  // namespace raudal::cluster
