// Records as they stand in a stream's log: those of one call that went to one shard are one entry.
//
//   flags (1: encrypted) | per record: size of key, key, size of data, data        sizes as varints
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace raudal::neighbours::kinesis {

// One record's own bytes; the text views point into the entry.
struct RecordBytes {
  std::string_view partition_key;
  std::string_view data;
};

void begin_entry(std::string& entry, bool is_encrypted);
void append_record(std::string& entry, std::string_view partition_key, std::string_view data);

// Goes through an entry's records.
class EntryReader {
 public:
  explicit EntryReader(std::string_view entry);
  bool is_encrypted() const { return is_encrypted_; }
  // Nothing at the end, or where the entry is not well formed.
  std::optional<RecordBytes> next();

 private:
  std::optional<std::string_view> take_text();

  std::string_view rest_;
  bool is_encrypted_ = false;
};

}  // namespace raudal::neighbours::kinesis
