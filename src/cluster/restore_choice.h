// What a new incarnation restores: the newest whole checkpoint of its run, else the next lower, else the run's starting
// snapshot, else nothing. Never nothing when there are checkpoints of the run and none can be read: that is an error.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/fs.h"
#include "base/result.h"
#include "cluster/checkpoint_metadata.h"
#include "engine/run_directory.h"

namespace raudal::cluster {

struct Restore {
  std::string path;             // the folder that holds _metadata; empty: start empty
  bool own_checkpoint = false;  // of this run, not a snapshot
  int64_t checkpoint_id = 0;    // of an own checkpoint
  struct PassedOver {
    std::string folder;
    std::string why;
  };
  std::vector<PassedOver> passed_over;  // newer checkpoints that cannot be read
};

Result<Restore> choose_restore(Fs& fs, const std::string& run_directory, const engine::LaunchFile& launch);

// Renames the folders that were passed over: Flink goes on counting after the checkpoint that it restored, and a folder
// that is there already would be in its way. What is in them stays for people to look at.
Status set_aside_passed_over(Fs& fs, const Restore& restore);

// A checkpoint or savepoint whose metadata is whole and whose files are there with their sizes. Files elsewhere than on
// this machine's file system are not looked at.
struct WholeSnapshot {
  std::string folder;
  CheckpointMetadata metadata;
  int64_t size_bytes = 0;  // _metadata and all files, each once
};
// `folder` holds _metadata. kNotFound without _metadata; kCorrupt where something is wrong.
Result<WholeSnapshot> inspect_snapshot(Fs& fs, const std::string& folder);

// The folder that holds _metadata: `folder` itself, or the one below it (Flink makes savepoint-<job>-<random>).
// kNotFound when there is none, kCorrupt when there are several.
Result<std::string> savepoint_folder(Fs& fs, const std::string& folder);

// The numbers of the folders chk-N, highest first; also of unfinished ones.
Result<std::vector<int64_t>> checkpoint_numbers(Fs& fs, const std::string& directory);

// Path on this machine of "file:///x" or "file:/x" or "/x"; empty for other file systems.
std::string local_path(const std::string& uri);

}  // namespace raudal::cluster
