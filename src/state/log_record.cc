#include "state/log_record.h"

#include <fmt/core.h>

#include "codec/digest.h"

namespace raudal::state {
namespace {

constexpr std::string_view kMagic = "RAUDALCK";
constexpr uint32_t kVersion = 1;
constexpr size_t kHeaderBytes = 24;
constexpr size_t kTrailerBytes = 4;

}  // namespace

std::string frame_record(RecordKind kind, std::string_view body) {
  std::string bytes;
  bytes.reserve(kHeaderBytes + body.size() + kTrailerBytes);
  ByteWriter out(&bytes);
  out.bytes(kMagic);
  out.integer(kVersion);
  out.integer(static_cast<uint32_t>(kind));
  out.integer(static_cast<uint64_t>(body.size()));
  out.bytes(body);
  out.integer(codec::crc32c(bytes));
  return bytes;
}

Result<LogRecord> open_record(std::string_view bytes) {
  if (bytes.size() < kHeaderBytes + kTrailerBytes) {
    return Error(ErrorCode::kCorrupt, fmt::format("Record is cut short, it has {} bytes", bytes.size()));
  }
  ByteReader in(bytes);
  if (in.bytes(kMagic.size()) != kMagic) return Error(ErrorCode::kCorrupt, "Record has a wrong magic number");
  const uint32_t version = in.integer<uint32_t>();
  const uint32_t kind = in.integer<uint32_t>();
  const uint64_t length = in.integer<uint64_t>();
  ByteReader trailer(bytes.substr(bytes.size() - kTrailerBytes));
  if (codec::crc32c(bytes.substr(0, bytes.size() - kTrailerBytes)) != trailer.integer<uint32_t>()) {
    return Error(ErrorCode::kCorrupt, "Record has a wrong checksum");
  }
  if (version != kVersion) {
    return Error(ErrorCode::kCorrupt,
                 fmt::format("Record has a format version that this release cannot read: {}", version));
  }
  if (length != bytes.size() - kHeaderBytes - kTrailerBytes) {
    return Error(ErrorCode::kCorrupt, fmt::format("Record has a wrong length: {}", length));
  }
  if (kind != static_cast<uint32_t>(RecordKind::kClaim) && kind != static_cast<uint32_t>(RecordKind::kCheckpoint)) {
    return Error(ErrorCode::kCorrupt, fmt::format("Record is of an unknown kind: {}", kind));
  }
  return LogRecord{.kind = static_cast<RecordKind>(kind), .body = in.bytes(length)};
}

void write_identity(ByteWriter& out, const RunIdentity& identity) {
  out.text(identity.application);
  out.integer(identity.run.value());
  out.integer(identity.incarnation.value());
}

RunIdentity read_identity(ByteReader& in) {
  RunIdentity identity;
  identity.application = in.text();
  identity.run = RunNumber(in.integer<int64_t>());
  identity.incarnation = Incarnation(in.integer<int64_t>());
  return identity;
}

}  // namespace raudal::state
