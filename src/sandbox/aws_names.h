// Which names the room's resolver leads to the service: all of AWS's, but those of services that are said to be direct
// and those of machines that customers run at AWS (MSK brokers, databases), which no service stands in for.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace raudal::sandbox {

// The service that a host name of AWS belongs to: "s3" of "b.s3.us-east-1.amazonaws.com"; empty for other names.
// Case and one final dot do not count.
std::string aws_service_of(std::string_view host);

// Whether the name leads to the service. `direct` holds names of services, or "*" for all.
bool is_redirected(std::string_view host, const std::vector<std::string>& direct);

// The names that a hosts file can hold, for rooms without a resolver: a hosts file knows no wildcards.
std::vector<std::string> plain_aws_hosts(const std::string& region, const std::vector<std::string>& direct);

}  // namespace raudal::sandbox
