// What several actions read from requests or write into transactions in the same way.
#pragma once

#include <string>
#include <string_view>

#include "control/actions/actions.h"

namespace raudal::control::actions {

// The member ApplicationName, which every validated request that comes here has.
std::string_view application_name(const Request& request);

// A page of a list whose positions are numbers; kInvalidArgument for a NextToken that was never given.
Result<metadata::PageRequest> read_page(const Request& request);
// Whether the items fill the page: then NextToken is the last one's position.
void write_next_token(codec::JsonObject& answer, const metadata::PageRequest& page, size_t num_items, int64_t last);

// Timestamps are numbers of seconds. Clients may keep whole seconds only, so that is how they are compared.
double to_seconds(int64_t ms);
bool same_second(int64_t ms, double seconds);

// Records who asked for a mutation; code is left out.
Status audit(metadata::Transaction& tx, const Services& services, const Caller& caller, std::string_view action,
             const Request& request);

// kResourceInUse: "<what> ... while the application is STARTING".
Error in_use(std::string_view what, const metadata::Application& application);

}  // namespace raudal::control::actions
