// The nodes that are the runtime's own: union, sink and collect as operators, VALUES as a source.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "connector/sink.h"
#include "connector/source.h"
#include "operators/operator.h"

namespace raudal::runtime {

// Whether a node is the runtime's own, and no OperatorFactory is asked for it.
bool is_built_in(const graph::Spec& spec);

// UNION ALL: rows pass.
class UnionOperator final : public operators::Operator {
 public:
  Status open(const operators::OperatorContext& context) override { return {}; }
  Status process(int input, column::Batch batch, operators::Output& out) override;
};

// Writes to a connector's sink.
class SinkOperator final : public operators::Operator {
 public:
  SinkOperator(std::unique_ptr<connector::SinkWriter> writer, connector::SinkContext context)
      : writer_(std::move(writer)), context_(std::move(context)) {}
  Status open(const operators::OperatorContext& context) override { return writer_->open(context_); }
  Status process(int input, column::Batch batch, operators::Output& out) override { return writer_->write(batch); }
  Status tick(operators::Output& out) override { return writer_->tick(); }
  connector::SinkWriter& writer() { return *writer_; }

 private:
  std::unique_ptr<connector::SinkWriter> writer_;
  const connector::SinkContext context_;
};

// Hands rows to whoever runs the job.
class CollectOperator final : public operators::Operator {
 public:
  explicit CollectOperator(std::function<void(const column::Batch&)> take) : take_(std::move(take)) {}
  Status open(const operators::OperatorContext& context) override { return {}; }
  Status process(int input, column::Batch batch, operators::Output& out) override;

 private:
  const std::function<void(const column::Batch&)> take_;
};

// The rows of a VALUES clause, given by subtask 0. Its state is one item: how many rows were given.
class ValuesSource final : public connector::Source {
 public:
  explicit ValuesSource(column::Batch rows) : rows_(std::move(rows)) {}
  bool bounded() const override { return true; }
  std::unique_ptr<connector::SourceReader> make_reader() const override;

 private:
  const column::Batch rows_;
};

}  // namespace raudal::runtime
