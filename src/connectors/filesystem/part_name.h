// Names of the files that a sink writes, and what a checkpoint keeps of them.
//
//   unpublished  .<sink>-<run>-<incarnation>-<subtask>-<number>-<token>.inprogress   in the table's folder
//   published    part-<sink>-<run>-<incarnation>-<subtask>-<number>-<token>          there, or in a partition's folder
//
// <sink> is a hash of the application and the operator's uid: a job never takes another's files for its own.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/ids.h"
#include "base/result.h"

namespace raudal::connectors::filesystem {

// 16 hex digits.
std::string sink_name(const RunIdentity& identity, const std::string& uid);

// Names of one writer's parts. The token sets apart processes that have no identity of their own.
class PartNames {
 public:
  PartNames(const RunIdentity& identity, const std::string& uid, int subtask, std::string token);
  struct Pair {
    std::string unpublished;
    std::string published;
  };
  Pair next();

 private:
  const std::string stem_;
  const std::string token_;
  int64_t number_ = 0;
};

// Whether a file name is that of an unpublished part which an earlier run or incarnation of this sink left.
bool is_left_behind(const std::string& name, const RunIdentity& identity, const std::string& uid);

// A part that is durable but unpublished: one committable of a checkpoint.
struct PendingPart {
  std::string unpublished;   // whole paths
  std::string published;
  int64_t length_bytes = 0;
  uint32_t crc32c = 0;
};

std::string encode_part(const PendingPart& part);
Result<PendingPart> decode_part(const std::string& committable);

}  // namespace raudal::connectors::filesystem
