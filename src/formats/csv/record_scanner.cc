#include "formats/csv/record_scanner.h"

#include <algorithm>

namespace raudal::formats::csv {

RecordScanner::Outcome RecordScanner::scan(std::string_view bytes, bool last) {
  fields_.clear();
  unescaped_.clear();
  at_ = bytes.starts_with("\xEF\xBB\xBF") ? 3 : 0;   // a byte order mark
  if (options_.allow_comments) {
    bool skipped = false;
    const Outcome outcome = skip_comment(bytes, last, &skipped);
    if (outcome != Outcome::kRecord || skipped) return skipped && outcome == Outcome::kRecord ? Outcome::kSkipped
                                                                                              : outcome;
  }
  bool ends_record = false;
  while (!ends_record) {
    const bool quoted = options_.quote && at_ < bytes.size() && bytes[at_] == *options_.quote;
    Outcome outcome = quoted ? scan_quoted(bytes, last) : scan_field(bytes, last);
    if (outcome == Outcome::kRecord) outcome = end_of_field(bytes, last, &ends_record);
    if (outcome != Outcome::kRecord) return outcome;
  }
  return Outcome::kRecord;
}

// Passes a line that is blank or begins with '#'.
RecordScanner::Outcome RecordScanner::skip_comment(std::string_view bytes, bool last, bool* skipped) {
  size_t begin = at_;
  while (begin < bytes.size() && is_blank(bytes[begin])) ++begin;
  if (begin == bytes.size() && !last) return Outcome::kIncomplete;
  *skipped = begin == bytes.size() || bytes[begin] == '#' || is_line_end(bytes[begin]);
  if (!*skipped) return Outcome::kRecord;
  at_ = begin;
  while (at_ < bytes.size() && !is_line_end(bytes[at_])) ++at_;
  if (at_ == bytes.size()) return last ? Outcome::kRecord : Outcome::kIncomplete;
  return pass_line_end(bytes, last);
}

RecordScanner::Outcome RecordScanner::scan_field(std::string_view bytes, bool last) {
  const size_t begin = at_;
  size_t num_escapes = 0;
  for (; at_ < bytes.size(); ++at_) {
    const char c = bytes[at_];
    if (c == options_.delimiter || is_line_end(c)) break;
    if (c != options_.escape) continue;
    if (++at_ == bytes.size()) break;
    ++num_escapes;
  }
  if (at_ >= bytes.size() && !last) return Outcome::kIncomplete;
  add_field(bytes.substr(begin, at_ - begin), num_escapes, false);
  return Outcome::kRecord;
}

RecordScanner::Outcome RecordScanner::scan_quoted(std::string_view bytes, bool last) {
  const size_t begin = ++at_;
  size_t num_escapes = 0;
  for (; at_ < bytes.size(); ++at_) {
    const char c = bytes[at_];
    if (c == options_.escape) {
      ++at_;
      ++num_escapes;
    } else if (c == *options_.quote) {
      if (at_ + 1 == bytes.size() && !last) return Outcome::kIncomplete;
      if (at_ + 1 == bytes.size() || bytes[at_ + 1] != *options_.quote) break;
      ++at_;
      ++num_escapes;
    }
  }
  if (at_ >= bytes.size()) {
    at_ = bytes.size();
    return broken(bytes, last, "Missing closing quote for value");
  }
  add_field(bytes.substr(begin, at_ - begin), num_escapes, true);
  ++at_;
  while (at_ < bytes.size() && is_blank(bytes[at_])) ++at_;
  return Outcome::kRecord;
}

RecordScanner::Outcome RecordScanner::end_of_field(std::string_view bytes, bool last, bool* ends_record) {
  if (at_ == bytes.size()) {
    *ends_record = true;
    return last ? Outcome::kRecord : Outcome::kIncomplete;
  }
  if (bytes[at_] == options_.delimiter) {
    ++at_;
    return Outcome::kRecord;
  }
  if (!is_line_end(bytes[at_])) return broken(bytes, last, "Expected column separator character after a closing quote");
  *ends_record = true;
  return pass_line_end(bytes, last);
}

RecordScanner::Outcome RecordScanner::pass_line_end(std::string_view bytes, bool last) {
  if (bytes[at_] == '\r') {
    if (at_ + 1 == bytes.size() && !last) return Outcome::kIncomplete;
    if (at_ + 1 < bytes.size() && bytes[at_ + 1] == '\n') ++at_;
  }
  ++at_;
  return Outcome::kRecord;
}

// The next record begins with the next line.
RecordScanner::Outcome RecordScanner::broken(std::string_view bytes, bool last, std::string fault) {
  const size_t line_end = bytes.find('\n', at_);
  if (line_end == std::string_view::npos && !last) return Outcome::kIncomplete;
  fault_ = std::move(fault);
  at_ = std::min(line_end, bytes.size() - 1) + 1;
  return Outcome::kBroken;
}

void RecordScanner::add_field(std::string_view raw, size_t num_escapes, bool quoted) {
  if (num_escapes == 0) {
    fields_.push_back(raw);
    return;
  }
  std::string& text = unescaped_.emplace_back();
  for (size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] == options_.escape) {
      if (++i == raw.size()) break;
      switch (raw[i]) {
        case '0': text += '\0'; break;
        case 'n': text += '\n'; break;
        case 'r': text += '\r'; break;
        case 't': text += '\t'; break;
        default: text += raw[i];
      }
    } else {
      text += raw[i];
      if (quoted && raw[i] == *options_.quote) ++i;   // the second of two
    }
  }
  fields_.push_back(text);
}

}  // namespace raudal::formats::csv
