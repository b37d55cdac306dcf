#include "flink/python_environments.h"

#include <unistd.h>

#include <algorithm>
#include <climits>
#include <utility>

#include <fmt/core.h>

#include "base/clock.h"
#include "base/rng.h"
#include "base/str.h"
#include "flink/folder_lock.h"
#include "flink/followed_program.h"

namespace raudal::flink {
namespace {

constexpr char kCompleteFile[] = "complete";
constexpr int kDebianPythonMinor = 11;  // of Debian 12
// PyFlink's package asks for a second one that holds all of Flink's jars; the distribution has them already.
constexpr char kRequirementsScript[] =
    "import importlib.metadata as m\n"
    "print('\\n'.join(r for r in m.requires('apache-flink') if not r.startswith('apache-flink-libraries')))";
// "3 11 1.20.3": its version, and that of its PyFlink or "-".
constexpr char kVersionScript[] =
    "import sys, importlib.metadata as m\n"
    "try: release = m.version('apache-flink')\n"
    "except m.PackageNotFoundError: release = '-'\n"
    "print(sys.version_info[0], sys.version_info[1], release)";

std::string absolute(const std::string& path) {
  if (path.starts_with("/")) return path;
  char current[PATH_MAX];
  return ::getcwd(current, sizeof current) ? join_path(current, path) : path;
}

// What a Python says of itself.
struct Interpreter {
  std::string program;
  int minor = 0;
  std::string pyflink;  // "-": it has none

  std::string version() const { return fmt::format("3.{}", minor); }
};

bool suits(const Interpreter& python, const FlinkVersion& version) {
  return python.minor >= version.python_minor_min && python.minor <= version.python_minor_max;
}

// One command after another on a Python, with their output in one log.
class PythonRuns {
 public:
  PythonRuns(Fs& fs, Process& process, std::string log, ProgressSink progress)
      : fs_(fs), process_(process), log_(std::move(log)), progress_(std::move(progress)) {}

  Result<ProgramEnd> run(const std::string& python, const std::vector<std::string>& arguments,
                         const std::string& stage) {
    Progress now{.stage = stage, .detail = ""};
    FollowedProgram program;
    program.spec = {.program = python,
                    .arguments = arguments,
                    .environment = {{"PIP_NO_INPUT", "1"}, {"PYTHONUNBUFFERED", "1"}, {"PIP_USER", "0"}},
                    .working_directory = parent_directory(log_),
                    .output_file = log_,
                    .descriptors = {},
                    .overlay_files = {},
                    .overlay_scratch = ""};
    program.line = [&](std::string_view line) { now.detail = std::string(trim(line)).substr(0, 100); };
    program.go_on = [&] {
      now.seconds = static_cast<double>(SystemClock().monotonic_ns() - begin_ns_) / 1e9;
      return progress_(now);
    };
    return run_followed(fs_, process_, program);
  }

  const std::string& log() const { return log_; }

 private:
  Fs& fs_;
  Process& process_;
  std::string log_;
  ProgressSink progress_;
  const int64_t begin_ns_ = SystemClock().monotonic_ns();
};

// Nothing when it does not run, or is no Python 3.
std::optional<Interpreter> ask(PythonRuns& runs, const std::string& program) {
  const auto end = runs.run(program, {"-c", kVersionScript}, "Looking for Python");
  if (!end.ok() || end->status.code != 0 || end->status.signal != 0 || end->last_lines.empty()) return std::nullopt;
  const auto words = split(end->last_lines.back(), ' ');
  if (words.size() != 3 || words[0] != "3") return std::nullopt;
  return Interpreter{
      .program = program, .minor = static_cast<int>(parse_int(words[1]).value_or(0)), .pyflink = words[2]};
}

// The Pythons of PATH: the one that a user means by python3 first, then those that this release works with.
std::vector<Interpreter> interpreters(PythonRuns& runs, const Surroundings& surroundings, const FlinkVersion& version) {
  std::vector<std::string> names{"python3"};
  for (int minor = version.python_minor_max; minor >= version.python_minor_min; --minor) {
    names.push_back(fmt::format("python3.{}", minor));
  }
  std::vector<Interpreter> found;
  for (const std::string& name : names) {
    const std::string program = find_program(surroundings, name);
    if (program.empty()) continue;
    if (auto python = ask(runs, program)) found.push_back(*std::move(python));
  }
  return found;
}

Error no_python(const FlinkVersion& version, const std::vector<Interpreter>& found) {
  std::vector<std::string> here;
  for (const Interpreter& python : found) here.push_back(fmt::format("{} ({})", python.version(), python.program));
  const bool debian_has_one =
      version.python_minor_min <= kDebianPythonMinor && kDebianPythonMinor <= version.python_minor_max;
  const std::string cure = debian_has_one ? "install the Debian packages python3 and python3-venv"
                                          : fmt::format("put one on PATH as python3.{}", version.python_minor_max);
  return Error(ErrorCode::kNotFound,
               fmt::format("PyFlink {} works with Python 3.{} to 3.{}, and there is none: {}. Python that is here: {}",
                           version.release, version.python_minor_min, version.python_minor_max, cure,
                           here.empty() ? "none" : join(here, ", ")));
}

// The lines of pip or venv that say what is wrong.
std::string complaint_of(const ProgramEnd& end) {
  for (const std::string& line : end.last_lines) {
    if (line.starts_with("ERROR:") || line.find("ensurepip is not") != std::string::npos) return line;
  }
  return end.last_lines.empty() ? fmt::format("exit code {}", end.status.code) : end.last_lines.back();
}

// Makes the environment in a new folder: venv, PyFlink itself, then what it needs.
Status build_environment(Fs& fs, PythonRuns& runs, const Interpreter& base, const std::string& folder,
                         const FlinkVersion& version) {
  const auto must = [&](Result<ProgramEnd> end, const std::string& what, const std::string& cure) -> Status {
    if (!end.ok()) return std::move(end).error();
    if (end->status.code == 0 && end->status.signal == 0) return {};
    return Error(ErrorCode::kServiceUnavailable,
                 fmt::format("{} ({}). {}All of it: {}", what, complaint_of(*end), cure, runs.log()));
  };
  TRY(must(runs.run(base.program, {"-m", "venv", folder}, "Making a Python environment"),
           "No Python environment can be made", "Install the Debian package python3-venv. "));
  const std::string python = join_path(folder, "bin/python");
  const std::string failed =
      fmt::format("PyFlink {} cannot be installed on Python {}", version.release, base.version());
  TRY(must(runs.run(python,
                    {"-m", "pip", "install", "--disable-pip-version-check", "--no-deps",
                     fmt::format("apache-flink=={}", version.release)},
                    "Installing PyFlink"),
           failed, ""));
  TRY(must(runs.run(python, {"-c", kRequirementsScript}, "Installing PyFlink"), failed, ""));
  const std::string requirements = join_path(folder, "requirements.txt");
  TRY(write_file_durably(fs, requirements, TRY(read_file(fs, runs.log()))));
  return must(runs.run(python, {"-m", "pip", "install", "--disable-pip-version-check", "-r", requirements},
                       "Installing what PyFlink needs"),
              failed, "");
}

}  // namespace

PythonEnvironments::PythonEnvironments(Fs& fs, Process& process, const std::string& data_directory,
                                       Surroundings surroundings)
    : fs_(fs),
      process_(process),
      directory_(join_path(absolute(data_directory), "flink")),
      surroundings_(std::move(surroundings)) {}

Result<PythonEnvironment> PythonEnvironments::find(const FlinkVersion& version) {
  if (auto made = find_made(version)) return *std::move(made);
  TRY(fs_.make_directories(directory_));
  const std::string log = join_path(directory_, fmt::format(".python-{}.log", secure_random_hex(4)));
  PythonRuns runs(fs_, process_, log, no_progress);
  const auto found = interpreters(runs, surroundings_, version);
  (void)fs_.remove(log);
  for (const Interpreter& python : found) {
    if (python.pyflink != version.release || !suits(python, version)) continue;
    return PythonEnvironment{.python = python.program, .version = python.version(), .pyflink = python.pyflink};
  }
  return Error(ErrorCode::kNotFound,
               fmt::format("No Python with PyFlink {} is here: raudal flink install {} --python makes one",
                           version.release, version.runtime));
}

Result<PythonEnvironment> PythonEnvironments::provide(const FlinkVersion& version, const ProgressSink& progress) {
  TRY(fs_.make_directories(directory_));
  const std::string lock_path = join_path(directory_, fmt::format(".python-{}.install", version.runtime));
  const FolderLock lock = TRY(FolderLock::take(lock_path, LockKind::kExclusive, [&] {
    return progress({.stage = "Waiting for another process that installs PyFlink", .detail = ""});
  }));
  auto found = find(version);
  if (found.ok()) return found;
  const std::string folder = folder_of(version);
  TRY(fs_.remove_all(folder));  // one that was not completed
  PythonRuns runs(fs_, process_, join_path(directory_, fmt::format("install-python-{}.log", version.runtime)),
                  progress);
  const auto bases = interpreters(runs, surroundings_, version);
  const auto base =
      std::find_if(bases.begin(), bases.end(), [&](const auto& python) { return suits(python, version); });
  if (base == bases.end()) return no_python(version, bases);
  const Status built = build_environment(fs_, runs, *base, folder, version);
  if (!built.ok()) {
    TRY(fs_.remove_all(folder));
    return built.error();
  }
  TRY(write_file_durably(fs_, join_path(folder, kCompleteFile),
                         fmt::format("{} {}\n", base->version(), version.release)));
  return *find_made(version);
}

Status PythonEnvironments::remove(const FlinkVersion& version) {
  if (!exists(fs_, folder_of(version))) return {};
  const std::string lock_path = join_path(directory_, fmt::format(".python-{}.install", version.runtime));
  const auto lock = TRY(FolderLock::try_take(lock_path, LockKind::kExclusive));
  if (!lock) return Error(ErrorCode::kResourceInUse, "Another process is installing PyFlink there: " + directory_);
  // First the mark, so that what is left of a removal cut short is not taken for an environment.
  const std::string mark = join_path(folder_of(version), kCompleteFile);
  if (exists(fs_, mark)) TRY(fs_.remove(mark));
  return fs_.remove_all(folder_of(version));
}

std::optional<PythonEnvironment> PythonEnvironments::find_made(const FlinkVersion& version) {
  const std::string folder = folder_of(version);
  const std::string python = join_path(folder, "bin/python");
  const auto mark = read_file(fs_, join_path(folder, kCompleteFile));
  if (!mark.ok() || ::access(python.c_str(), X_OK) != 0) return std::nullopt;
  const auto words = split(trim(*mark), ' ');
  if (words.size() != 2 || words[1] != version.release) return std::nullopt;
  return PythonEnvironment{.python = python, .version = words[0], .pyflink = words[1], .made_here = true};
}

std::string PythonEnvironments::folder_of(const FlinkVersion& version) const {
  return join_path(directory_, fmt::format("python-{}", version.runtime));
}

}  // namespace raudal::flink
