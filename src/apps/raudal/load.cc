#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>

#include <fmt/core.h>

#include "apps/load/access.h"
#include "apps/load/record_template.h"
#include "apps/load/sender.h"
#include "apps/raudal/commands.h"
#include "base/fs.h"
#include "base/str.h"

namespace raudal::apps {
namespace {

constexpr int64_t kLiveEveryMs = 100;
constexpr int64_t kLineEveryMs = 5'000;

int wake_pipe[2] = {-1, -1};
volatile std::sig_atomic_t interrupted = 0;

// SIGINT and SIGTERM end the run after the request that is under way; a pause ends at once.
void on_signal(int) {
  interrupted = 1;
  const char byte = 0;
  if (::write(wake_pipe[1], &byte, 1) < 0) return;
}

void catch_signals() {
  if (::pipe2(wake_pipe, O_CLOEXEC | O_NONBLOCK) != 0) return;
  struct sigaction action = {};
  action.sa_handler = on_signal;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
}

void pause_ms(int64_t ms) {
  pollfd waiting{.fd = wake_pipe[0], .events = POLLIN, .revents = 0};
  ::poll(&waiting, 1, static_cast<int>(ms));
}

// 1234567 as "1 234 567".
std::string grouped(uint64_t number) {
  std::string text = std::to_string(number);
  for (int at = static_cast<int>(text.size()) - 3; at > 0; at -= 3) text.insert(static_cast<size_t>(at), " ");
  return text;
}

std::string described(const LoadCounts& counts, uint64_t goal) {
  const double seconds = std::max(0.001, static_cast<double>(counts.elapsed_ms) / 1000.0);
  std::string text = grouped(counts.accepted);
  if (goal > 0) text += fmt::format(" of {} ({} %)", grouped(goal), counts.accepted * 100 / goal);
  text += fmt::format(" records, {:.0f}/s, {:.1f} s", static_cast<double>(counts.accepted) / seconds, seconds);
  if (counts.sent_again > 0) text += fmt::format(", {} sent again", grouped(counts.sent_again));
  if (!counts.trouble.empty()) text += fmt::format(" – {}", counts.trouble);
  return text;
}

// Progress on stderr: one line that changes on a terminal, a line now and then elsewhere.
class Progress {
 public:
  explicit Progress(uint64_t goal) : goal_(goal), live_(::isatty(STDERR_FILENO) == 1) {}

  void show(const LoadCounts& counts) {
    if (counts.elapsed_ms - shown_ms_ < (live_ ? kLiveEveryMs : kLineEveryMs)) return;
    shown_ms_ = counts.elapsed_ms;
    if (live_) {
      fmt::print(stderr, "\r\033[K{}", described(counts, goal_));
    } else {
      fmt::print(stderr, "{}\n", described(counts, goal_));
    }
    std::fflush(stderr);
  }

  void end() {
    if (live_) fmt::print(stderr, "\r\033[K");
  }

 private:
  uint64_t goal_;
  bool live_;
  int64_t shown_ms_ = 0;
};

Result<RecordTemplate> chosen_template(Fs& fs, const LoadCommand& command) {
  std::string text, key = "{{index}}";
  if (!command.template_file.empty()) {
    text = TRY(read_file(fs, command.template_file));
    while (text.ends_with('\n')) text.pop_back();
  } else {
    const NamedTemplate* found = nullptr;
    for (const NamedTemplate& named : named_templates()) {
      if (named.name == command.template_name) found = &named;
    }
    CHECK(found != nullptr);  // the command line was checked
    text = found->text;
    key = found->key;
  }
  return RecordTemplate::parse(text, command.partition_key.empty() ? key : command.partition_key);
}

std::unique_ptr<Target> chosen_target(const LoadCommand& command) {
  if (!command.delivery_stream.empty()) return firehose_target(command.delivery_stream);
  if (!command.queue_url.empty()) return sqs_target(command.queue_url);
  return kinesis_target(command.stream);
}

int print_records(const LoadPlan& plan, const RecordTemplate& records, const Clock& clock) {
  for (uint64_t i = 0; i < plan.count && interrupted == 0; ++i) {
    const int64_t step_us = static_cast<int64_t>(static_cast<double>(i) * 1e6 / (plan.rate > 0 ? plan.rate : 1000));
    const int64_t wall_us = plan.start_time_us > 0 ? plan.start_time_us + step_us : clock.wall_us();
    fmt::print("{}\n", records.render(plan.seed, plan.first_index + i, wall_us).data);
  }
  return 0;
}

int send(const LoadCommand& command, const LoadPlan& plan, const RecordTemplate& records, Access access, Clock& clock) {
  const std::unique_ptr<Target> target = chosen_target(command);
  Poster poster(std::move(access), *target, clock);
  Progress progress(plan.count);
  LoadWorld world;
  world.post = [&](const std::string& body) { return poster.post(body); };
  world.pause = pause_ms;
  world.stopping = [] { return interrupted != 0; };
  world.report = [&](const LoadCounts& counts) { progress.show(counts); };
  world.clock = &clock;
  LoadCounts counts;
  const Status status = send_load(plan, records, *target, world, counts);
  progress.end();
  if (!status.ok()) fmt::print(stderr, "raudal: {}\n", status.error().message());
  if (counts.unanswered > 0) {
    fmt::print(stderr, "raudal: {} records got no answer and were sent again: they may be there twice\n",
               grouped(counts.unanswered));
  }
  counts.trouble.clear();
  fmt::print("{}\n", described(counts, status.ok() && interrupted == 0 ? 0 : plan.count));
  return !status.ok() ? 1 : interrupted != 0 ? 130 : 0;
}

int fail(const Error& error) {
  fmt::print(stderr, "raudal: {}\n", error.message());
  return 1;
}

}  // namespace

std::vector<std::string> load_template_names() {
  std::vector<std::string> names;
  for (const NamedTemplate& named : named_templates()) names.emplace_back(named.name);
  return names;
}

std::string load_template_help() {
  std::string text = "Templates:\n";
  for (const NamedTemplate& named : named_templates())
    text += fmt::format("  {:<20}{}\n", named.name, named.description);
  text +=
      "\nPlaceholders in a template of your own: {{choice A|B|C}} {{int LOW HIGH}} {{float LOW HIGH DIGITS}} "
      "{{index}}\n"
      "{{uuid}} {{now}} {{now_text}} {{now_ms}}; {{name = …}} keeps a value, {{name}} repeats it, also in the key.";
  return text;
}

int load(const LoadCommand& command) {
  const auto fs = posix_fs();
  SystemClock clock;
  const auto records = chosen_template(*fs, command);
  if (!records.ok()) return fail(records.error());
  const LoadPlan plan{.count = command.count,
                      .rate = command.rate,
                      .seed = command.seed,
                      .first_index = command.first_index,
                      .start_time_us = command.start_time_ms * 1000,
                      .batch_records_max = command.batch,
                      .patience_ms = command.patience_s * 1000};
  catch_signals();
  if (!command.print && command.stream.empty() && command.delivery_stream.empty() && command.queue_url.empty()) {
    return fail(Error(ErrorCode::kInvalidRequest, "give --stream, --delivery-stream or --queue-url"));
  }
  if (command.print && command.count == 0) {
    return fail(Error(ErrorCode::kInvalidRequest, "--print needs a --count"));
  }
  if (command.print) return print_records(plan, *records, clock);
  const std::unique_ptr<Target> target = chosen_target(command);
  auto access = find_access(
      *fs, {.data_directory = command.data_directory, .endpoint_url = command.endpoint_url, .region = command.region},
      target->service(), [](const std::string& name) {
        const char* value = std::getenv(name.c_str());
        return std::string(value ? value : "");
      });
  if (!access.ok()) return fail(access.error());
  return send(command, plan, *records, std::move(access).value(), clock);
}

}  // namespace raudal::apps
