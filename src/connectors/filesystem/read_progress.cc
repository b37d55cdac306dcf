#include "connectors/filesystem/read_progress.h"

#include <algorithm>
#include <cstring>

namespace raudal::connectors::filesystem {
namespace {

constexpr char kVersion = 1;

template <class T>
void put(std::string& out, T value) {
  char bytes[sizeof(T)];
  std::memcpy(bytes, &value, sizeof(T));
  out.append(bytes, sizeof(T));
}

template <class T>
bool take(std::string_view& in, T* value) {
  if (in.size() < sizeof(T)) return false;
  std::memcpy(value, in.data(), sizeof(T));
  in.remove_prefix(sizeof(T));
  return true;
}

std::string encode_pending(const FileProgress& progress) {
  std::string item = {kVersion, 'P'};
  put<int64_t>(item, progress.offset);
  put<int64_t>(item, progress.file.size_bytes);
  put<int64_t>(item, progress.file.modified_us);
  return item + progress.file.path;
}

std::string encode_done(const std::vector<std::string>& sorted) {
  std::string item = {kVersion, 'D'};
  std::string_view before;
  for (const std::string& path : sorted) {
    const auto [end, other] = std::ranges::mismatch(before, path);
    const auto shared = static_cast<uint32_t>(end - before.begin());
    put<uint32_t>(item, shared);
    put<uint32_t>(item, static_cast<uint32_t>(path.size()) - shared);
    item += path.substr(shared);
    before = path;
  }
  return item;
}

bool decode_done(std::string_view body, std::vector<std::string>& done) {
  std::string path;
  while (!body.empty()) {
    uint32_t shared = 0;
    uint32_t length = 0;
    if (!take(body, &shared) || !take(body, &length)) return false;
    if (shared > path.size() || length > body.size()) return false;
    path.resize(shared);
    path += body.substr(0, length);
    body.remove_prefix(length);
    done.push_back(path);
  }
  return true;
}

bool decode_item(std::string_view item, ReadProgress& progress) {
  if (item.size() < 2 || item[0] != kVersion) return false;
  const char kind = item[1];
  item.remove_prefix(2);
  if (kind == 'D') return decode_done(item, progress.done);
  if (kind != 'P') return false;
  FileProgress file;
  if (!take(item, &file.offset) || !take(item, &file.file.size_bytes) || !take(item, &file.file.modified_us)) {
    return false;
  }
  file.file.path = item;
  if (file.offset < 0 || file.offset > file.file.size_bytes || item.empty()) return false;
  progress.pending.push_back(std::move(file));
  return true;
}

}  // namespace

std::vector<std::string> encode_progress(ReadProgress progress) {
  std::vector<std::string> items;
  for (const FileProgress& file : progress.pending) items.push_back(encode_pending(file));
  std::ranges::sort(progress.done);
  if (items.empty() || !progress.done.empty()) items.push_back(encode_done(progress.done));
  return items;
}

Result<ReadProgress> decode_progress(const std::vector<std::string>& items) {
  ReadProgress progress;
  for (const std::string& item : items) {
    if (!decode_item(item, progress)) {
      return Error(ErrorCode::kCorrupt, "State of a filesystem source is not readable");
    }
  }
  return progress;
}

}  // namespace raudal::connectors::filesystem
