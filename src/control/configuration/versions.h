// From requests to versions: what CreateApplication makes version 1 of, and what UpdateApplication makes of the
// current version. Pure functions of request and version; the rules across members live here.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "codec/json.h"
#include "control/metadata/records.h"

namespace raudal::control::configuration {

// A version that is not stored yet, and the inline ZIP that came with it.
struct DraftVersion {
  metadata::Version version;
  std::optional<std::string> zip;  // bytes
};

bool is_flink(std::string_view runtime);  // "FLINK-1_20"
bool is_zeppelin(std::string_view runtime);
bool is_sql(std::string_view runtime);

// From a validated CreateApplicationRequest. kInvalidArgument, kLimitExceeded, kUnsupportedOperation.
Result<DraftVersion> create_version(const codec::JsonObject& request);

// From a validated UpdateApplicationRequest. The draft has the next number.
Result<DraftVersion> update_version(const metadata::Version& current, const codec::JsonObject& request);

// A copy of an earlier version as the next one: what a rollback makes.
metadata::Version copy_version(const metadata::Version& former, const metadata::Version& current);

// Whether two versions differ in nothing that a run is made of but the parallelism: the KPUs are as large, the code and
// all settings the same.
bool only_parallelism_differs(const metadata::Version& one, const metadata::Version& other);

// Tags of CreateApplication. kInvalidArgument for a key given twice, kTooManyTags beyond 50.
Result<std::vector<metadata::Tag>> read_tags(const codec::JsonObject& request);

}  // namespace raudal::control::configuration
