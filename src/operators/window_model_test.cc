// Windows against a model that takes one row at a time, as Flink does: random rows, watermarks, batches and windows.
#include <set>

#include "base/rng.h"
#include "operators/operator_script.h"
#include "operators/window_slices.h"

namespace raudal::operators {
namespace {

using column::Type;
using column::TypeKind;
using graph::WindowKind;

const Type kBigInt(TypeKind::kBigInt);
const Type kTime = Type::timestamp(3);

struct Row {
  int64_t key;
  int64_t time_ms;
  int64_t watermark_ms;   // in effect when it arrives
};

// A script, and the rows in it.
struct Events {
  std::string script;
  std::vector<Row> rows;
};

Events random_events(Rng& rng) {
  Events events;
  int64_t now = -200;
  int64_t watermark = -1000;
  for (int i = 0; i < 120; ++i) {
    now += static_cast<int64_t>(rng.below(rng.below(20) == 0 ? 300 : 12));
    const Row row{.key = static_cast<int64_t>(rng.below(3)),
                  .time_ms = now - static_cast<int64_t>(rng.below(rng.below(4) == 0 ? 150 : 20)),
                  .watermark_ms = watermark};
    events.rows.push_back(row);
    events.script += fmt::format("+I {} {} @{}\n", row.key, row.time_ms, row.watermark_ms);
    if (rng.below(3) == 0) watermark = std::max(watermark, now - static_cast<int64_t>(rng.below(60)));
    if (rng.below(10) == 0) events.script += fmt::format("watermark {}\n", watermark);
  }
  events.script += fmt::format("watermark {}\nwatermark max\n", watermark);
  return events;
}

std::string line_of(int64_t key, int64_t count, int64_t start_ms, int64_t end_ms) {
  column::ColumnBuilder times(kTime, 2);
  times.append(start_ms * 1000);
  times.append(end_ms * 1000);
  const column::Column column = times.finish();
  return fmt::format("+I {} {} {} {}", key, count, column::print_value(column, 0), column::print_value(column, 1));
}

// Every row goes into each window that holds it and has not fired; windows with a row fire.
std::vector<std::string> model_of_slices(const graph::Window& window, const std::vector<Row>& rows) {
  std::map<std::pair<int64_t, int64_t>, int64_t> counts;   // window end, key
  for (const Row& row : rows) {
    for (int64_t end = row.time_ms - 2000; end <= row.time_ms + 2000; ++end) {
      const int64_t step = window.kind == WindowKind::kTumble ? window.size_ms : window.slide_ms;
      if (floor_to(end, step, window.offset_ms) != end) continue;
      const int64_t start = window.kind == WindowKind::kCumulate ? floor_to(end - 1, window.size_ms, window.offset_ms)
                                                                 : end - window.size_ms;
      if (row.time_ms < start || row.time_ms >= end || end - 1 <= row.watermark_ms) continue;
      ++counts[{end, row.key}];
    }
  }
  std::vector<std::string> lines;
  for (const auto& [place, count] : counts) {
    const auto [end, key] = place;
    const int64_t start = window.kind == WindowKind::kCumulate ? floor_to(end - 1, window.size_ms, window.offset_ms)
                                                               : end - window.size_ms;
    lines.push_back(line_of(key, count, start, end));
  }
  return lines;
}

std::vector<std::string> model_of_sessions(int64_t gap_ms, const std::vector<Row>& rows) {
  struct Session {
    int64_t start_ms;
    int64_t end_ms;
    int64_t count;
  };
  std::map<int64_t, std::vector<Session>> open;
  std::vector<std::string> lines;
  const auto fire = [&](int64_t watermark_ms) {
    for (auto& [key, sessions] : open) {
      std::erase_if(sessions, [&, key = key](const Session& session) {
        if (session.end_ms - 1 > watermark_ms) return false;
        lines.push_back(line_of(key, session.count, session.start_ms, session.end_ms));
        return true;
      });
    }
  };
  for (const Row& row : rows) {
    fire(row.watermark_ms);
    Session merged{.start_ms = row.time_ms, .end_ms = row.time_ms + gap_ms, .count = 1};
    std::erase_if(open[row.key], [&](const Session& session) {
      if (session.start_ms > row.time_ms + gap_ms || session.end_ms < row.time_ms) return false;
      merged.start_ms = std::min(merged.start_ms, session.start_ms);
      merged.end_ms = std::max(merged.end_ms, session.end_ms);
      merged.count += session.count;
      return true;
    });
    if (merged.end_ms - 1 > row.watermark_ms) open[row.key].push_back(merged);
  }
  fire(INT64_MAX);
  return lines;
}

graph::Window random_window(Rng& rng) {
  graph::Window window{.kind = static_cast<WindowKind>(rng.below(4)), .rowtime_column = 1};
  window.slide_ms = 1 + static_cast<int64_t>(rng.below(60));
  window.size_ms = window.slide_ms;
  if (window.kind == WindowKind::kHop || window.kind == WindowKind::kCumulate) {
    window.size_ms *= 1 + static_cast<int64_t>(rng.below(6));
  }
  if (window.kind != WindowKind::kSession) window.offset_ms = static_cast<int64_t>(rng.below(40)) - 20;
  return window;
}

TEST(WindowModelTest, random_rows_give_what_a_row_by_row_model_gives) {
  const column::Schema input = {{"k", kBigInt}, {"ts", kTime}};
  const column::Schema output = {{"k", kBigInt}, {"n", kBigInt}, {"start", kTime}, {"end", kTime}};
  const script::Way ways[] = {{}, {.single_rows = true}, {.restores = true}, {.batch_rows_max = 1},
                              {.restores = true, .parallelism = {3, 2, 1}}};
  for (uint64_t seed = 1; seed <= 100; ++seed) {
    Rng rng(seed);
    graph::WindowAggregateSpec spec{.window = random_window(rng), .keys = {0}};
    spec.aggregates = {{.function = "COUNT", .result = kBigInt}};
    spec.properties = {graph::WindowProperty::kStart, graph::WindowProperty::kEnd};
    const Events events = random_events(rng);
    std::vector<std::string> expected = spec.window.kind == WindowKind::kSession
                                            ? model_of_sessions(spec.window.size_ms, events.rows)
                                            : model_of_slices(spec.window, events.rows);
    std::ranges::sort(expected);
    const graph::JobGraph graph = script::graph_of(input, spec, output);
    for (const script::Way& way : ways) {
      SCOPED_TRACE(fmt::format("seed {} kind {} size {} slide {} offset {}", seed, static_cast<int>(spec.window.kind),
                               spec.window.size_ms, spec.window.slide_ms, spec.window.offset_ms));
      std::vector<std::string> lines = script::Runner(graph, 1, {0}, way).run(events.script);
      std::ranges::sort(lines);
      ASSERT_EQ(join(lines, "\n"), join(expected, "\n"));
    }
  }
}

}  // namespace
}  // namespace raudal::operators
