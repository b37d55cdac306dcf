#include "cluster/checkpoint_metadata.h"

#include <fmt/core.h>

#include "cluster/byte_cursor.h"
#include "cluster/java_object.h"

namespace raudal::cluster {
namespace {

constexpr uint32_t kMagic = 0x4960672d;
constexpr uint32_t kMasterStateMagic = 0xc96b1696;
constexpr int kVersionMin = 2;
constexpr int kVersionMax = 7;
constexpr int kDepthMax = 64;

// The kinds of state handles, as Flink numbers them in the file.
enum Handle : uint8_t {
  kNone = 0,
  kBytes = 1,
  kFile = 2,
  kKeyGroups = 3,
  kOperatorState = 4,
  kIncremental = 5,
  kRelativeFile = 6,
  kSavepointKeyGroups = 7,
  kChangelog = 8,
  kChangelogBytes = 9,
  kChangelogFiles = 10,
  kIncrementalV2 = 11,
  kKeyGroupsV2 = 12,
  kChangelogFilesV2 = 13,
  kChangelogV2 = 14,
  kSegment = 15,
  kEmptySegment = 16,
  kSegmentOperatorState = 17,
};

class Reader {
 public:
  Reader(std::string_view bytes, CheckpointMetadata& metadata) : in_(bytes), metadata_(metadata) {}

  Status read() {
    if (static_cast<uint32_t>(in_.i32()) != kMagic) return corrupt("it does not begin as metadata of Flink");
    metadata_.version = in_.i32();
    if (in_.ok() && (metadata_.version < kVersionMin || metadata_.version > kVersionMax)) {
      return corrupt(fmt::format("its format {} is not known", metadata_.version));
    }
    metadata_.checkpoint_id = in_.i64();
    for (int left = in_.count(8); left > 0 && in_.ok(); --left) master_state();
    metadata_.num_operators = in_.count(28);
    for (int left = metadata_.num_operators; left > 0 && in_.ok(); --left) operator_state();
    if (in_.ok() && metadata_.version >= 4) skip_java_object(in_);
    if (!in_.ok()) return corrupt("it is cut short or damaged");
    if (in_.left() > 0) return corrupt(fmt::format("{} bytes follow its end", in_.left()));
    return {};
  }

 private:
  static Error corrupt(const std::string& why) { return Error(ErrorCode::kCorrupt, "Checkpoint metadata, " + why); }

  void master_state() {
    if (static_cast<uint32_t>(in_.i32()) != kMasterStateMagic) return in_.fail();
    const int32_t length = in_.count(1);
    metadata_.inline_bytes += length;
    in_.bytes(static_cast<size_t>(length));
  }

  void operator_state() {
    if (metadata_.version >= 5) in_.utf(), in_.utf();  // name and uid
    in_.bytes(16);                                     // id
    in_.bytes(8);                                      // parallelism, maximal parallelism
    if (metadata_.version == 2)
      in_.i32();
    else
      stream_state(0);  // the coordinator's
    const int32_t num_subtasks = in_.i32();
    if (num_subtasks < 0 && metadata_.version >= 3) return;  // the whole operator has finished
    for (int left = num_subtasks; left > 0 && in_.ok(); --left) {
      const int32_t index = in_.i32();
      if (index < 0 && metadata_.version >= 3) continue;  // this subtask has finished
      subtask_state();
    }
  }

  void subtask_state() {
    if (in_.i32() != 0) operator_handle();  // managed
    if (in_.i32() != 0) operator_handle();  // raw
    keyed_state(0);                         // managed
    keyed_state(0);                         // raw
    if (metadata_.version >= 3) {
      channel_states();  // input
      channel_states();  // output
    }
    if (metadata_.version >= 7 && in_.u8() == 1) in_.i64();
  }

  void operator_handle() {
    const uint8_t kind = in_.u8();
    if (kind == kNone) return;
    if (kind != kOperatorState && kind != kSegmentOperatorState) return in_.fail();
    for (int left = in_.count(7); left > 0 && in_.ok(); --left) {
      in_.utf();
      in_.u8();
      in_.bytes(8 * static_cast<size_t>(in_.count(8)));
    }
    if (kind == kSegmentOperatorState) in_.utf(), in_.utf(), in_.u8();
    stream_state(0);
  }

  void key_group_offsets() {
    in_.i32();
    in_.bytes(8 * static_cast<size_t>(in_.count(8)));
  }

  void keyed_state(int depth) {
    if (depth > kDepthMax) return in_.fail();
    const uint8_t kind = in_.u8();
    switch (kind) {
      case kNone: return;
      case kKeyGroups:
      case kKeyGroupsV2:
      case kSavepointKeyGroups:
        key_group_offsets();
        stream_state(0);
        if (kind == kKeyGroupsV2) in_.utf();
        return;
      case kIncremental:
      case kIncrementalV2: return incremental(kind == kIncrementalV2);
      case kChangelog:
      case kChangelogV2: return changelog(kind == kChangelogV2, depth);
      case kChangelogBytes:
        in_.bytes(8 + 16);
        for (int left = in_.count(8); left > 0 && in_.ok(); --left)
          in_.i32(), in_.bytes(static_cast<size_t>(in_.count(1)));
        in_.utf();
        return;
      case kChangelogFiles:
      case kChangelogFilesV2:
        in_.bytes(8);
        for (int left = in_.count(9); left > 0 && in_.ok(); --left) in_.i64(), stream_state(0);
        in_.bytes(16);
        in_.utf();
        if (kind == kChangelogFilesV2) in_.utf();
        return;
      default: in_.fail();
    }
  }

  void incremental(bool second_format) {
    in_.i64();
    in_.utf();
    in_.bytes(8);
    if (second_format) in_.i64();
    stream_state(0);
    for (int list = 0; list < 2; ++list) {  // shared, then private
      for (int left = in_.count(3); left > 0 && in_.ok(); --left) in_.utf(), stream_state(0);
    }
    if (second_format) in_.utf();
  }

  void changelog(bool second_format, int depth) {
    in_.bytes(8 + 8);
    for (int list = 0; list < 2; ++list) {  // materialized, then changes
      for (int left = in_.count(1); left > 0 && in_.ok(); --left) keyed_state(depth + 1);
    }
    in_.i64();
    if (second_format) in_.i64();
    in_.utf();
  }

  void channel_states() {
    for (int left = in_.count(13); left > 0 && in_.ok(); --left) {
      const uint8_t kind = metadata_.version >= 6 ? in_.u8() : 1;
      in_.i32();
      if (kind == 1 || kind == 2) {
        in_.bytes(8);  // which channel
        in_.bytes(8 * static_cast<size_t>(in_.count(8)));
        in_.i64();
        stream_state(0);
      } else if (kind == 3 || kind == 4) {
        in_.i64();
        stream_state(0);
        in_.bytes(static_cast<size_t>(in_.count(1)));
      } else {
        in_.fail();
      }
    }
  }

  void stream_state(int depth) {
    if (depth > kDepthMax) return in_.fail();
    switch (in_.u8()) {
      case kNone:
      case kEmptySegment: return;
      case kBytes: {
        in_.utf();
        const int32_t length = in_.count(1);
        metadata_.inline_bytes += length;
        in_.bytes(static_cast<size_t>(length));
        return;
      }
      case kFile: {
        const int64_t size = in_.i64();
        return file(std::string(in_.utf()), size, false);
      }
      case kRelativeFile: {
        const std::string name(in_.utf());
        return file(name, in_.i64(), true);
      }
      case kSegment: {
        const int64_t begin = in_.i64();
        const int64_t size = in_.i64();
        in_.i32();
        const std::string path(in_.utf());
        in_.utf();
        return file(path, begin + size, false);
      }
      case kKeyGroups: key_group_offsets(); return stream_state(depth + 1);
      default: in_.fail();
    }
  }

  void file(std::string path, int64_t size, bool relative) {
    if (in_.ok()) metadata_.files.push_back({.path = std::move(path), .relative = relative, .size_bytes = size});
  }

  ByteCursor in_;
  CheckpointMetadata& metadata_;
};

}  // namespace

Result<CheckpointMetadata> parse_checkpoint_metadata(std::string_view bytes) {
  CheckpointMetadata metadata;
  TRY(Reader(bytes, metadata).read());
  return metadata;
}

}  // namespace raudal::cluster
