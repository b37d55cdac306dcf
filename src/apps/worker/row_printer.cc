#include "apps/worker/row_printer.h"

#include "column/print.h"

namespace raudal::apps {
namespace {

void append_escaped(std::string* line, const std::string& value) {
  for (const char c : value) {
    if (c == '\\') *line += "\\\\";
    else if (c == '\t') *line += "\\t";
    else if (c == '\n') *line += "\\n";
    else *line += c;
  }
}

}  // namespace

RowPrinter::RowPrinter(std::FILE* output, bool final, column::TimeZone zone)
    : output_(output), final_(final), zone_(std::move(zone)) {}

std::string RowPrinter::fields(const column::Batch& batch, size_t row) const {
  std::string line;
  for (size_t c = 0; c < batch.columns.size(); ++c) {
    if (c > 0) line += '\t';
    append_escaped(&line, column::print_value(batch.columns[c], row, zone_));
  }
  return line;
}

bool RowPrinter::print(const column::Batch& batch) {
  const uint16_t* selected = batch.selection.rows ? batch.selection.rows->as<uint16_t>() : nullptr;
  for (size_t i = 0; i < batch.num_selected(); ++i) {
    const size_t row = selected ? selected[i] : i;
    const column::ChangeKind kind = batch.change_kind(row);
    if (final_) {
      const bool added = kind == column::ChangeKind::kInsert || kind == column::ChangeKind::kUpdateAfter;
      remaining_[fields(batch, row)] += added ? 1 : -1;
    } else {
      const std::string line = std::string(column::print_change_kind(kind)) + "\t" + fields(batch, row) + "\n";
      std::fwrite(line.data(), 1, line.size(), output_);
    }
  }
  return !std::ferror(output_);
}

void RowPrinter::finish() {
  for (const auto& [line, count] : remaining_) {
    for (int64_t i = 0; i < count; ++i) std::fprintf(output_, "%s\n", line.c_str());
  }
}

}  // namespace raudal::apps
