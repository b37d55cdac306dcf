// Simple Queue Service, answered from one SQLite file: standard and FIFO queues, visibility time-outs, delays, long
// polling, dead letters, deduplication. Both the JSON protocol and the query protocol of older SDKs.
#pragma once

#include "neighbours/protocol/aws_service.h"

namespace raudal::neighbours::sqs {

protocol::ServiceEntry sqs_service();

}  // namespace raudal::neighbours::sqs
