#include "connector/source_contract.h"

#include <algorithm>

#include <fmt/core.h>

#include "column/print.h"

namespace raudal::connector {

std::vector<std::string> rows_as_text(const column::Batch& batch) {
  std::vector<std::string> rows(batch.num_rows);
  for (size_t row = 0; row < batch.num_rows; ++row) {
    for (const column::Column& column : batch.columns) {
      if (!rows[row].empty()) rows[row] += '\t';
      rows[row] += column::print_value(column, row);
    }
  }
  return rows;
}

SourceDriver::SourceDriver(const Source& source, ManualClock& clock, Options options)
    : source_(source), clock_(clock), options_(options), rng_(options.seed) {}

Status SourceDriver::open_fresh() { return open({}, false); }

Status SourceDriver::open_restored(const std::vector<std::string>& state) { return open(state, true); }

Status SourceDriver::open(const std::vector<std::string>& state, bool is_restored) {
  for (int subtask = 0; subtask < options_.parallelism; ++subtask) {
    readers_.push_back(source_.make_reader());
    running_.push_back(subtask);
    TRY(readers_.back()->open({.subtask = subtask,
                               .parallelism = options_.parallelism,
                               .clock = &clock_,
                               .batch_rows_max = options_.batch_rows_max,
                               .restored = state,
                               .is_restored = is_restored}));
  }
  return {};
}

Result<bool> SourceDriver::step() {
  if (running_.empty()) return false;
  const size_t chosen = rng_.below(running_.size());
  ReadResult result = TRY(readers_[running_[chosen]]->read());
  switch (result.state) {
    case ReadState::kBatch: {
      const std::vector<std::string> rows = rows_as_text(result.batch);
      rows_.insert(rows_.end(), rows.begin(), rows.end());
      break;
    }
    case ReadState::kNothing: clock_.advance_us(int64_t{1000} * result.idle_ms); break;
    case ReadState::kEnd: running_.erase(running_.begin() + chosen); break;
  }
  return true;
}

Status SourceDriver::run() {
  while (TRY(step())) continue;
  return {};
}

Result<std::vector<std::string>> SourceDriver::snapshot() {
  std::vector<std::string> state;
  for (const auto& reader : readers_) {
    const std::vector<std::string> items = TRY(reader->snapshot());
    if (items.empty()) return Error(ErrorCode::kInternal, "A reader's state has no item");
    state.insert(state.end(), items.begin(), items.end());
  }
  return state;
}

namespace {

Result<std::vector<std::string>> read_with_restores(const Source& source, ManualClock& clock, Rng& rng,
                                                    size_t num_expected) {
  std::vector<std::string> rows;
  std::vector<std::string> state;
  const uint64_t num_restores = rng.below(3);
  for (uint64_t attempt = 0; attempt <= num_restores; ++attempt) {
    SourceDriver driver(source, clock,
                        {.parallelism = static_cast<int>(1 + rng.below(4)),
                         .batch_rows_max = 1 + rng.below(std::max<size_t>(num_expected / 4, 1)),
                         .seed = rng.next()});
    TRY(attempt == 0 ? driver.open_fresh() : driver.open_restored(state));
    if (attempt == num_restores) {
      TRY(driver.run());
      rows.insert(rows.end(), driver.rows().begin(), driver.rows().end());
      break;
    }
    for (uint64_t steps = rng.below(20); steps > 0; --steps) TRY(driver.step());
    state = TRY(driver.snapshot());
    rows.insert(rows.end(), driver.rows().begin(), driver.rows().end());
    for (uint64_t lost = rng.below(4); lost > 0; --lost) TRY(driver.step());   // read again after the restore
  }
  return rows;
}

}  // namespace

Status check_source(const Source& source, ManualClock& clock, std::vector<std::string> expected, int rounds) {
  std::ranges::sort(expected);
  for (int round = 0; round < rounds; ++round) {
    Rng rng(round);
    std::vector<std::string> rows = TRY(read_with_restores(source, clock, rng, expected.size()));
    std::ranges::sort(rows);
    if (rows == expected) continue;
    const auto [there, wanted] = std::ranges::mismatch(rows, expected);
    return Error(ErrorCode::kInternal,
                 fmt::format("Round {}: {} rows instead of {}; the first difference is '{}' instead of '{}'", round,
                             rows.size(), expected.size(), there == rows.end() ? "nothing" : *there,
                             wanted == expected.end() ? "nothing" : *wanted));
  }
  return {};
}

}  // namespace raudal::connector
