#include "runtime/built_in_operators.h"

#include <algorithm>

#include "base/str.h"

namespace raudal::runtime {
namespace {

// Slices the rows into batches.
class ValuesReader final : public connector::SourceReader {
 public:
  explicit ValuesReader(const column::Batch& rows) : rows_(rows) {}

  Status open(const connector::SourceContext& context) override {
    batch_rows_max_ = context.batch_rows_max;
    active_ = context.subtask == 0;
    for (const std::string& item : context.restored) {
      const std::optional<int64_t> position = parse_int(item);
      if (!position || *position < 0)
        return Error(ErrorCode::kCorrupt, "VALUES has a position that is no number: " + item);
      position_ = std::min(static_cast<size_t>(*position), rows_.num_rows);
    }
    return {};
  }

  Result<connector::ReadResult> read() override {
    if (!active_ || position_ == rows_.num_rows) return connector::ReadResult{.state = connector::ReadState::kEnd};
    const size_t count = std::min(batch_rows_max_, rows_.num_rows - position_);
    connector::ReadResult result{.state = connector::ReadState::kBatch};
    result.batch = column::slice(rows_, position_, count);
    position_ += count;
    return result;
  }

  Result<std::vector<std::string>> snapshot() override {
    return active_ ? std::vector<std::string>{std::to_string(position_)} : std::vector<std::string>();
  }

 private:
  const column::Batch& rows_;
  size_t batch_rows_max_ = column::kBatchRowsMax;
  size_t position_ = 0;
  bool active_ = false;
};

}  // namespace

bool is_built_in(const graph::Spec& spec) {
  return std::holds_alternative<graph::SourceSpec>(spec) || std::holds_alternative<graph::ValuesSpec>(spec) ||
         std::holds_alternative<graph::UnionSpec>(spec) || std::holds_alternative<graph::SinkSpec>(spec) ||
         std::holds_alternative<graph::CollectSpec>(spec);
}

Status UnionOperator::process(int input, column::Batch batch, operators::Output& out) {
  out.emit(std::move(batch));
  return {};
}

Status CollectOperator::process(int input, column::Batch batch, operators::Output& out) {
  take_(batch);
  return {};
}

std::unique_ptr<connector::SourceReader> ValuesSource::make_reader() const {
  return std::make_unique<ValuesReader>(rows_);
}

}  // namespace raudal::runtime
