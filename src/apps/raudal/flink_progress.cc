#include "apps/raudal/flink_progress.h"

#include <signal.h>
#include <unistd.h>

#include <fmt/core.h>

namespace raudal::apps {
namespace {

volatile sig_atomic_t asked_to_end = 0;

void note_signal(int) { asked_to_end = 1; }

}  // namespace

// The first signal ends the installation in order, so that what it started ends with it and nothing is left behind.
ProgressPrinter::ProgressPrinter(FILE* out) : out_(out), terminal_(::isatty(::fileno(out)) == 1) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) ::signal(signal, note_signal);
}

bool ProgressPrinter::show(const flink::Progress& progress) {
  if (terminal_) {
    const std::string amount = progress.files_done > 0 ? fmt::format(" {} files, {:.0f} MB", progress.files_done,
                                                                     static_cast<double>(progress.bytes_done) / 1e6)
                                                       : "";
    const std::string line =
        fmt::format("{:4.0f} s  {}{}  {}", progress.seconds, progress.stage, amount, progress.detail);
    fmt::print(out_, "\r\033[K{}", line.substr(0, 110));
    std::fflush(out_);
    open_line_ = true;
  } else if (progress.stage != stage_) {
    fmt::print(out_, "{}…\n", progress.stage);
    std::fflush(out_);
  }
  stage_ = progress.stage;
  return asked_to_end == 0;
}

void ProgressPrinter::finish() {
  if (open_line_) fmt::print(out_, "\r\033[K");
  open_line_ = false;
  std::fflush(out_);
}

}  // namespace raudal::apps
