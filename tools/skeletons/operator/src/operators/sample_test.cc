#include "operators/sample.h"

#include <gtest/gtest.h>

#include "column/builder.h"

namespace raudal::operators {
namespace {

// Keeps what an operator emits.
class Collected final : public Output {
 public:
  void emit(column::Batch batch) override { batches.push_back(std::move(batch)); }
  void emit_watermark(int64_t watermark_ms) override { watermarks.push_back(watermark_ms); }
  bool has_room() const override { return true; }

  std::vector<column::Batch> batches;
  std::vector<int64_t> watermarks;
};

column::Batch numbers(std::initializer_list<int64_t> values) {
  column::ColumnBuilder builder{column::Type(column::TypeKind::kBigInt)};
  for (const int64_t value : values) builder.append(value);
  column::Batch batch{.num_rows = values.size()};
  batch.columns = {builder.finish()};
  return batch;
}

TEST(Sample, takes_rows) {
  const std::unique_ptr<Operator> sample = make_sample();
  ASSERT_TRUE(sample->open({}).ok());
  Collected out;
  const Status taken = sample->process(0, numbers({1, 2, 3}), out);
  ASSERT_TRUE(taken.ok()) << taken.error().message();
  EXPECT_EQ(out.batches.size(), 1u);
}

}  // namespace
}  // namespace raudal::operators
