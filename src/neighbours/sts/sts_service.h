// The Security Token Service: who am I, and temporary keys of a role. Any role may be assumed, as there are no
// policies yet; nothing is stored, since the keys carry all that there is to know (net/session_credentials.h).
#pragma once

#include <string>

#include "neighbours/protocol/aws_service.h"
#include "net/session_credentials.h"

namespace raudal::neighbours::sts {

// `keys` must outlive it.
protocol::ServiceEntry sts_service(const net::SessionKeys& keys);

// "arn:aws:sts::000000000000:assumed-role/NAME/SESSION" of a role's ARN, which may hold a path; empty if it is none.
std::string assumed_role_arn(std::string_view role_arn, std::string_view session_name);

}  // namespace raudal::neighbours::sts
