// The Kinesis Data Streams API, answered from a durable log: what Flink's connectors, the SDKs and `aws kinesis` read
// and write. One of the neighbours behind the router; opened at its first call, and without a stream it holds no log.
#pragma once

#include "neighbours/protocol/aws_service.h"

namespace raudal::neighbours::kinesis {

struct KinesisOptions {
  bool has_limits = false;  // throughput per shard as AWS limits it
};

// The line for the list of services.
protocol::ServiceEntry kinesis_entry(KinesisOptions options);

}  // namespace raudal::neighbours::kinesis
