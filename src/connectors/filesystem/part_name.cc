#include "connectors/filesystem/part_name.h"

#include <cstring>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "base/str.h"
#include "codec/digest.h"

namespace raudal::connectors::filesystem {
namespace {

constexpr std::string_view kSuffix = ".inprogress";
constexpr uint8_t kVersion = 1;

void put_text(std::string& out, const std::string& text) {
  const auto size = static_cast<uint32_t>(text.size());
  out.append(reinterpret_cast<const char*>(&size), sizeof(size));
  out += text;
}

bool take_bytes(std::string_view& in, void* to, size_t count) {
  if (in.size() < count) return false;
  std::memcpy(to, in.data(), count);
  in.remove_prefix(count);
  return true;
}

bool take_text(std::string_view& in, std::string* text) {
  uint32_t size = 0;
  if (!take_bytes(in, &size, sizeof(size)) || in.size() < size) return false;
  *text = in.substr(0, size);
  in.remove_prefix(size);
  return true;
}

}  // namespace

std::string sink_name(const RunIdentity& identity, const std::string& uid) {
  return fmt::format("{:016x}", codec::xxh3_64(identity.application + '\0' + uid));
}

PartNames::PartNames(const RunIdentity& identity, const std::string& uid, int subtask, std::string token)
    : stem_(fmt::format("{}-{}-{}-{}", sink_name(identity, uid), identity.run.value(), identity.incarnation.value(),
                        subtask)),
      token_(std::move(token)) {}

PartNames::Pair PartNames::next() {
  const std::string name = fmt::format("{}-{}-{}", stem_, number_++, token_);
  return {.unpublished = "." + name + std::string(kSuffix), .published = "part-" + name};
}

bool is_left_behind(const std::string& name, const RunIdentity& identity, const std::string& uid) {
  const std::string prefix = "." + sink_name(identity, uid) + "-";
  if (!name.starts_with(prefix) || !name.ends_with(kSuffix)) return false;
  const std::vector<std::string> parts = split(std::string_view(name).substr(prefix.size()), '-');
  if (parts.size() != 5) return false;
  const std::optional<int64_t> run = parse_int(parts[0]);
  const std::optional<int64_t> incarnation = parse_int(parts[1]);
  return run && incarnation &&
         std::pair(*run, *incarnation) < std::pair(identity.run.value(), identity.incarnation.value());
}

// version u8 · length i64 · crc32c u32 · unpublished path · published path, texts with their size u32 before them.
std::string encode_part(const PendingPart& part) {
  std::string out(1, static_cast<char>(kVersion));
  out.append(reinterpret_cast<const char*>(&part.length_bytes), sizeof(part.length_bytes));
  out.append(reinterpret_cast<const char*>(&part.crc32c), sizeof(part.crc32c));
  put_text(out, part.unpublished);
  put_text(out, part.published);
  return out;
}

Result<PendingPart> decode_part(const std::string& committable) {
  std::string_view in = committable;
  uint8_t version = 0;
  PendingPart part;
  if (take_bytes(in, &version, 1) && version == kVersion &&
      take_bytes(in, &part.length_bytes, sizeof(part.length_bytes)) &&
      take_bytes(in, &part.crc32c, sizeof(part.crc32c)) && take_text(in, &part.unpublished) &&
      take_text(in, &part.published) && in.empty()) {
    return part;
  }
  return Error(ErrorCode::kCorrupt, "A committable of a filesystem sink is not readable");
}

}  // namespace raudal::connectors::filesystem
