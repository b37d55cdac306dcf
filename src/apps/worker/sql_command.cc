#include <limits.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "apps/worker/builtins.h"
#include "apps/worker/commands.h"
#include "apps/worker/job_stats.h"
#include "apps/worker/row_printer.h"
#include "base/fs.h"
#include "base/str.h"
#include "obs/log_sinks.h"
#include "operators/operator.h"
#include "runtime/job.h"
#include "sql/session.h"

namespace raudal::apps {
namespace {

// A scratch folder for checkpoints, where a setting asks for them; removed at the end.
class ScratchDirectory {
 public:
  explicit ScratchDirectory(Fs& fs) : fs_(fs) {
    char name[] = "/tmp/raudal-sql-XXXXXX";
    if (::mkdtemp(name)) path_ = name;
  }
  ~ScratchDirectory() { (void)fs_.remove_all(path_); }
  const std::string& path() const { return path_; }

 private:
  Fs& fs_;
  std::string path_;
};

class SqlScript {
 public:
  explicit SqlScript(const SqlOptions& options) : options_(options), session_(context()) {}

  // Runs all statements; the number of those that failed.
  int run(const std::string& script, const std::string& directory) {
    int failures = 0;
    for (sql::Statement& statement : sql::split_script(script)) {
      if (options_.echo) echo(statement.text);
      replace_directory(statement.text, directory);
      const Status status = run_statement(statement);
      if (!status.ok()) {
        std::printf("ERROR\t%s\n", status.error().message().c_str());
        ++failures;
      }
      std::fflush(stdout);
    }
    return failures;
  }

  Status write_stats() { return stats_.write(*fs_, options_.stats_file); }

 private:
  sql::SessionContext context() {
    register_builtins(registry_);
    environment_ = {.fs = fs_.get(), .clock = &clock_, .registry = &registry_, .print_output = stdout};
    std::map<std::string, std::string> settings = options_.settings;
    settings.emplace("parallelism.default", std::to_string(options_.parallelism));
    return {.registry = &registry_, .environment = environment_, .settings = settings};
  }

  static void echo(const std::string& text) {
    std::string shown = "> ";
    for (const char c : text) shown += c == '\n' ? std::string("\n> ") : std::string(1, c);
    std::printf("%s\n", shown.c_str());
  }

  static void replace_directory(std::string& text, const std::string& directory) {
    constexpr std::string_view kVariable = "${dir}";
    for (size_t at; (at = text.find(kVariable)) != std::string::npos;) text.replace(at, kVariable.size(), directory);
  }

  Status run_statement(const sql::Statement& statement) {
    sql::Outcome outcome = TRY(session_.execute(statement));
    if (auto* listing = std::get_if<sql::Listing>(&outcome)) {
      for (const auto& row : listing->rows) std::printf("%s\n", join(row, "\t").c_str());
      return {};
    }
    if (auto* query = std::get_if<sql::Query>(&outcome)) {
      RowPrinter printer(stdout, options_.final, TRY(column::TimeZone::find(time_zone())));
      const Status status = run_job(std::move(query->graph), &printer);
      printer.finish();
      return status;
    }
    if (auto* insert = std::get_if<sql::Insert>(&outcome)) TRY(run_job(std::move(insert->graph), nullptr));
    std::printf("OK\n");
    return {};
  }

  Status run_job(graph::JobGraph graph, RowPrinter* printer) {
    ScratchDirectory scratch(*fs_);
    obs::MetricRegistry metrics;
    runtime::JobConfig config;
    config.identity = {.application = "sql", .run = RunNumber(++jobs_), .incarnation = Incarnation(1)};
    config.graph = std::move(graph);
    config.environment = environment_;
    config.environment.session_time_zone = time_zone();
    config.make_operator = operators::make_operator;
    config.parallelism = static_cast<int>(parse_int(setting("parallelism.default", "1")).value_or(1));
    config.restart.kind = runtime::RestartKind::kNone;
    config.batch_rows_max = options_.batch_rows_max;
    config.metrics = &metrics;
    config.log = &log_;
    if (const auto interval = parse_duration_ms(setting("execution.checkpointing.interval", ""))) {
      config.checkpoints.directory = scratch.path();
      config.checkpoints.interval_ms = *interval;
      config.checkpoints.min_pause_ms = 0;
    }
    if (printer) {
      config.on_result = [printer](int, const column::Batch& batch) { return printer->print(batch); };
    }
    auto job = TRY(runtime::Job::start(std::move(config)));
    const runtime::JobResult result = job->wait();
    stats_.add(*job, metrics);
    if (result.failure) return *result.failure;
    return {};
  }

  std::string setting(const std::string& key, const std::string& otherwise) const {
    const auto it = session_.settings().find(key);
    return it == session_.settings().end() ? otherwise : it->second;
  }
  std::string time_zone() const { return setting("table.local-time-zone", "UTC"); }

  const SqlOptions& options_;
  std::unique_ptr<Fs> fs_ = posix_fs();
  SystemClock clock_;
  obs::NullLogSink sink_;
  obs::Logger log_{sink_, clock_, "raudal.sql"};
  connector::Registry registry_;
  connector::Environment environment_;
  sql::Session session_;
  JobStats stats_;
  int jobs_ = 0;
};

Result<std::string> read_script(const std::string& file) {
  auto fs = posix_fs();
  if (file != "-") return read_file(*fs, file);
  std::string text;
  char buffer[4096];
  for (size_t n; (n = std::fread(buffer, 1, sizeof buffer, stdin)) > 0;) text.append(buffer, n);
  return text;
}

std::string absolute_directory_of(const std::string& file) {
  char resolved[PATH_MAX];
  const std::string folder = file == "-" ? "." : parent_directory(file);
  return ::realpath(folder.c_str(), resolved) ? resolved : folder;
}

}  // namespace

int run_sql(const SqlOptions& options) {
  const Result<std::string> script = read_script(options.file);
  if (!script.ok()) {
    std::fprintf(stderr, "raudal sql: %s\n", script.error().message().c_str());
    return 2;
  }
  SqlScript session(options);
  const int failures = session.run(*script, absolute_directory_of(options.file));
  if (!options.stats_file.empty()) {
    const Status written = session.write_stats();
    if (!written.ok()) std::fprintf(stderr, "raudal sql: %s\n", written.error().message().c_str());
  }
  return failures == 0 ? 0 : 1;
}

}  // namespace raudal::apps
