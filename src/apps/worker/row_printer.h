// Prints the rows of a query as tools/flink/oracle does: change kind and fields, tab-separated, or at the end the rows
// that remain, sorted. Tab, line break and backslash in a value are escaped.
#pragma once

#include <cstdio>
#include <map>
#include <string>

#include "column/batch.h"
#include "column/time_zone.h"

namespace raudal::apps {

class RowPrinter {
 public:
  RowPrinter(std::FILE* output, bool final, column::TimeZone zone);
  // False when nobody reads any more.
  bool print(const column::Batch& batch);
  // With `final`: prints what remains.
  void finish();

 private:
  std::string fields(const column::Batch& batch, size_t row) const;

  std::FILE* output_;
  const bool final_;
  const column::TimeZone zone_;
  std::map<std::string, int64_t> remaining_;
};

}  // namespace raudal::apps
