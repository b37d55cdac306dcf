// A machine for tests of the installer: a temporary folder with a PATH, JDKs and a data directory of its own, where
// shell scripts stand for mvn and python3. It is removed with the object.
#pragma once

#include <memory>
#include <string>

#include "base/fs.h"
#include "base/process.h"
#include "flink/surroundings.h"

namespace raudal::flink {

class PretendMachine {
 public:
  PretendMachine();
  ~PretendMachine();
  PretendMachine(const PretendMachine&) = delete;
  PretendMachine& operator=(const PretendMachine&) = delete;

  Fs& fs() { return *fs_; }
  Process& process() { return *process_; }
  std::string path(const std::string& name) const;  // below the machine's folder
  std::string data() const { return path("data"); }
  Surroundings surroundings() const;

  // Puts a script for /bin/sh on PATH.
  void put_program(const std::string& name, const std::string& script);
  void remove_program(const std::string& name);
  // Puts a JDK that says it is of this version.
  void put_jdk(const std::string& version);
  // Writes a file, and its folder; an empty JAR where the name ends in .jar.
  void put_file(const std::string& name, const std::string& text = "");
  std::string read(const std::string& name);
  // The lines of a file; 0 when it is absent.
  int num_lines(const std::string& name);
  // Waits until a file is there; false after ten seconds.
  bool wait_for(const std::string& name);
  // Names in DATA/flink that end so.
  int num_entries(const std::string& ending);

 private:
  std::unique_ptr<Fs> fs_ = posix_fs();
  std::unique_ptr<Process> process_ = posix_process();
  std::string root_;
};

}  // namespace raudal::flink
