#include "flink/manifest.h"

#include <algorithm>
#include <array>
#include <cstring>

#include <fmt/core.h>

#include "codec/digest.h"
#include "codec/json.h"

namespace raudal::flink {
namespace {

constexpr int64_t kFormat = 1;
constexpr size_t kPieceBytes = 1 << 20;
constexpr size_t kDirectoryEndBytes = 22;  // the record at the end of a ZIP, without its comment
constexpr int64_t kCommentBytesMax = 65'535;

Error corrupt(const std::string& what, const std::string& path) {
  return Error(ErrorCode::kCorrupt, fmt::format("{}: {}", what, path));
}

// All files below a folder, sorted by path.
Status collect(Fs& fs, const std::string& home, const std::string& below, std::vector<Manifest::Entry>& found) {
  for (const FileInfo& entry : TRY(fs.list(join_path(home, below)))) {
    const std::string path = below.empty() ? entry.name : below + "/" + entry.name;
    if (entry.is_directory) {
      TRY(collect(fs, home, path, found));
    } else if (path != kManifestFile) {
      found.push_back({.path = path, .size_bytes = entry.size_bytes, .sha256 = ""});
    }
  }
  return {};
}

Result<std::vector<Manifest::Entry>> files_below(Fs& fs, const std::string& home) {
  std::vector<Manifest::Entry> found;
  TRY(collect(fs, home, "", found));
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
  return found;
}

Result<std::string> sha256_of(File& file) {
  codec::Digest digest(codec::DigestKind::kSha256);
  std::string piece(kPieceBytes, '\0');
  int64_t offset = 0;
  while (const size_t got = TRY(file.read_at(offset, piece))) {
    digest.update(std::string_view(piece.data(), got));
    offset += static_cast<int64_t>(got);
  }
  return codec::hex(digest.finish());
}

uint32_t little_endian(const char* bytes) {
  uint32_t value = 0;
  for (int i = 3; i >= 0; --i) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

// Whether the archive's directory lies where its end record says: a file cut short or padded fails.
Result<bool> is_whole_zip(File& file) {
  const int64_t size = TRY(file.size());
  const int64_t tail = std::min<int64_t>(size, kDirectoryEndBytes + kCommentBytesMax);
  std::string end(static_cast<size_t>(tail), '\0');
  if (TRY(file.read_at(size - tail, end)) != end.size()) return false;
  const size_t at = end.rfind("PK\5\6");
  if (at == std::string::npos || end.size() - at < kDirectoryEndBytes) return false;
  const int64_t directory_bytes = little_endian(end.data() + at + 12);
  const int64_t offset = little_endian(end.data() + at + 16);
  if (offset == 0xFFFFFFFF || directory_bytes == 0) return true;  // ZIP64 says it elsewhere; an empty one has none
  std::array<char, 4> first;
  if (offset + directory_bytes > size || TRY(file.read_at(offset, first)) != first.size()) return false;
  return std::memcmp(first.data(), "PK\1\2", first.size()) == 0;
}

codec::JsonArray files_json(const std::vector<Manifest::Entry>& files) {
  codec::JsonArray array;
  for (const auto& file : files) {
    array.push_back(codec::JsonObject{{"path", file.path}, {"size_bytes", file.size_bytes}, {"sha256", file.sha256}});
  }
  return array;
}

}  // namespace

int64_t Manifest::size_bytes() const {
  int64_t sum = 0;
  for (const Entry& file : files) sum += file.size_bytes;
  return sum;
}

Result<std::vector<Manifest::Entry>> take_inventory(Fs& fs, const std::string& home,
                                                    const std::function<bool(const Manifest::Entry&)>& seen) {
  auto files = TRY(files_below(fs, home));
  for (Manifest::Entry& entry : files) {
    const std::string path = join_path(home, entry.path);
    const auto file = TRY(fs.open(path, OpenMode::kRead));
    if (path.ends_with(".jar") && !TRY(is_whole_zip(*file))) return corrupt("Not a whole JAR", path);
    entry.sha256 = TRY(sha256_of(*file));
    TRY(file->sync());
    TRY(fs.sync_directory(parent_directory(path)));
    if (!seen(entry)) return Error(ErrorCode::kCancelled, "Ended on request");
  }
  return files;
}

Status write_manifest(Fs& fs, const std::string& home, const Manifest& manifest) {
  codec::JsonArray missing;
  for (const std::string& artifact : manifest.missing) missing.emplace_back(artifact);
  const codec::JsonArray files = files_json(manifest.files);
  const codec::JsonObject object{{"format", kFormat},
                                 {"runtime", manifest.runtime},
                                 {"release", manifest.release},
                                 {"origin", manifest.origin},
                                 {"missing", missing},
                                 {"files_sha256", codec::sha256_hex(codec::write_json(files))},
                                 {"files", files}};
  return write_file_durably(fs, join_path(home, kManifestFile), codec::write_json_pretty(object) + "\n");
}

Result<Manifest> read_manifest(Fs& fs, const std::string& home) {
  const std::string path = join_path(home, kManifestFile);
  const auto parsed = codec::parse_json_object(TRY(read_file(fs, path)));
  if (!parsed.ok()) return corrupt("Not a manifest (" + parsed.error().message() + ")", path);
  const codec::JsonArray* files = codec::find_array(*parsed, "files");
  if (codec::find_int(*parsed, "format") != kFormat || !files) return corrupt("Not a manifest of format 1", path);
  Manifest manifest;
  for (const codec::Json& item : *files) {
    const codec::JsonObject* file = item.if_object();
    if (!file) return corrupt("Not a manifest of format 1", path);
    manifest.files.push_back({.path = std::string(codec::find_string(*file, "path").value_or("")),
                              .size_bytes = codec::find_int(*file, "size_bytes").value_or(0),
                              .sha256 = std::string(codec::find_string(*file, "sha256").value_or(""))});
  }
  const std::string sum = codec::sha256_hex(codec::write_json(files_json(manifest.files)));
  if (codec::find_string(*parsed, "files_sha256") != sum) return corrupt("The manifest was changed", path);
  manifest.runtime = codec::find_string(*parsed, "runtime").value_or("");
  manifest.release = codec::find_string(*parsed, "release").value_or("");
  manifest.origin = codec::find_string(*parsed, "origin").value_or("");
  if (const codec::JsonArray* missing = codec::find_array(*parsed, "missing")) {
    for (const codec::Json& item : *missing) {
      if (item.is_string()) manifest.missing.emplace_back(item.get_string());
    }
  }
  return manifest;
}

Status check_sizes(Fs& fs, const std::string& home, const Manifest& manifest) {
  const auto found = TRY(files_below(fs, home));
  size_t at = 0;
  for (const Manifest::Entry& expected : manifest.files) {
    if (at < found.size() && found[at].path < expected.path) break;
    if (at == found.size() || found[at].path != expected.path) {
      return corrupt("A file is missing", join_path(home, expected.path));
    }
    if (found[at].size_bytes != expected.size_bytes) {
      return corrupt(fmt::format("A file has {} bytes instead of {}", found[at].size_bytes, expected.size_bytes),
                     join_path(home, expected.path));
    }
    ++at;
  }
  if (at < found.size()) return corrupt("A file was added", join_path(home, found[at].path));
  return {};
}

Status check_contents(Fs& fs, const std::string& home, const Manifest& manifest) {
  TRY(check_sizes(fs, home, manifest));
  for (const Manifest::Entry& expected : manifest.files) {
    const std::string path = join_path(home, expected.path);
    const auto file = TRY(fs.open(path, OpenMode::kRead));
    if (TRY(sha256_of(*file)) != expected.sha256) return corrupt("A file was changed", path);
  }
  return {};
}

}  // namespace raudal::flink
