// Secrets Manager, answered from one SQLite file: what programs read their passwords from. Secrets, versions, staging
// labels, tags, deletion with a recovery window. Not built: rotation, resource policies, replication; the values are
// protected by the file's permissions alone.
#pragma once

#include "neighbours/protocol/aws_service.h"

namespace raudal::neighbours::secretsmanager {

protocol::ServiceEntry secrets_manager();

}  // namespace raudal::neighbours::secretsmanager
