// A run's checkpoint log: the sequence of records in which checkpoints become true and successors take over.
// docs/design/checkpoint-format.md draws the bytes; docs/design/seams.md says why it is the fence.
//
//   log/0000000001   claim       incarnation 1 begins
//   log/0000000002   checkpoint  manifest: files, lengths, checksums, sources, committables
//   log/0000000003   claim       incarnation 2 begins
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/fs.h"
#include "base/ids.h"
#include "base/result.h"

namespace raudal::state {

// A file of state: written once, synced, then named by manifests.
struct FileRef {
  std::string name;            // relative to checkpoints/
  int64_t length_bytes = 0;
  uint32_t crc32c = 0;
};

// What a checkpoint holds of one operator. Keyed chains: oldest first; restore applies all chunks in order.
struct OperatorSnapshot {
  std::string uid;
  std::string kind;                                    // "window_aggregate", for messages
  int parallelism = 1;
  std::map<std::string, std::vector<FileRef>> keyed;   // state name/subtask "aggregate/0" → its chain
  std::map<std::string, std::string> schemas;          // state name → description
  std::vector<std::string> items;                      // source positions of all subtasks
  std::vector<std::string> committables;               // to publish once this manifest stands
  int64_t watermark_ms = INT64_MIN;                    // of the operator when the barrier passed
};

// A checkpoint: its files with lengths and checksums. It is true once it stands in the log.
struct Manifest {
  static constexpr int kFormatVersion = 1;
  RunIdentity identity;
  CheckpointId id;
  bool savepoint = false;
  int parallelism = 1;
  int max_parallelism = 128;
  uint32_t hash_id = 0;
  int64_t trigger_time_ms = 0;
  std::vector<OperatorSnapshot> operators;
  std::map<std::string, std::string> properties;       // what the runtime wants kept, e.g. "job.finished"
};

std::string encode_manifest(const Manifest& manifest);                 // with format version and checksum
Result<Manifest> decode_manifest(std::string_view bytes);              // kCorrupt names what is wrong

// One writer (an incarnation) of the log of a run.
class CheckpointLog {
 public:
  CheckpointLog(Fs& fs, std::string directory);   // …/checkpoints

  // Where state files belong, in the log's directory: what no manifest names there is removed by claim().
  static constexpr std::string_view kFilesFolder = "state";

  // Takes over: writes a claim after the last record. Afterwards no older incarnation can add a record. kFenced when
  // a later incarnation has claimed already.
  Status claim(const RunIdentity& identity);

  // The newest undamaged checkpoint whose files are all there with the right length and checksum; damaged ones are
  // skipped with a message for the log in `warnings`. Empty: the run has no checkpoint. kCorrupt: all are damaged.
  Result<std::optional<Manifest>> newest(std::vector<std::string>* warnings);

  // Makes a checkpoint true, under manifest.id, which must be next_id(). kFenced when a successor has claimed. After
  // any other error nobody knows whether it stands: publish the same manifest again, or end and let a successor look.
  Status publish(const Manifest& manifest);
  CheckpointId next_id() const;

  // Removes checkpoints older than the newest `retain`, and the files that only they name. Claims stay for ever: the
  // number after a zombie's last record is always a claim's, so it never becomes free again.
  Status prune(int retain);

 private:
  struct Entry;

  std::string record_path(int64_t number) const;
  Result<std::vector<int64_t>> numbers();
  Result<Entry> read_entry(int64_t number);
  Status append(int64_t number, std::string_view record);
  Status remove_orphans();

  Fs& fs_;
  std::string directory_;
  int64_t last_ = 0;
};

// Savepoints: a folder with `_metadata` (a manifest) and its files, self-contained.
Status write_savepoint(Fs& fs, const std::string& directory, const Manifest& manifest);
Result<Manifest> read_savepoint(Fs& fs, const std::string& directory);   // checks every file
Result<int64_t> savepoint_size_bytes(Fs& fs, const std::string& directory);

// Writes a state file of length-prefixed, checksummed, zstd-compressed chunks; finish() syncs it.
class StateFileWriter {
 public:
  StateFileWriter(Fs& fs, std::string directory, std::string name);
  Status append(std::string_view chunk);
  Result<FileRef> finish();   // also of an empty file; once

 private:
  Status open();
  Status write(std::string_view bytes);

  Fs& fs_;
  std::string directory_;
  FileRef ref_;
  uint32_t num_chunks_ = 0;
  std::unique_ptr<File> file_;
};

// Whether a file is there with the length and the checksum that its manifest says; kCorrupt names what is wrong.
Status verify_state_file(Fs& fs, const std::string& directory, const FileRef& ref);

// Calls `chunk` for each chunk of a file, in order; kCorrupt where a byte is wrong.
Status read_state_file(Fs& fs, const std::string& directory, const FileRef& ref,
                       const std::function<Status(std::string_view)>& chunk);

}  // namespace raudal::state
