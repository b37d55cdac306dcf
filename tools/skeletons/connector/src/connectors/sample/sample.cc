#include "connectors/sample/sample.h"

#include "base/str.h"
#include "column/builder.h"
#include "connector/options.h"

#include <fmt/core.h>

namespace raudal::connectors::sample {
namespace {

// One subtask's reader. Its position is the number of rows read; a snapshot is "1 SUBTASK POSITION" (1: the version).
class SampleReader final : public connector::SourceReader {
 public:
  explicit SampleReader(column::Schema produced) : produced_(std::move(produced)) {}

  // Keeps of the restored items what is this subtask's own.
  Status open(const connector::SourceContext& context) override {
    subtask_ = context.subtask;
    for (const std::string& item : context.restored) {
      long version = 0, subtask = 0, position = 0;
      if (std::sscanf(item.c_str(), "%ld %ld %ld", &version, &subtask, &position) != 3 || version != 1)
        return Error(ErrorCode::kCorrupt, fmt::format("Position of connector sample does not read: {}", item));
      if (subtask == subtask_) position_ = position;
    }
    return {};
  }

  // Never blocks: kNothing with idle_ms where there is nothing now, kEnd after the last row.
  Result<connector::ReadResult> read() override {
    return Error(ErrorCode::kUnsupportedOperation, "Connector sample does not read yet");
  }

  Result<std::vector<std::string>> snapshot() override {
    return std::vector<std::string>{fmt::format("1 {} {}", subtask_, position_)};
  }

 private:
  column::Schema produced_;
  int subtask_ = 0;
  int64_t position_ = 0;
};

class SampleSource final : public connector::Source {
 public:
  explicit SampleSource(column::Schema produced) : produced_(std::move(produced)) {}
  bool bounded() const override { return true; }
  std::unique_ptr<connector::SourceReader> make_reader() const override {
    return std::make_unique<SampleReader>(produced_);
  }

 private:
  column::Schema produced_;
};

Result<std::unique_ptr<connector::Source>> make_source(const connector::Table&, const column::Schema& produced,
                                                       const connector::Environment&) {
  return std::unique_ptr<connector::Source>(new SampleSource(produced));
}

}  // namespace

void register_connector(connector::Registry& registry) {
  registry.add(connector::Connector{
      .name = "sample",
      .options = {{.name = "number-of-rows", .doc = "How many rows are read; without it, reading never ends."}},
      .make_source = make_source,
  });
}

}  // namespace raudal::connectors::sample
