// Formats: bytes to rows and back. A connector carries data without interpreting it; a decoder makes columns of it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "column/batch.h"
#include "connector/table.h"

namespace raudal::connector {

// Counts of one decoder, for metrics.
struct DecodeCounts {
  int64_t rows = 0;
  int64_t skipped_records = 0;    // dropped because of ignore-parse-errors
  int64_t nulled_fields = 0;      // set to NULL because of it
};

// Makes rows of framed bytes. One per split and reader; not shared between threads.
class Decoder {
 public:
  virtual ~Decoder() = default;

  // Decodes whole records from the front of `bytes`, until max_rows rows are there or only an incomplete record is
  // left. `last` says that no more bytes follow, so that a last record without a line end counts. `bytes` must stay
  // readable for 64 bytes past its end, and may be reused after the call: the batch owns what it needs.
  // Returns how many bytes were consumed; the rows are appended to what take() gives.
  // A record that does not decode: kDecode with the record's beginning, unless the format's options say skip.
  virtual Result<size_t> decode(std::string_view bytes, bool last, size_t max_rows) = 0;

  // Rows decoded so far and not yet taken, without selection.
  virtual column::Batch take() = 0;
  virtual size_t rows_ready() const = 0;
  virtual const DecodeCounts& counts() const = 0;
};

// Appends rows as bytes to a buffer; one per sink writer.
class Encoder {
 public:
  virtual ~Encoder() = default;
  // Encodes the selected rows of a batch; each ends with the format's own separator.
  virtual Status encode(const column::Batch& batch, std::string* out) = 0;
};

// One format, e.g. json. `produced` are the columns wanted, a subset of table.columns by name: a decoder reads past
// all others without parsing them.
struct Format {
  std::string name;
  std::vector<std::string> option_names;   // without the format's prefix
  Result<std::unique_ptr<Decoder>> (*make_decoder)(const Table& table, const column::Schema& produced,
                                                   const Options& format_options);
  Result<std::unique_ptr<Encoder>> (*make_encoder)(const Table& table, const column::Schema& consumed,
                                                   const Options& format_options);
};

}  // namespace raudal::connector
