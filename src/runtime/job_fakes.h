// A small world for tests of the runtime: a scripted source, a sink of files that commits in two phases, and three
// operators. The job they make counts rows by key; since each count is written, a row that is lost or doubled shows.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "runtime/job.h"

namespace raudal::runtime::fakes {

// What the fakes of one test share. Found by the option 'world' of their tables.
struct World {
  std::atomic<int64_t> rows_allowed{INT64_MAX};  // each split stops before this id until it is raised
  std::atomic<int64_t> rows_read{0};
  std::atomic<bool> sink_is_slow{false};         // subtask 0 takes nothing; the others go on
  std::atomic<int> failures_left{0};  // the sink's next writes fail
};

World& world(const std::string& name);
void forget_world(const std::string& name);

// Connectors: "numbers" (source: id BIGINT from 0 to 'rows', key = id % 'keys'), "parts" (sink: a folder 'path').
void register_fakes(connector::Registry& registry);

// Operators: Calc passes rows; Watermark makes watermarks of the column id; GroupAggregate counts by key, its output
// being key, count.
Result<std::unique_ptr<operators::Operator>> make_fake_operator(const graph::JobGraph& graph, int node);

// numbers → calc → [hash by key] → count → parts.
struct CountJob {
  std::string world;
  std::string directory;  // parts go to directory/out, checkpoints to directory/checkpoints
  int64_t rows = 1000;
  int64_t keys = 10;
  bool bounded = true;
  int sources = 1;  // each with all rows; their union is counted
};
graph::JobGraph count_graph(const CountJob& job);

// Published rows "key,count", sorted.
std::vector<std::string> published(const std::string& directory);
// What the job must publish.
std::vector<std::string> expected(const CountJob& job);
// Files in directory/out that are not published.
int num_unpublished(const std::string& directory);

}  // namespace raudal::runtime::fakes
