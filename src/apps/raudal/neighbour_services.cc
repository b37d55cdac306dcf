#include "apps/raudal/neighbour_services.h"

namespace raudal::apps {

std::vector<neighbours::protocol::ServiceEntry> neighbour_services(neighbours::s3::S3Service& /*s3*/) { return {}; }

}  // namespace raudal::apps
