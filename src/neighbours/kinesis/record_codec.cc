#include "neighbours/kinesis/record_codec.h"

namespace raudal::neighbours::kinesis {
namespace {

constexpr char kEncrypted = 1;
constexpr int kVarintBitsMax = 35;

void append_text(std::string& entry, std::string_view text) {
  size_t size = text.size();
  for (; size >= 0x80; size >>= 7) entry += static_cast<char>(size | 0x80);
  entry += static_cast<char>(size);
  entry += text;
}

}  // namespace

void begin_entry(std::string& entry, bool is_encrypted) { entry += is_encrypted ? kEncrypted : '\0'; }

void append_record(std::string& entry, std::string_view partition_key, std::string_view data) {
  append_text(entry, partition_key);
  append_text(entry, data);
}

EntryReader::EntryReader(std::string_view entry) : rest_(entry) {
  if (rest_.empty()) return;
  is_encrypted_ = (rest_[0] & kEncrypted) != 0;
  rest_.remove_prefix(1);
}

std::optional<RecordBytes> EntryReader::next() {
  const auto key = take_text();
  if (!key) return std::nullopt;
  const auto data = take_text();
  if (!data) return std::nullopt;
  return RecordBytes{.partition_key = *key, .data = *data};
}

std::optional<std::string_view> EntryReader::take_text() {
  uint64_t size = 0;
  for (int shift = 0; shift < kVarintBitsMax && !rest_.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(rest_[0]);
    rest_.remove_prefix(1);
    size |= uint64_t{byte & 0x7Fu} << shift;
    if (byte & 0x80) continue;
    if (size > rest_.size()) return std::nullopt;
    const std::string_view text = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return text;
  }
  return std::nullopt;
}

}  // namespace raudal::neighbours::kinesis
