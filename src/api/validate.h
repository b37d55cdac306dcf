// Checks a request against the model: first the JSON types, then every constraint, all violations in one answer.
#pragma once

#include "api/model.h"
#include "base/result.h"
#include "codec/json.h"

namespace raudal::api {

// The request as the control plane uses it: members that the model does not know and nulls are left out, "true" and
// "false" become booleans, whole numbers become integers. kSerialization for a wrong JSON type; kValidation with AWS's
// wording for the rest: "2 validation errors detected: Value 'x' at 'applicationName' failed to satisfy …".
Result<codec::JsonObject> validate(const Shape& structure, const codec::JsonObject& request);

}  // namespace raudal::api
