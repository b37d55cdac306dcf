#include "flink/followed_program.h"

#include <signal.h>
#include <unistd.h>

#include <array>

#include <fmt/core.h>

#include "base/clock.h"

namespace raudal::flink {
namespace {

constexpr int kPollMs = 50;
constexpr int kGraceMs = 3'000;
constexpr size_t kLastLinesMax = 40;

// Reads what a file gained since the last time, by lines.
class GrowingFile {
 public:
  GrowingFile(Fs& fs, std::string path) : fs_(fs), path_(std::move(path)) {}

  // Whether there was anything new.
  bool read(const std::function<void(std::string_view)>& line, std::vector<std::string>& last) {
    if (!file_) {
      auto opened = fs_.open(path_, OpenMode::kRead);
      if (!opened.ok()) return false;
      file_ = *std::move(opened);
    }
    bool any = false;
    std::array<char, 16384> buffer;
    while (true) {
      const auto got = file_->read_at(offset_, buffer);
      if (!got.ok() || *got == 0) break;
      any = true;
      offset_ += static_cast<int64_t>(*got);
      for (const char c : std::string_view(buffer.data(), *got)) {
        if (c == '\n' || c == '\r') {
          tell(line, last);
        } else {
          line_ += c;
        }
      }
    }
    return any;
  }

  void tell(const std::function<void(std::string_view)>& line, std::vector<std::string>& last) {
    if (line_.empty()) return;
    if (line) line(line_);
    last.push_back(std::move(line_));
    if (last.size() > kLastLinesMax) last.erase(last.begin());
    line_.clear();
  }

 private:
  Fs& fs_;
  std::string path_;
  std::unique_ptr<File> file_;
  int64_t offset_ = 0;
  std::string line_;
};

// Asks it to end, then makes it. Returns when it is reaped.
void end_program(Process& process, pid_t pid) {
  const SystemClock clock;
  const int64_t deadline = clock.monotonic_ns() + int64_t{kGraceMs} * 1'000'000;
  (void)process.signal_group(pid, SIGTERM);
  while (true) {
    const auto ended = process.poll(pid);
    if (!ended.ok() || ended->has_value()) break;
    if (clock.monotonic_ns() > deadline) (void)process.signal_group(pid, SIGKILL);
    ::usleep(kPollMs * 1000);
  }
  (void)process.signal_group(pid, SIGKILL);  // what it started and left behind
}

}  // namespace

Result<ProgramEnd> run_followed(Fs& fs, Process& process, const FollowedProgram& program) {
  const SystemClock clock;
  const std::string& output = program.spec.output_file;
  CHECK(!output.empty());
  if (exists(fs, output)) TRY(fs.remove(output));
  const pid_t pid = TRY(process.spawn(program.spec));
  GrowingFile grown(fs, output);
  ProgramEnd end;
  int64_t heard_ns = clock.monotonic_ns();
  while (true) {
    const auto ended = TRY(process.poll(pid));
    if (grown.read(program.line, end.last_lines)) heard_ns = clock.monotonic_ns();
    if (ended) {
      grown.tell(program.line, end.last_lines);
      end.status = *ended;
      return end;
    }
    if (program.go_on && !program.go_on()) {
      end_program(process, pid);
      return Error(ErrorCode::kCancelled, "Ended on request: " + program.spec.program);
    }
    if (clock.monotonic_ns() - heard_ns > program.silence_ms_max * 1'000'000) {
      end_program(process, pid);
      return Error(ErrorCode::kTimeout, fmt::format("Nothing was printed for {} s, so it was ended: {}",
                                                    program.silence_ms_max / 1000, program.spec.program));
    }
    ::usleep(kPollMs * 1000);
  }
}

}  // namespace raudal::flink
