// One function per Kinesis operation. kinesis_service.cc holds the table that chooses among them.
#pragma once

#include "neighbours/kinesis/answer.h"
#include "neighbours/kinesis/members.h"
#include "neighbours/kinesis/stream_catalogue.h"

namespace raudal::neighbours::kinesis {

// An operation without output leaves the answer empty.
using Handler = AwsStatus (*)(StreamCatalogue&, const Members&, Answer&);

// stream_requests.cc
AwsStatus create_stream(StreamCatalogue&, const Members&, Answer&);
AwsStatus delete_stream(StreamCatalogue&, const Members&, Answer&);
AwsStatus list_streams(StreamCatalogue&, const Members&, Answer&);
AwsStatus describe_stream(StreamCatalogue&, const Members&, Answer&);
AwsStatus describe_stream_summary(StreamCatalogue&, const Members&, Answer&);

// setting_requests.cc
AwsStatus increase_retention(StreamCatalogue&, const Members&, Answer&);
AwsStatus decrease_retention(StreamCatalogue&, const Members&, Answer&);
AwsStatus update_stream_mode(StreamCatalogue&, const Members&, Answer&);
AwsStatus update_max_record_size(StreamCatalogue&, const Members&, Answer&);
AwsStatus update_warm_throughput(StreamCatalogue&, const Members&, Answer&);
AwsStatus start_encryption(StreamCatalogue&, const Members&, Answer&);
AwsStatus stop_encryption(StreamCatalogue&, const Members&, Answer&);
AwsStatus enable_monitoring(StreamCatalogue&, const Members&, Answer&);
AwsStatus disable_monitoring(StreamCatalogue&, const Members&, Answer&);
AwsStatus describe_limits(StreamCatalogue&, const Members&, Answer&);
AwsStatus describe_account_settings(StreamCatalogue&, const Members&, Answer&);

// shard_requests.cc
AwsStatus list_shards(StreamCatalogue&, const Members&, Answer&);
AwsStatus split_shard(StreamCatalogue&, const Members&, Answer&);
AwsStatus merge_shards(StreamCatalogue&, const Members&, Answer&);
AwsStatus update_shard_count(StreamCatalogue&, const Members&, Answer&);

// record_requests.cc
AwsStatus put_record(StreamCatalogue&, const Members&, Answer&);
AwsStatus put_records(StreamCatalogue&, const Members&, Answer&);
AwsStatus get_shard_iterator(StreamCatalogue&, const Members&, Answer&);
AwsStatus get_records(StreamCatalogue&, const Members&, Answer&);

// consumer_requests.cc
AwsStatus register_consumer(StreamCatalogue&, const Members&, Answer&);
AwsStatus deregister_consumer(StreamCatalogue&, const Members&, Answer&);
AwsStatus describe_consumer(StreamCatalogue&, const Members&, Answer&);
AwsStatus list_consumers(StreamCatalogue&, const Members&, Answer&);

// tag_requests.cc
AwsStatus add_tags_to_stream(StreamCatalogue&, const Members&, Answer&);
AwsStatus remove_tags_from_stream(StreamCatalogue&, const Members&, Answer&);
AwsStatus list_tags_for_stream(StreamCatalogue&, const Members&, Answer&);
AwsStatus tag_resource(StreamCatalogue&, const Members&, Answer&);
AwsStatus untag_resource(StreamCatalogue&, const Members&, Answer&);
AwsStatus list_tags_for_resource(StreamCatalogue&, const Members&, Answer&);
AwsStatus put_resource_policy(StreamCatalogue&, const Members&, Answer&);
AwsStatus get_resource_policy(StreamCatalogue&, const Members&, Answer&);
AwsStatus delete_resource_policy(StreamCatalogue&, const Members&, Answer&);

}  // namespace raudal::neighbours::kinesis
