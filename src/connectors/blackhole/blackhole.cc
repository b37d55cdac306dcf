#include "connectors/blackhole/blackhole.h"

namespace raudal::connectors::blackhole {
namespace {

class BlackholeWriter final : public connector::SinkWriter {
 public:
  Status open(const connector::SinkContext&) override { return {}; }
  Status write(const column::Batch&) override { return {}; }
  Result<std::vector<std::string>> prepare_commit(CheckpointId) override { return std::vector<std::string>(); }
};

class BlackholeSink final : public connector::Sink {
 public:
  connector::Delivery delivery() const override { return connector::Delivery::kExactlyOnce; }
  bool accepts_updates() const override { return true; }
  std::unique_ptr<connector::SinkWriter> make_writer() const override { return std::make_unique<BlackholeWriter>(); }
  Status commit(const std::vector<std::string>&) override { return {}; }
  Status recover(const connector::SinkContext&, const std::vector<std::string>&) override { return {}; }
};

Result<std::unique_ptr<connector::Sink>> make_sink(const connector::Table&, const connector::Environment&) {
  return std::unique_ptr<connector::Sink>(new BlackholeSink);
}

}  // namespace

void register_connector(connector::Registry& registry) {
  registry.add(connector::Connector{.name = "blackhole", .make_sink = make_sink});
}

}  // namespace raudal::connectors::blackhole
