// Finds the fields of one CSV record. Lines may end with \n, \r or \r\n; within quotes they do not end.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "formats/csv/csv_options.h"

namespace raudal::formats::csv {

class RecordScanner {
 public:
  enum class Outcome { kRecord, kSkipped, kIncomplete, kBroken };   // kSkipped: a comment, or a blank line beside them

  explicit RecordScanner(const CsvOptions& options) : options_(options) {}

  // Scans the record at the front. `last`: nothing follows the bytes. Afterwards consumed() says where the next
  // record begins, also for a broken one.
  Outcome scan(std::string_view bytes, bool last);
  size_t consumed() const { return at_; }
  // Valid until the next scan(), as long as the bytes are.
  const std::vector<std::string_view>& fields() const { return fields_; }
  const std::string& fault() const { return fault_; }

 private:
  bool is_line_end(char c) const { return c == '\n' || c == '\r'; }
  bool is_blank(char c) const { return (c == ' ' || c == '\t') && c != options_.delimiter; }
  Outcome skip_comment(std::string_view bytes, bool last, bool* skipped);
  Outcome scan_field(std::string_view bytes, bool last);
  Outcome scan_quoted(std::string_view bytes, bool last);
  Outcome end_of_field(std::string_view bytes, bool last, bool* ends_record);
  Outcome pass_line_end(std::string_view bytes, bool last);
  Outcome broken(std::string_view bytes, bool last, std::string fault);
  void add_field(std::string_view raw, size_t num_escapes, bool quoted);

  const CsvOptions options_;
  size_t at_ = 0;
  std::vector<std::string_view> fields_;
  std::deque<std::string> unescaped_;    // of fields that are not in the bytes as they are
  std::string fault_;
};

}  // namespace raudal::formats::csv
