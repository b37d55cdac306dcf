// JobGraph: what a program becomes. Operators as plain data, edges, keys, parallelism, uids. Both front doors (SQL,
// C++) end here and the runtime starts here; EXPLAIN, the REST plan and savepoint mapping read the same structure.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "column/batch.h"
#include "connector/table.h"
#include "expr/expr.h"

namespace raudal::graph {

// Reads a table. Output: the produced columns.
struct SourceSpec {
  connector::Table table;
  column::Schema produced;
};

// Rows that stand in the program: VALUES.
struct ValuesSpec {
  column::Batch rows;
};

// Filter and projection in one, like Flink's Calc. Output column i = projections[i], for rows where condition is TRUE.
struct CalcSpec {
  std::optional<expr::Expr> condition;
  std::vector<expr::Expr> projections;
};

// Emits watermarks: the maximum of `watermark` (a TIMESTAMP expression) over the rows so far. A NULL gives none.
struct WatermarkSpec {
  int rowtime_column = 0;
  expr::Expr watermark;
  int64_t emit_interval_ms = 200;    // pipeline.auto-watermark-interval
  int64_t idle_timeout_ms = 0;       // table.exec.source.idle-timeout; 0: never idle
};

enum class WindowKind { kTumble, kHop, kCumulate, kSession };

// A window table function. All in ms.
struct Window {
  WindowKind kind = WindowKind::kTumble;
  int rowtime_column = 0;            // TIMESTAMP or TIMESTAMP_LTZ input column
  int64_t size_ms = 0;
  int64_t slide_ms = 0;              // HOP: slide; CUMULATE: step; TUMBLE: size
  int64_t offset_ms = 0;
};

// One aggregate function over input columns.
struct AggregateCall {
  std::string function;              // COUNT SUM MIN MAX AVG …, upper case; COUNT without args counts rows
  std::vector<int> args;             // input columns
  int filter_column = -1;            // BOOLEAN input column of FILTER (WHERE …)
  bool distinct = false;
  column::Type result;
  std::string name;                  // for plans
};

// Appends window_start, window_end, window_time to each row; HOP repeats the row for each of its windows.
struct WindowTableFunctionSpec {
  Window window;
};

enum class WindowProperty { kStart, kEnd, kTime };

// GROUP BY keys, window_start, window_end on a window table function.
// Output: keys, then aggregates, then the window properties asked for.
struct WindowAggregateSpec {
  Window window;
  std::vector<int> keys;             // input columns
  std::vector<AggregateCall> aggregates;
  std::vector<WindowProperty> properties;
};

// Unbounded GROUP BY. Output: keys, then aggregates. No aggregates: DISTINCT.
struct GroupAggregateSpec {
  std::vector<int> keys;             // empty: one global group
  std::vector<AggregateCall> aggregates;
  bool input_retracts = false;       // the input has -U or -D rows
  bool emit_update_before = true;    // false where the consumer is an upsert sink
  int64_t state_ttl_ms = 0;          // table.exec.state.ttl; 0: for ever
};

// UNION ALL of inputs with equal types.
struct UnionSpec {};

// Writes a table.
struct SinkSpec {
  connector::Table table;
};

// Hands the rows to whoever runs the query: SELECT in `raudal sql`.
struct CollectSpec {};

using Spec = std::variant<SourceSpec, ValuesSpec, CalcSpec, WatermarkSpec, WindowTableFunctionSpec, WindowAggregateSpec,
                          GroupAggregateSpec, UnionSpec, SinkSpec, CollectSpec>;

enum class Exchange {
  kForward,      // subtask i to subtask i, in the same task where possible
  kHash,         // by the key group of `keys`
  kSingleton,    // all to subtask 0
  kRebalance,    // round robin by batch
};

struct Input {
  int node = -1;                     // index in JobGraph::nodes, smaller than the consumer's
  Exchange exchange = Exchange::kForward;
  std::vector<int> keys;             // columns of the producer's output, for kHash
};

struct Node {
  std::string uid;                   // stable over program changes; state is found by it (docs/design/seams.md)
  std::string name;                  // for people: "GroupAggregate(groupBy=[item])"
  Spec spec;
  std::vector<Input> inputs;
  column::Schema output;
  bool append_only = true;           // whether the output has only +I rows
  int parallelism = 0;               // 0: the job's; 1 where the operator is global
};

// Nodes in topological order.
struct JobGraph {
  std::string name;
  std::vector<Node> nodes;
};

// The plan as Flink's REST API shows it: {"jid", "name", "type", "nodes": [{id, parallelism, description, inputs}]}.
std::string plan_json(const JobGraph& graph, const std::string& job_id, int parallelism);
// A stateful operator's schema, for the check on restore: "keys BIGINT, STRING; COUNT() BIGINT, SUM(INT) INT".
std::string state_schema(const JobGraph& graph, int node);

}  // namespace raudal::graph
