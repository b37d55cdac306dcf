// Where the machine's own tools are looked for: the part of the environment that the installer reads, as values, so
// that a test can show it another machine. An error names the Debian package that brings what is missing.
#pragma once

#include <string>
#include <vector>

#include "base/fs.h"
#include "base/process.h"
#include "base/result.h"

namespace raudal::flink {

// The folders to search.
struct Surroundings {
  std::string java_home;                       // JAVA_HOME; may be empty
  std::vector<std::string> path;               // PATH, in its order
  std::string jvm_directory = "/usr/lib/jvm";  // where Debian puts JDKs side by side

  static Surroundings of_this_process();
};

// A Java that was found.
struct Jdk {
  int major = 0;        // 17
  std::string home;     // JAVA_HOME of the processes that use it
  std::string java;     // its program: home/bin/java
  std::string version;  // "17.0.15"
};

// The JDKs on JAVA_HOME, PATH and in jvm_directory, in that order, each once.
std::vector<Jdk> list_jdks(Fs& fs, const Surroundings& surroundings);

// The first of these majors that is here; JAVA_HOME and PATH before the rest where several have it. kNotFound names
// what is there and which package to install.
Result<Jdk> find_jdk(Fs& fs, const Surroundings& surroundings, const std::vector<int>& majors);

// The path of a program on PATH; empty when it is not there.
std::string find_program(const Surroundings& surroundings, const std::string& name);

}  // namespace raudal::flink
