// The Data Catalog of AWS Glue, as far as Iceberg's and Hive's catalogs need it: databases and tables with their
// parameters, and UpdateTable that notices another writer.
#pragma once

#include "neighbours/protocol/aws_service.h"

namespace raudal::neighbours::glue {

protocol::ServiceEntry glue_service();

}  // namespace raudal::neighbours::glue
