#include <unistd.h>

#include "apps/flink/commands.h"
#include "engine/run_directory.h"

namespace raudal::apps {
namespace {

void write_all(const std::string& text) {
  size_t done = 0;
  while (done < text.size()) {
    const ssize_t n = ::write(engine::kReadyDescriptor, text.data() + done, text.size() - done);
    if (n <= 0) break;  // nobody reads: the launcher died, and its successor will find us by the lock
    done += static_cast<size_t>(n);
  }
}

void write_and_close(const std::string& text) {
  write_all(text);
  ::close(engine::kReadyDescriptor);
}

}  // namespace

void answer_ready(const std::string& answer) { write_and_close("R" + answer); }

void answer_progress(const std::string& text) { write_all("P" + text + "\n"); }

void answer_error(const Error& error) {
  write_and_close("E" + std::to_string(static_cast<int>(error.code())) + " " + error.message());
}

}  // namespace raudal::apps
