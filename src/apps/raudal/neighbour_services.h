// The list of AWS services that are answered beside S3 and the API itself: one line each.
#pragma once

#include <vector>

#include "neighbours/kinesis/kinesis_service.h"
#include "neighbours/protocol/aws_service.h"
#include "neighbours/s3/s3_service.h"
#include "net/session_credentials.h"

namespace raudal::apps {

// What they are given must outlive them.
std::vector<neighbours::protocol::ServiceEntry> neighbour_services(neighbours::s3::S3Service& s3,
                                                                   const net::SessionKeys& sessions,
                                                                   neighbours::kinesis::KinesisOptions kinesis);

}  // namespace raudal::apps
