// Amazon Data Firehose, answered locally: delivery streams that take records, keep them durably and deliver them to the
// S3 of this service in objects named as AWS names them. Sources: PutRecord
// and PutRecordBatch, or a Kinesis stream of this service.
#pragma once

#include "neighbours/protocol/aws_service.h"
#include "neighbours/s3/s3_service.h"

namespace raudal::neighbours::firehose {

// `s3` must outlive it.
protocol::ServiceEntry firehose_service(s3::S3Service& s3);

}  // namespace raudal::neighbours::firehose
