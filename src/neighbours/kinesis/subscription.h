// SubscribeToShard: pushes a shard's records to a consumer for up to five minutes, on the connection's own thread.
#pragma once

#include "neighbours/kinesis/members.h"
#include "neighbours/kinesis/stream_catalogue.h"
#include "neighbours/protocol/aws_service.h"

namespace raudal::neighbours::kinesis {

// Returns a failure as long as nothing has been sent; afterwards failures go into the stream of events.
AwsStatus subscribe_to_shard(StreamCatalogue& catalogue, const protocol::AwsCall& call, const Members& request,
                             net::ResponseWriter& response);

}  // namespace raudal::neighbours::kinesis
