#include "connectors/print/print.h"

#include <cerrno>
#include <cstring>

#include "connector/options.h"
#include "connectors/print/row_text.h"

namespace raudal::connectors::print {
namespace {

struct Target {
  std::FILE* file = nullptr;
  std::string identifier;
};

class PrintWriter final : public connector::SinkWriter {
 public:
  explicit PrintWriter(Target target) : target_(std::move(target)) {}

  Status open(const connector::SinkContext& context) override {
    prefix_ = target_.identifier;
    if (context.parallelism > 1) {
      if (!prefix_.empty()) prefix_ += ':';
      prefix_ += std::to_string(context.subtask + 1);
    }
    if (!prefix_.empty()) prefix_ += "> ";
    return {};
  }

  // One write a batch, so that lines of two subtasks do not mix.
  Status write(const column::Batch& batch) override {
    lines_.clear();
    const uint16_t* selected = batch.selection.rows ? batch.selection.rows->as<uint16_t>() : nullptr;
    for (size_t i = 0; i < batch.num_selected(); ++i) {
      lines_ += prefix_;
      append_row(batch, selected ? selected[i] : i, &lines_);
      lines_ += '\n';
    }
    const size_t written = std::fwrite(lines_.data(), 1, lines_.size(), target_.file);
    if (written == lines_.size() && std::fflush(target_.file) == 0) return {};
    return Error(ErrorCode::kIo, std::string("Rows could not be printed: ") + std::strerror(errno));
  }

  Result<std::vector<std::string>> prepare_commit(CheckpointId) override { return std::vector<std::string>(); }

 private:
  const Target target_;
  std::string prefix_;
  std::string lines_;
};

class PrintSink final : public connector::Sink {
 public:
  explicit PrintSink(Target target) : target_(std::move(target)) {}
  connector::Delivery delivery() const override { return connector::Delivery::kAtLeastOnce; }
  bool accepts_updates() const override { return true; }
  std::unique_ptr<connector::SinkWriter> make_writer() const override {
    return std::make_unique<PrintWriter>(target_);
  }
  Status commit(const std::vector<std::string>&) override { return {}; }
  Status recover(const connector::SinkContext&, const std::vector<std::string>&) override { return {}; }

 private:
  const Target target_;
};

Result<std::unique_ptr<connector::Sink>> make_sink(const connector::Table& table,
                                                   const connector::Environment& environment) {
  Target target;
  const bool to_stderr = TRY(connector::bool_option(table.options, "standard-error", false));
  target.file = to_stderr ? stderr : environment.print_output ? environment.print_output : stdout;
  target.identifier = connector::option(table.options, "print-identifier").value_or("");
  return std::unique_ptr<connector::Sink>(std::make_unique<PrintSink>(std::move(target)));
}

}  // namespace

void register_connector(connector::Registry& registry) {
  registry.add(connector::Connector{
      .name = "print",
      .options = {{.name = "print-identifier", .doc = "Written before each row."},
                  {.name = "standard-error", .default_value = "false", .doc = "Print to standard error."},
                  {.name = "sink.parallelism", .doc = "Parallelism of the sink, if not the job's."}},
      .make_sink = make_sink});
}

}  // namespace raudal::connectors::print
