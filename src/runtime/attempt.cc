#include "runtime/attempt.h"

#include <algorithm>
#include <ranges>

#include <fmt/core.h>

namespace raudal::runtime {
namespace {

using graph::Exchange;
using graph::Node;

size_t at(int index) { return static_cast<size_t>(index); }

// The subtasks of the consumer that a subtask of the producer sends to.
std::vector<int> targets_of(const PlannedEdge& edge, int from, int consumer_parallelism) {
  if (edge.exchange == Exchange::kForward) return {from % consumer_parallelism};
  if (edge.exchange == Exchange::kSingleton) return {0};
  std::vector<int> targets;
  for (int to = 0; to < consumer_parallelism; ++to) targets.push_back(to);
  return targets;
}

bool is_source(const graph::Spec& spec) {
  return std::holds_alternative<graph::SourceSpec>(spec) || std::holds_alternative<graph::ValuesSpec>(spec);
}

// Adds what can be reached from an output by calls: itself, then what stands behind it.
void collect_reachable(ChainOutput& from, std::vector<ExchangeWriter*>* exchanges, std::vector<ChainNode*>* nodes) {
  for (ExchangeWriter* exchange : from.exchanges) exchanges->push_back(exchange);
  for (const ChainOutput::Call& call : from.calls) {
    if (std::ranges::find(*nodes, call.node) != nodes->end()) continue;
    nodes->push_back(call.node);
    collect_reachable(call.node->output(), exchanges, nodes);
  }
}

}  // namespace

Result<OpenedTables> open_tables(const JobConfig& config) {
  OpenedTables tables;
  for (const Node& node : config.graph.nodes) {
    std::unique_ptr<connector::Source> source;
    std::unique_ptr<connector::Sink> sink;
    if (const auto* spec = std::get_if<graph::SourceSpec>(&node.spec)) {
      const connector::Connector* connector = TRY(config.environment.registry->connector_of(spec->table));
      if (!connector->make_source) {
        return Error(ErrorCode::kSqlValidation,
                     fmt::format("Connector '{}' can only be used as a sink: {}", connector->name, spec->table.name));
      }
      source = TRY(connector->make_source(spec->table, spec->produced, config.environment));
      tables.bounded = tables.bounded && source->bounded();
    } else if (const auto* values = std::get_if<graph::ValuesSpec>(&node.spec)) {
      source = std::make_unique<ValuesSource>(values->rows);
    } else if (const auto* spec = std::get_if<graph::SinkSpec>(&node.spec)) {
      const connector::Connector* connector = TRY(config.environment.registry->connector_of(spec->table));
      if (!connector->make_sink) {
        return Error(ErrorCode::kSqlValidation,
                     fmt::format("Connector '{}' can only be used as a source: {}", connector->name, spec->table.name));
      }
      sink = TRY(connector->make_sink(spec->table, config.environment));
    }
    tables.sources.push_back(std::move(source));
    tables.sinks.push_back(std::move(sink));
  }
  return tables;
}

RunIdentity sink_identity(const RunIdentity& identity, int64_t attempt) {
  constexpr int64_t kAttemptsPerIncarnation = 1'000'000;
  RunIdentity result = identity;
  result.incarnation = Incarnation(identity.incarnation.value() * kAttemptsPerIncarnation + attempt);
  return result;
}

Attempt::Attempt(AttemptContext context) : context_(std::move(context)), io_(std::make_unique<IoThread>()) {}

Attempt::~Attempt() {
  for (auto& slot : slots_) slot->ask_to_stop();
  for (auto& slot : slots_) slot->stop();
}

Result<std::unique_ptr<Attempt>> Attempt::make(AttemptContext context) {
  std::unique_ptr<Attempt> attempt(new Attempt(std::move(context)));
  const AttemptContext& made = attempt->context_;
  const SlotEnvironment environment{
      .clock = made.config->environment.clock, .events = made.events, .memory = made.memory, .attempt = made.number};
  for (int slot = 0; slot < made.config->parallelism; ++slot) {
    attempt->slots_.push_back(std::make_unique<Slot>(slot, environment));
  }
  attempt->make_channels();
  // Consumers first: a slot steps them before what feeds them, so that little is in flight.
  for (int task = static_cast<int>(made.plan->tasks.size()) - 1; task >= 0; --task) {
    for (int subtask = 0; subtask < made.plan->tasks[at(task)].parallelism; ++subtask) {
      TRY(attempt->build_task(task, subtask));
    }
  }
  return attempt;
}

void Attempt::start() {
  for (auto& slot : slots_) slot->start();
}

void Attempt::wake() {
  for (auto& slot : slots_) slot->signal().wake();
}

Slot& Attempt::slot_of(int task, int subtask) {
  return *slots_[at(context_.plan->slot_of(task, subtask, context_.config->parallelism))];
}

const RestoredOperator* Attempt::restored(int node) const {
  const auto found = context_.restored.find(node);
  return found == context_.restored.end() ? nullptr : &found->second;
}

void Attempt::make_channels() {
  const TaskPlan& plan = *context_.plan;
  for (size_t e = 0; e < plan.edges.size(); ++e) {
    const PlannedEdge& edge = plan.edges[e];
    if (edge.chained) continue;
    const int producer_task = plan.task_of[at(edge.producer)];
    const int consumer_task = plan.task_of[at(edge.consumer)];
    for (int from = 0; from < plan.tasks[at(producer_task)].parallelism; ++from) {
      for (const int to : targets_of(edge, from, plan.tasks[at(consumer_task)].parallelism)) {
        links_.push_back({.edge = static_cast<int>(e),
                          .from = from,
                          .to = to,
                          .channel = std::make_unique<Channel>(slot_of(producer_task, from).signal(),
                                                               slot_of(consumer_task, to).signal())});
      }
    }
  }
}

Status Attempt::build_task(int task, int subtask) {
  const PlannedTask& planned = context_.plan->tasks[at(task)];
  const PlannedVertex& vertex = context_.plan->vertices[at(context_.plan->vertex_of[at(planned.nodes.front())])];
  Build build{.subtask = subtask};
  build.position.assign(context_.config->graph.nodes.size(), -1);
  build.spec.id = {task, subtask};
  build.spec.name = fmt::format("{} ({}/{})", vertex.name, subtask + 1, planned.parallelism);
  build.spec.times = context_.metrics->task(task, subtask);
  build.spec.failure = std::make_unique<TaskFailure>();
  build.spec.board = &board_;
  build.spec.drain = {.fs = context_.config->environment.fs,
                      .clock = context_.config->environment.clock,
                      .io = io_.get(),
                      .events = context_.events,
                      .attempt = context_.number};
  for (const int node : planned.nodes) {
    build.position[at(node)] = static_cast<int>(build.spec.nodes.size());
    build.spec.nodes.push_back(TRY(make_node(build, node)));
  }
  connect_calls(build);
  connect_exchanges(build);
  for (TaskNode& node : build.spec.nodes) {
    ChainOutput& output = node.chain->output();
    collect_reachable(output, &output.reachable_exchanges, &output.reachable_nodes);
  }
  slot_of(task, subtask).add(std::make_unique<Task>(std::move(build.spec)));
  return {};
}

Result<TaskNode> Attempt::make_node(Build& build, int node) {
  const JobConfig& config = *context_.config;
  const Node& planned = config.graph.nodes[at(node)];
  const RestoredOperator* const kept = restored(node);
  TaskNode made;
  made.keeps_watermark = keeps_watermark(planned.spec);
  ChainNodeSpec spec{.node = node, .name = planned.name};
  spec.counters = context_.metrics->node(node, build.subtask);
  spec.failure = build.spec.failure.get();
  spec.makes_watermarks = std::holds_alternative<graph::WatermarkSpec>(planned.spec);
  if (kept && made.keeps_watermark) spec.restored_watermark_ms = kept->snapshot.watermark_ms;
  const int parallelism = context_.plan->parallelism_of[at(node)];
  if (is_source(planned.spec)) {
    made.reader = context_.tables->sources[at(node)]->make_reader();
    made.skipped_records = spec.counters.records_in_errors;
    made.source_context = {.subtask = build.subtask,
                           .parallelism = parallelism,
                           .clock = config.environment.clock,
                           .batch_rows_max = config.batch_rows_max,
                           .restored = kept ? kept->snapshot.items : std::vector<std::string>(),
                           // A table that the checkpoint does not know is read from its start.
                           .is_restored = kept && !kept->snapshot.items.empty()};
  } else {
    made.context = {.subtask = build.subtask,
                    .parallelism = parallelism,
                    .max_parallelism = config.max_parallelism,
                    .key_groups = column::key_groups_of_subtask(build.subtask, parallelism, config.max_parallelism),
                    .clock = config.environment.clock,
                    .batch_rows_max = config.batch_rows_max,
                    .time_zone = config.environment.session_time_zone,
                    .restored_watermark_ms = spec.restored_watermark_ms};
    made.store =
        std::make_unique<StateStore>(StateStore::Options{.operator_name = planned.name,
                                                         .key_groups = made.context.key_groups,
                                                         .max_parallelism = config.max_parallelism,
                                                         .fs = config.environment.fs,
                                                         .restored = kept,
                                                         .allow_non_restored = config.allow_non_restored_state});
    spec.op = TRY(make_operator(build, node, &made));
  }
  spec.input_of_channel = add_inputs(build, node);
  made.chain = std::make_unique<ChainNode>(std::move(spec));
  for (TaskInput& input : build.spec.inputs) {
    if (!input.node) input.node = made.chain.get();
  }
  return made;
}

Result<std::unique_ptr<operators::Operator>> Attempt::make_operator(Build& build, int node, TaskNode* made) {
  const JobConfig& config = *context_.config;
  const graph::Spec& spec = config.graph.nodes[at(node)].spec;
  std::unique_ptr<operators::Operator> result;
  if (std::holds_alternative<graph::UnionSpec>(spec)) {
    result = std::make_unique<UnionOperator>();
  } else if (std::holds_alternative<graph::CollectSpec>(spec)) {
    result = std::make_unique<CollectOperator>(
        [node, take = &context_.on_result](const column::Batch& batch) { (*take)(node, batch); });
  } else if (std::holds_alternative<graph::SinkSpec>(spec)) {
    const connector::SinkContext context{.subtask = build.subtask,
                                         .parallelism = context_.plan->parallelism_of[at(node)],
                                         .clock = config.environment.clock,
                                         .identity = sink_identity(config.identity, context_.number),
                                         .uid = config.graph.nodes[at(node)].uid};
    auto sink = std::make_unique<SinkOperator>(context_.tables->sinks[at(node)]->make_writer(), context);
    made->sink = sink.get();
    result = std::move(sink);
  } else {
    result = TRY(config.make_operator(config.graph, node));
  }
  return result;
}

// Numbers the channels of a node: one for each call, one for each channel that comes from another task. Returns the
// operator's input that each is of; inputs of the task get their node when it has been made.
std::vector<int> Attempt::add_inputs(Build& build, int node) {
  std::vector<int> input_of_channel;
  for (size_t e = 0; e < context_.plan->edges.size(); ++e) {
    const PlannedEdge& edge = context_.plan->edges[e];
    if (edge.consumer != node) continue;
    if (edge.chained) input_of_channel.push_back(edge.input);
    for (Link& link : links_) {
      if (link.edge != static_cast<int>(e) || link.to != build.subtask) continue;
      build.spec.inputs.push_back(
          {.channel = link.channel.get(), .node_channel = static_cast<int>(input_of_channel.size())});
      input_of_channel.push_back(edge.input);
    }
  }
  return input_of_channel;
}

void Attempt::connect_calls(Build& build) {
  std::vector<int> next_channel(build.position.size(), 0);
  for (size_t e = 0; e < context_.plan->edges.size(); ++e) {
    const PlannedEdge& edge = context_.plan->edges[e];
    if (build.position[at(edge.consumer)] < 0) continue;
    int& channel = next_channel[at(edge.consumer)];
    if (!edge.chained) {
      channel += static_cast<int>(std::ranges::count_if(
          links_, [&](const Link& link) { return link.edge == static_cast<int>(e) && link.to == build.subtask; }));
      continue;
    }
    TaskNode& producer = build.spec.nodes[at(build.position[at(edge.producer)])];
    TaskNode& consumer = build.spec.nodes[at(build.position[at(edge.consumer)])];
    producer.chain->output().calls.push_back(
        {.node = consumer.chain.get(), .channel = channel++, .forget_hashes = edge.exchange != Exchange::kForward});
  }
}

void Attempt::connect_exchanges(Build& build) {
  for (size_t e = 0; e < context_.plan->edges.size(); ++e) {
    const PlannedEdge& edge = context_.plan->edges[e];
    if (edge.chained || build.position[at(edge.producer)] < 0) continue;
    ExchangeRoute route{.exchange = edge.exchange,
                        .keys = edge.keys,
                        .subtask = build.subtask,
                        .max_parallelism = context_.config->max_parallelism,
                        .batch_rows_max = context_.config->batch_rows_max};
    for (Link& link : links_) {
      if (link.edge == static_cast<int>(e) && link.from == build.subtask) route.targets.push_back(link.channel.get());
    }
    build.spec.writers.push_back(std::make_unique<ExchangeWriter>(std::move(route)));
    build.spec.nodes[at(build.position[at(edge.producer)])].chain->output().exchanges.push_back(
        build.spec.writers.back().get());
  }
}

}  // namespace raudal::runtime
