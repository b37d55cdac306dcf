#include "connectors/datagen/datagen.h"

#include <algorithm>
#include <cmath>

#include <fmt/core.h>

#include "base/check.h"
#include "connector/options.h"
#include "connectors/datagen/field_spec.h"
#include "connectors/datagen/generator.h"
#include "connectors/datagen/row_ranges.h"

namespace raudal::connectors::datagen {
namespace {

constexpr int64_t kRowsPerSecondDefault = 10'000;
constexpr size_t kBatchBytesMax = 1 << 20;
constexpr double kBurstSeconds = 1;     // what may be made up after a stall, and at once at the start, as Flink does
constexpr double kPulseSeconds = 0.01;  // a slow table yields at most a hundred batches a second
constexpr int64_t kIdleMsMax = 1000;

// A table opened for reading.
struct Plan {
  std::vector<FieldSpec> produced;
  std::optional<uint64_t> num_rows;
  double rows_per_second = 0;
  size_t batch_rows_max = 0;       // by the bytes of a row
};

// Grants rows at a rate.
class RowBudget {
 public:
  void start(double rows_per_second, int64_t now_ns) {
    rate_ = rows_per_second;
    credit_ = credit_max();
    last_ns_ = now_ns;
  }

  // How many of `wanted` rows may be made now; 0: not yet, ask again after idle_ms.
  size_t grant(size_t wanted, int64_t now_ns, int* idle_ms) {
    credit_ = std::min(credit_max(), credit_ + rate_ * static_cast<double>(now_ns - last_ns_) * 1e-9);
    last_ns_ = now_ns;
    const double pulse = std::min(static_cast<double>(wanted), std::max(1.0, std::floor(rate_ * kPulseSeconds)));
    if (credit_ < pulse) {
      const double wait_ms = std::ceil((pulse - credit_) / rate_ * 1000);
      *idle_ms = static_cast<int>(std::clamp<double>(wait_ms, 1, kIdleMsMax));
      return 0;
    }
    const size_t granted = credit_ < static_cast<double>(wanted) ? static_cast<size_t>(credit_) : wanted;
    credit_ -= static_cast<double>(granted);
    return granted;
  }

 private:
  double credit_max() const { return std::max(1.0, rate_ * kBurstSeconds); }

  double rate_ = 1;
  double credit_ = 0;
  int64_t last_ns_ = 0;
};

class DatagenReader final : public connector::SourceReader {
 public:
  explicit DatagenReader(std::shared_ptr<const Plan> plan) : plan_(std::move(plan)) {}

  Status open(const connector::SourceContext& context) override {
    clock_ = context.clock;
    batch_rows_max_ = std::max<size_t>(1, std::min(context.batch_rows_max, plan_->batch_rows_max));
    budget_.start(plan_->rows_per_second / context.parallelism, clock_->monotonic_ns());
    ranges_ = fresh_ranges(context.subtask, context.parallelism);
    if (!context.is_restored) return {};
    std::vector<RowRange> all;
    for (const std::string& item : context.restored) all.push_back(TRY(decode_range(item)));
    ranges_ = restored_ranges(all, context.subtask, context.parallelism);
    return {};
  }

  Result<connector::ReadResult> read() override {
    while (ranges_.size() > 1 && remaining(ranges_.front()) == 0) ranges_.erase(ranges_.begin());
    RowRange& range = ranges_.front();
    connector::ReadResult result;
    const uint64_t left = remaining(range);
    if (left == 0) {
      result.state = connector::ReadState::kEnd;
      return result;
    }
    const size_t wanted = std::min<uint64_t>(left, batch_rows_max_);
    const size_t count = budget_.grant(wanted, clock_->monotonic_ns(), &result.idle_ms);
    if (count == 0) return result;
    const RowNumbers rows{.first = range.begin, .stride = range.stride, .count = count};
    const int64_t now_us = clock_->wall_us();
    for (const FieldSpec& spec : plan_->produced) result.batch.columns.push_back(generate(spec, rows, now_us));
    result.batch.num_rows = count;
    result.state = connector::ReadState::kBatch;
    range.begin += range.stride * count;
    return result;
  }

  Result<std::vector<std::string>> snapshot() override {
    std::vector<std::string> items;
    for (const RowRange& range : ranges_) items.push_back(encode_range(range));
    return items;
  }

 private:
  uint64_t remaining(const RowRange& range) const {
    const uint64_t end = std::min(range.end, plan_->num_rows.value_or(INT64_MAX));
    return range.begin >= end ? 0 : (end - range.begin + range.stride - 1) / range.stride;
  }

  const std::shared_ptr<const Plan> plan_;
  const Clock* clock_ = nullptr;
  size_t batch_rows_max_ = 1;
  RowBudget budget_;
  std::vector<RowRange> ranges_;   // the last is open
};

class DatagenSource final : public connector::Source {
 public:
  explicit DatagenSource(Plan plan) : plan_(std::make_shared<const Plan>(std::move(plan))) {}
  bool bounded() const override { return plan_->num_rows.has_value(); }
  std::unique_ptr<connector::SourceReader> make_reader() const override {
    return std::make_unique<DatagenReader>(plan_);
  }

 private:
  const std::shared_ptr<const Plan> plan_;
};

Result<Plan> make_plan(const connector::Table& table, const column::Schema& produced) {
  Plan plan;
  const int64_t rate =
      TRY(connector::int_option(table.options, "rows-per-second")).value_or(kRowsPerSecondDefault);
  if (rate < 1) return connector::option_error("rows-per-second", std::to_string(rate), "at least 1");
  plan.rows_per_second = static_cast<double>(rate);
  std::optional<int64_t> num_rows = TRY(connector::int_option(table.options, "number-of-rows"));
  if (num_rows && *num_rows < 0) {
    return connector::option_error("number-of-rows", std::to_string(*num_rows), "at least 0");
  }
  const std::vector<FieldSpec> specs = TRY(field_specs(table));
  if (const auto in_sequence = sequence_rows(specs)) num_rows = std::min(num_rows.value_or(*in_sequence), *in_sequence);
  if (num_rows) plan.num_rows = *num_rows;
  size_t bytes = 1;
  for (const column::Field& field : produced) {
    const auto spec = std::ranges::find(specs, field.name, &FieldSpec::path);
    CHECK(spec != specs.end());
    plan.produced.push_back(*spec);
    bytes += row_bytes(*spec);
  }
  plan.batch_rows_max = kBatchBytesMax / bytes;
  return plan;
}

Result<std::unique_ptr<connector::Source>> make_source(const connector::Table& table, const column::Schema& produced,
                                                       const connector::Environment& environment) {
  Plan plan = TRY(make_plan(table, produced));
  return std::unique_ptr<connector::Source>(std::make_unique<DatagenSource>(std::move(plan)));
}

}  // namespace

void register_connector(connector::Registry& registry) {
  registry.add(connector::Connector{
      .name = "datagen",
      .options =
          {
              {.name = "rows-per-second", .default_value = "10000", .doc = "Rate of all subtasks together."},
              {.name = "number-of-rows", .doc = "Total number of rows; without it the table is unbounded."},
              {.name = "scan.parallelism", .doc = "Parallelism of the source, if not the job's."},
              {.name = "fields.#.kind", .default_value = "random", .doc = "Either random or sequence."},
              {.name = "fields.#.min", .doc = "Least value of a random number; by default that of its type."},
              {.name = "fields.#.max", .doc = "Greatest value of a random number; by default that of its type."},
              {.name = "fields.#.max-past", .default_value = "0", .doc = "How far back a timestamp may lie."},
              {.name = "fields.#.length", .doc = "Length of strings (100) or number of elements (3)."},
              {.name = "fields.#.var-len", .default_value = "false", .doc = "Strings of 1 to `length` characters."},
              {.name = "fields.#.start", .doc = "First value of a sequence."},
              {.name = "fields.#.end", .doc = "Last value of a sequence."},
              {.name = "fields.#.null-rate", .default_value = "0", .doc = "Share of NULLs, 0 to 1."},
          },
      .make_source = make_source});
}

}  // namespace raudal::connectors::datagen
