// Shows an installation's progress: on a terminal one line that is rewritten, elsewhere one line a stage.
#pragma once

#include <cstdio>
#include <string>

#include "flink/progress.h"

namespace raudal::apps {

class ProgressPrinter {
 public:
  explicit ProgressPrinter(FILE* out);
  // Goes on unless the process was asked to end.
  bool show(const flink::Progress& progress);
  // Ends a line that is being rewritten.
  void finish();

 private:
  FILE* out_;
  bool terminal_;
  bool open_line_ = false;
  std::string stage_;
};

}  // namespace raudal::apps
