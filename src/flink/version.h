// Which Apache Flink runs which RuntimeEnvironment: one row a runtime, read by the control plane (what is refused),
// by whoever installs, and by whoever starts a cluster (file names, Java and Python that this release works with).
// The invariant: a row that is installable has a pom.xml of its own in distributions/flink, built into the program.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace raudal::flink {

// What becomes of an application of a runtime.
enum class Support {
  kInstallable,
  kRefusedAtCreate,  // AWS takes no new applications of it
  kRefusedAtStart,   // can be created and described, not started
};

// One runtime of AWS and the Flink that stands for it.
struct FlinkVersion {
  std::string_view runtime;  // "1.20": the version part of RuntimeEnvironment
  std::string_view release;  // "1.20.3": what is installed. Two runtimes may share one; empty: refused
  Support support = Support::kInstallable;
  std::string_view reason;              // of a refusal: a sentence for the answer
  std::string_view configuration_file;  // in the folder that --configDir names: "config.yaml"
  std::vector<int> java_majors;         // that this release works with, the preferred first
  int python_minor_min = 0;             // of Python 3, for PyFlink
  int python_minor_max = 0;
  bool rescales_in_place = false;  // PUT /jobs/:id/resource-requirements, with the adaptive scheduler
};

// All rows, oldest first.
std::span<const FlinkVersion> flink_versions();

// The row of "1.20"; "FLINK-1_20" and "1.20.3" are understood too. nullptr for what AWS never had.
const FlinkVersion* find_flink_version(std::string_view name);

// The row, if it can be installed and run. kInvalidArgument with its reason else.
Result<const FlinkVersion*> require_flink_version(std::string_view name);

}  // namespace raudal::flink
