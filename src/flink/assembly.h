// Puts the files of a distribution into an empty folder: by Maven from the pom.xml of the version, or from a Flink
// that is already there. What comes out has lib/, opt/ and plugins/, whatever it was made from.
#pragma once

#include <string>
#include <vector>

#include "base/fs.h"
#include "base/process.h"
#include "base/result.h"
#include "flink/progress.h"
#include "flink/surroundings.h"
#include "flink/version.h"

namespace raudal::flink {

// What an assembly works with. `home` is the empty folder; `scratch` one beside it that its owner removes.
struct Assembly {
  Fs& fs;
  Process& process;
  const Surroundings& surroundings;
  const FlinkVersion& version;
  std::string home;
  std::string scratch;
  std::string log;  // where Maven's output stays
  ProgressSink progress;
};

// What came of it.
struct Assembled {
  std::string release;
  std::string origin;
  std::vector<std::string> missing;  // of what AWS has beside Flink, as group:artifact
};

// Errors say which package to install, or which artifacts Maven does not find.
Result<Assembled> assemble_with_maven(const Assembly& assembly);
// From a folder or an archive that has Flink's lib/ at its top or a few levels below. What AWS has beside Flink is
// fetched by Maven as far as that works.
Result<Assembled> assemble_from(const Assembly& assembly, const std::string& path);
// kCorrupt unless the folder holds what each cluster needs.
Status check_home(Fs& fs, const std::string& home);

// A program's jars in lib/: "flink-dist" finds flink-dist-1.20.3.jar. Empty when there is none.
Result<std::string> find_jar(Fs& fs, const std::string& folder, const std::string& artifact);

}  // namespace raudal::flink
