#include "apps/raudal/neighbour_services.h"

#include "neighbours/firehose/firehose_service.h"
#include "neighbours/glue/glue_service.h"
#include "neighbours/secretsmanager/secrets_service.h"
#include "neighbours/sqs/sqs_service.h"
#include "neighbours/sts/sts_service.h"

namespace raudal::apps {

std::vector<neighbours::protocol::ServiceEntry> neighbour_services(neighbours::s3::S3Service& s3,
                                                                   const net::SessionKeys& sessions,
                                                                   neighbours::kinesis::KinesisOptions kinesis) {
  return {
      neighbours::kinesis::kinesis_entry(kinesis),   neighbours::sts::sts_service(sessions),
      neighbours::secretsmanager::secrets_manager(), neighbours::sqs::sqs_service(),
      neighbours::firehose::firehose_service(s3),    neighbours::glue::glue_service(),
  };
}

}  // namespace raudal::apps
