// `raudal flink install | list | remove`: the Flink distributions of a data directory, for people at a terminal. It
// works beside a running service, which sees at once what was installed.
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace raudal::apps {

class FlinkCommand {
 public:
  // Adds `flink` and its subcommands. This object must outlive the parsing.
  void describe(CLI::App& raudal);
  bool parsed() const;
  // Does what was asked for; the exit status of the process.
  int run();

 private:
  int install();
  int list();
  int remove();

  CLI::App* flink_ = nullptr;
  CLI::App* install_ = nullptr;
  CLI::App* list_ = nullptr;
  CLI::App* remove_ = nullptr;
  std::string version_;
  std::string data_directory_;
  std::string from_;
  bool python_ = false;
  bool verify_ = false;
};

}  // namespace raudal::apps
