#include "state/checkpoint_log.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "base/failpoint.h"
#include "base/rng.h"
#include "base/str.h"
#include "state/log_record.h"

namespace raudal::state {
namespace {

constexpr size_t kNumberDigits = 10;
constexpr std::string_view kMetadataName = "_metadata";

void collect_files(const Manifest& manifest, std::set<std::string>* names) {
  for (const OperatorSnapshot& snapshot : manifest.operators) {
    for (const auto& [name, chain] : snapshot.keyed) {
      for (const FileRef& file : chain) names->insert(file.name);
    }
  }
}

Status remove_if_there(Fs& fs, const std::string& path) {
  Status removed = fs.remove(path);
  if (!removed.ok() && removed.error().code() == ErrorCode::kNotFound) return {};
  return removed;
}

Status check_files_of(Fs& fs, const std::string& directory, const Manifest& manifest) {
  for (const OperatorSnapshot& snapshot : manifest.operators) {
    for (const auto& [name, chain] : snapshot.keyed) {
      for (const FileRef& file : chain) TRY(verify_state_file(fs, directory, file));
    }
  }
  return {};
}

}  // namespace

// A record as it was read: a claim's identity, a checkpoint's manifest, or what is wrong with it.
struct CheckpointLog::Entry {
  int64_t number = 0;
  std::optional<RunIdentity> claim;
  std::optional<Manifest> manifest;
  std::string damage;
};

CheckpointLog::CheckpointLog(Fs& fs, std::string directory) : fs_(fs), directory_(std::move(directory)) {}

CheckpointId CheckpointLog::next_id() const { return CheckpointId(last_ + 1); }

std::string CheckpointLog::record_path(int64_t number) const {
  return join_path(directory_, fmt::format("log/{:0{}}", number, kNumberDigits));
}

// Numbers of all records, ascending. Temporary files and strangers are passed over.
Result<std::vector<int64_t>> CheckpointLog::numbers() {
  std::vector<int64_t> numbers;
  auto listed = fs_.list(join_path(directory_, "log"));
  if (!listed.ok() && listed.error().code() == ErrorCode::kNotFound) return numbers;
  if (!listed.ok()) return std::move(listed).error();
  for (const FileInfo& info : *listed) {
    const auto number = parse_int(info.name);
    if (info.name.size() == kNumberDigits && number && *number > 0) numbers.push_back(*number);
  }
  return numbers;
}

Result<CheckpointLog::Entry> CheckpointLog::read_entry(int64_t number) {
  Entry entry{.number = number};
  const std::string bytes = TRY(read_file(fs_, record_path(number)));
  const auto record = open_record(bytes);
  if (!record.ok()) {
    entry.damage = record.error().message();
    return entry;
  }
  if (record->kind == RecordKind::kClaim) {
    ByteReader in(record->body);
    entry.claim = read_identity(in);
    if (!in.ok() || !in.at_end()) entry.damage = "Claim's body does not end where it should";
    return entry;
  }
  auto manifest = decode_manifest(bytes);
  if (manifest.ok() && manifest->id.value() == number) entry.manifest = std::move(manifest).value();
  else entry.damage = manifest.ok() ? "Manifest stands under another number than its own" : manifest.error().message();
  return entry;
}

// Writes a record under a number that must be free: kAlreadyExists where it is not.
Status CheckpointLog::append(int64_t number, std::string_view record) {
  const std::string folder = join_path(directory_, "log");
  // The name has to differ between two writers that race for the number, so that neither writes into the other's
  // file.
  const std::string temporary = join_path(folder, "tmp-" + secure_random_hex(8));
  {
    auto file = TRY(fs_.open(temporary, OpenMode::kCreateNew));
    TRY(file->append(record));
    TRY(file->sync());
  }
  const Status linked = fs_.link(temporary, record_path(number));
  TRY(fs_.remove(temporary));
  TRY(Status(linked));
  return fs_.sync_directory(folder);
}

Status CheckpointLog::claim(const RunIdentity& identity) {
  TRY(fs_.make_directories(join_path(directory_, "log")));
  TRY(fs_.sync_directory(directory_));
  std::string body;
  ByteWriter out(&body);
  write_identity(out, identity);
  const std::string record = frame_record(RecordKind::kClaim, body);
  while (true) {
    const std::vector<int64_t> present = TRY(numbers());
    for (const int64_t number : present) {
      const Entry entry = TRY(read_entry(number));
      if (entry.claim && entry.claim->incarnation > identity.incarnation) {
        return Error(ErrorCode::kFenced, fmt::format("A later incarnation has taken over: {} instead of {}",
                                                     entry.claim->incarnation.value(), identity.incarnation.value()));
      }
    }
    last_ = present.empty() ? 0 : present.back();
    const Status appended = append(last_ + 1, record);
    if (!appended.ok() && appended.error().code() == ErrorCode::kAlreadyExists) continue;  // it was faster: look again
    TRY(Status(appended));
    ++last_;
    return remove_orphans();
  }
}

// Removes what an incarnation that died had written for a checkpoint that it did not publish. Whoever could still
// want these files is fenced. Nothing is removed while a damaged manifest may name it.
Status CheckpointLog::remove_orphans() {
  std::set<std::string> needed;
  for (const int64_t number : TRY(numbers())) {
    const Entry entry = TRY(read_entry(number));
    if (!entry.damage.empty()) return {};
    if (entry.manifest) collect_files(*entry.manifest, &needed);
  }
  auto listed = fs_.list(join_path(directory_, kFilesFolder));
  if (!listed.ok() && listed.error().code() == ErrorCode::kNotFound) return {};
  if (!listed.ok()) return std::move(listed).error();
  for (const FileInfo& info : *listed) {
    const std::string name = join_path(kFilesFolder, info.name);
    if (!info.is_directory && !needed.contains(name)) TRY(remove_if_there(fs_, join_path(directory_, name)));
  }
  return {};
}

Result<std::optional<Manifest>> CheckpointLog::newest(std::vector<std::string>* warnings) {
  std::vector<int64_t> present = TRY(numbers());
  bool damaged = false;
  std::ranges::reverse(present);
  for (const int64_t number : present) {
    Entry entry = TRY(read_entry(number));
    if (entry.claim && entry.damage.empty()) continue;
    if (entry.manifest) {
      const Status intact = check_files_of(fs_, directory_, *entry.manifest);
      if (intact.ok()) return std::move(entry.manifest);
      if (intact.error().code() != ErrorCode::kCorrupt) return intact.error();
      entry.damage = intact.error().message();
    }
    damaged = true;
    warnings->push_back(fmt::format("Checkpoint {} is damaged and passed over: {}", number, entry.damage));
  }
  if (damaged) return Error(ErrorCode::kCorrupt, "All checkpoints are damaged: " + directory_);
  return std::optional<Manifest>();
}

Status CheckpointLog::publish(const Manifest& manifest) {
  CHECK(manifest.id == next_id());
  FAILPOINT("checkpoint.before_publish");
  const std::string record = encode_manifest(manifest);
  const Status appended = append(manifest.id.value(), record);
  if (!appended.ok() && appended.error().code() == ErrorCode::kAlreadyExists) {
    // An earlier try of the same manifest may have come through although it failed afterwards.
    const std::string path = record_path(manifest.id.value());
    if (TRY(read_file(fs_, path)) != record) {
      return Error(ErrorCode::kFenced, "A successor has taken over, checkpoint is refused: " + path);
    }
    TRY(fs_.sync_directory(parent_directory(path)));
  } else {
    TRY(Status(appended));
  }
  FAILPOINT("checkpoint.after_publish");
  last_ = manifest.id.value();
  return {};
}

Status CheckpointLog::prune(int retain) {
  std::set<std::string> needed;
  std::set<std::string> dropped;
  std::vector<int64_t> old;
  std::vector<int64_t> present = TRY(numbers());
  std::ranges::reverse(present);
  for (int kept = 0; const int64_t number : present) {
    const Entry entry = TRY(read_entry(number));
    if (!entry.damage.empty() && kept < retain) return {};   // what it names is unknown, so everything stays
    if (!entry.manifest) continue;
    if (kept < retain) {
      ++kept;
      collect_files(*entry.manifest, &needed);
    } else {
      old.push_back(number);
      collect_files(*entry.manifest, &dropped);
    }
  }
  // The record goes before its files: what stands in the log is whole at every moment.
  for (const int64_t number : old) TRY(remove_if_there(fs_, record_path(number)));
  if (!old.empty()) TRY(fs_.sync_directory(join_path(directory_, "log")));
  for (const std::string& name : dropped) {
    if (!needed.contains(name)) TRY(remove_if_there(fs_, join_path(directory_, name)));
  }
  return {};
}

Status write_savepoint(Fs& fs, const std::string& directory, const Manifest& manifest) {
  TRY(fs.make_directories(directory));
  TRY(write_file_durably(fs, join_path(directory, kMetadataName), encode_manifest(manifest)));
  return fs.sync_directory(parent_directory(directory));
}

Result<Manifest> read_savepoint(Fs& fs, const std::string& directory) {
  auto bytes = read_file(fs, join_path(directory, kMetadataName));
  if (!bytes.ok()) return std::move(bytes).error().within("Savepoint cannot be read");
  auto manifest = decode_manifest(*bytes);
  if (!manifest.ok()) return std::move(manifest).error().within("Savepoint is damaged: " + directory);
  Status intact = check_files_of(fs, directory, *manifest);
  if (!intact.ok()) return std::move(intact).error().within("Savepoint is damaged: " + directory);
  return manifest;
}

Result<int64_t> savepoint_size_bytes(Fs& fs, const std::string& directory) {
  int64_t bytes = 0;
  for (const FileInfo& info : TRY(fs.list(directory))) {
    bytes += info.is_directory ? TRY(savepoint_size_bytes(fs, join_path(directory, info.name))) : info.size_bytes;
  }
  return bytes;
}

}  // namespace raudal::state
