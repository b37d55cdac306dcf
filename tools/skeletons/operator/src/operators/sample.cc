#include "operators/sample.h"

namespace raudal::operators {
namespace {

class Sample final : public Operator {
 public:
  // Asks for the keyed state here, by name and schema: context.state->keyed_state("rows", schema).
  Status open(const OperatorContext& context) override {
    context_ = context;
    return {};
  }

  // The batch may carry a selection, change kinds and the watermark of each row.
  Status process(int input, column::Batch batch, Output& out) override {
    return Error(ErrorCode::kUnsupportedOperation, "Operator sample does not process rows yet");
  }

  // Emits what is complete at the watermark. Returns false where the output has no room: it is called again.
  Result<bool> advance_watermark(int64_t watermark_ms, Output& out) override { return out.has_room(); }

 private:
  OperatorContext context_;
};

}  // namespace

std::unique_ptr<Operator> make_sample() { return std::make_unique<Sample>(); }

}  // namespace raudal::operators
