// A configuration has three faces in the API: as it is created (FlinkApplicationConfiguration), as it is described
// (FlinkApplicationConfigurationDescription) and as it is updated (…ConfigurationUpdate, ParallelismUpdate). The store
// keeps the described one. The names follow rules, so both conversions walk the model instead of naming each member.
#pragma once

#include <string>
#include <string_view>

#include "api/model.h"
#include "base/result.h"
#include "codec/json.h"

namespace raudal::control::configuration {

// The described member that a created or updated one becomes; null: none (code bytes).
const api::Member* described_member(const api::Shape& description, std::string_view created_or_updated);

// The described face of a created value. Elements of inputs, outputs, reference tables, VPC configurations and
// logging options get the ids "<version>.<n>".
codec::JsonObject describe(const api::Shape& created, const api::Shape& description, const codec::JsonObject& value,
                           int64_t version);
codec::JsonArray describe_list(const api::Shape& created, const api::Shape& description, const codec::JsonArray& value,
                               int64_t version);

// Merges an update into a described value: structures member by member, lists whose elements have ids by id, all
// else by replacement. kResourceNotFound for an id that is not there.
Status update(const api::Shape& updated, const api::Shape& description, const codec::JsonObject& value,
              codec::JsonObject& described);
Status update_list(const api::Shape& updated, const api::Shape& description, const codec::JsonArray& value,
                   codec::JsonArray& described);

}  // namespace raudal::control::configuration
