#include "control/configuration/versions.h"

#include <set>

#include <fmt/core.h>

#include "api/model.h"
#include "codec/base64.h"
#include "control/configuration/faces.h"
#include "control/configuration/flink_defaults.h"

namespace raudal::control::configuration {
namespace {

using codec::Json;
using codec::JsonArray;
using codec::JsonObject;
using metadata::Tag;
using metadata::Version;

constexpr size_t kUserTagsMax = 50;
constexpr std::string_view kBadLocation = "Please check the role provided or validity of S3 location you provided.";

const api::Shape& shape(std::string_view name) {
  const api::Shape* found = api::service_model().find_shape(name);
  CHECK(found != nullptr);
  return *found;
}

JsonObject& object_at(JsonObject& parent, std::string_view name) {
  Json& value = parent[name];
  if (!value.is_object()) value = JsonObject();
  return value.get_object();
}

const JsonObject* object_at(const JsonObject& parent, std::initializer_list<std::string_view> path) {
  const JsonObject* object = &parent;
  for (const std::string_view name : path) {
    object = codec::find_object(*object, name);
    if (object == nullptr) return nullptr;
  }
  return object;
}

// ---- code

Status check_code_location(const JsonObject& code) {
  const JsonObject* location = object_at(code, {"CodeContentDescription", "S3ApplicationCodeLocationDescription"});
  if (location == nullptr) return {};
  const auto arn = codec::find_string(*location, "BucketARN");
  const auto key = codec::find_string(*location, "FileKey");
  const size_t resource = arn ? arn->find(":s3:::") : std::string_view::npos;
  if (resource == std::string_view::npos || arn->size() == resource + 6 || arn->find('/') != std::string_view::npos) {
    return Error(ErrorCode::kInvalidArgument,
                 fmt::format("{} Not the ARN of a bucket: {}", kBadLocation, arn.value_or("")));
  }
  if (!key) return Error(ErrorCode::kInvalidArgument, fmt::format("{} FileKey is missing", kBadLocation));
  return {};
}

// The one kind of code content that was sent; kInvalidArgument for two of them.
Result<std::string_view> content_kind(const JsonObject& content, std::string_view suffix) {
  std::string_view kind;
  for (const std::string_view name : {"TextContent", "ZipFileContent", "S3ContentLocation"}) {
    if (!content.contains(std::string(name) + std::string(suffix))) continue;
    if (!kind.empty()) {
      return Error(ErrorCode::kInvalidArgument, fmt::format("CodeContent holds both {} and {}", kind, name));
    }
    kind = name;
  }
  return kind;
}

// Takes the bytes of an inline ZIP out of the request and describes them.
Status take_zip(const JsonObject& content, std::string_view member, JsonObject& code, DraftVersion& draft) {
  const auto encoded = codec::find_string(content, member);
  if (!encoded) return {};
  draft.zip = TRY(codec::base64_decode(*encoded));
  object_at(code, "CodeContentDescription")["CodeSize"] = static_cast<int64_t>(draft.zip->size());
  return {};
}

Status check_content_type(const JsonObject& code, bool zip) {
  const JsonObject* content = codec::find_object(code, "CodeContentDescription");
  const bool text = content != nullptr && content->contains("TextContent");
  const auto type = codec::find_string(code, "CodeContentType");
  if (zip && type != "ZIPFILE") {
    return Error(ErrorCode::kInvalidArgument, "ZipFileContent needs the CodeContentType ZIPFILE");
  }
  if (text && type != "PLAINTEXT") {
    return Error(ErrorCode::kInvalidArgument, "TextContent needs the CodeContentType PLAINTEXT");
  }
  return {};
}

Status update_code(const JsonObject& update, JsonObject& code, DraftVersion& draft) {
  const JsonObject* content = codec::find_object(update, "CodeContentUpdate");
  if (content == nullptr) return {};
  const std::string_view kind = TRY(content_kind(*content, "Update"));
  if (kind.empty()) return {};
  JsonObject& described = object_at(code, "CodeContentDescription");
  // A new kind of content takes the place of the old one, and a new object has no old version.
  if (kind != "TextContent") described.erase("TextContent");
  if (kind != "ZipFileContent") described.erase("CodeSize");
  if (kind != "S3ContentLocation") described.erase("S3ApplicationCodeLocationDescription");
  draft.version.inline_code.clear();
  const JsonObject* location = codec::find_object(*content, "S3ContentLocationUpdate");
  if (location != nullptr && !location->contains("ObjectVersionUpdate")) {
    object_at(described, "S3ApplicationCodeLocationDescription").erase("ObjectVersion");
  }
  return take_zip(*content, "ZipFileContentUpdate", code, draft);
}

// ---- rules across members

Status check_property_groups(const JsonObject& configuration) {
  const JsonObject* properties = codec::find_object(configuration, "EnvironmentPropertyDescriptions");
  const JsonArray* groups = properties ? codec::find_array(*properties, "PropertyGroupDescriptions") : nullptr;
  if (groups == nullptr) return {};
  std::set<std::string_view> ids;
  for (const Json& group : *groups) {
    const std::string_view id = group.get_object().at("PropertyGroupId").get_string();
    if (!ids.insert(id).second) {
      return Error(ErrorCode::kInvalidArgument, fmt::format("Property group is given twice: {}", id));
    }
  }
  return {};
}

Status check_encryption(const JsonObject& configuration) {
  const JsonObject* encryption = codec::find_object(configuration, "ApplicationEncryptionConfigurationDescription");
  if (encryption == nullptr) return {};
  const bool own = codec::find_string(*encryption, "KeyType") == "CUSTOMER_MANAGED_KEY";
  if (own && !encryption->contains("KeyId")) {
    return Error(ErrorCode::kInvalidArgument, "KeyId is required for the KeyType CUSTOMER_MANAGED_KEY");
  }
  if (!own && encryption->contains("KeyId")) {
    return Error(ErrorCode::kInvalidArgument, "KeyId must not be given for the KeyType AWS_OWNED_KEY");
  }
  return {};
}

Status check_snapshot_mode(const JsonObject& configuration) {
  const JsonObject* snapshots = codec::find_object(configuration, "ApplicationSnapshotConfigurationDescription");
  if (snapshots != nullptr && codec::find_string(*snapshots, "SnapshotMode") == "ENHANCED_SNAPSHOTS") {
    return Error(ErrorCode::kUnsupportedOperation, "Enhanced snapshots are not available here");
  }
  return {};
}

Status check_blocks(const Version& version) {
  const bool sql_block = version.configuration.contains("SqlApplicationConfigurationDescription");
  const bool zeppelin_block = version.configuration.contains("ZeppelinApplicationConfigurationDescription");
  if (sql_block && !is_sql(version.runtime)) {
    return Error(ErrorCode::kInvalidArgument,
                 fmt::format("SqlApplicationConfiguration does not fit the runtime {}", version.runtime));
  }
  if (zeppelin_block && !is_zeppelin(version.runtime)) {
    return Error(ErrorCode::kInvalidArgument,
                 fmt::format("ZeppelinApplicationConfiguration does not fit the runtime {}", version.runtime));
  }
  if (is_sql(version.runtime) && version.configuration.contains("FlinkApplicationConfigurationDescription")) {
    return Error(ErrorCode::kInvalidArgument, "FlinkApplicationConfiguration does not fit the runtime SQL-1_0");
  }
  return {};
}

Status check_runtime(std::string_view runtime) {
  for (const std::string_view retired : {"FLINK-1_6", "FLINK-1_8", "FLINK-1_11"}) {
    if (runtime == retired) {
      return Error(ErrorCode::kUnsupportedOperation,
                   fmt::format("Runtime environment is no longer supported: {}", runtime));
    }
  }
  return {};
}

// Fills in what the service decides, and checks what holds across members.
Status complete(Version& version) {
  JsonObject& configuration = version.configuration;
  if (is_flink(version.runtime) || is_zeppelin(version.runtime)) {
    JsonObject& flink = object_at(configuration, "FlinkApplicationConfigurationDescription");
    apply_flink_defaults(flink);
    TRY(check_parallelism(flink));
    JsonObject& snapshots = object_at(configuration, "ApplicationSnapshotConfigurationDescription");
    if (!snapshots.contains("SnapshotsEnabled")) snapshots["SnapshotsEnabled"] = is_flink(version.runtime);
    JsonObject& rollback = object_at(configuration, "ApplicationSystemRollbackConfigurationDescription");
    if (!rollback.contains("RollbackEnabled")) rollback["RollbackEnabled"] = false;
    JsonObject& encryption = object_at(configuration, "ApplicationEncryptionConfigurationDescription");
    if (!encryption.contains("KeyType")) encryption["KeyType"] = "AWS_OWNED_KEY";
  }
  if (const auto* code = codec::find_object(configuration, "ApplicationCodeConfigurationDescription")) {
    TRY(check_code_location(*code));
  }
  TRY(check_runtime(version.runtime));
  TRY(check_blocks(version));
  TRY(check_property_groups(configuration));
  TRY(check_encryption(configuration));
  return check_snapshot_mode(configuration);
}

void resolve_vpcs(JsonObject& configuration) {
  Json* list = configuration.if_contains("VpcConfigurationDescriptions");
  if (list == nullptr) return;
  for (Json& element : list->get_array()) element.get_object()["VpcId"] = "vpc-00000000000000000";
}

}  // namespace

bool is_flink(std::string_view runtime) { return runtime.starts_with("FLINK-"); }
bool is_zeppelin(std::string_view runtime) { return runtime.starts_with("ZEPPELIN-"); }
bool is_sql(std::string_view runtime) { return runtime == "SQL-1_0"; }

Result<DraftVersion> create_version(const JsonObject& request) {
  DraftVersion draft;
  Version& version = draft.version;
  version.runtime = TRY(codec::require_string(request, "RuntimeEnvironment"));
  version.role = TRY(codec::require_string(request, "ServiceExecutionRole"));
  if (const JsonObject* given = codec::find_object(request, "ApplicationConfiguration")) {
    version.configuration = describe(shape("ApplicationConfiguration"), shape("ApplicationConfigurationDescription"),
                                     *given, version.number);
    if (const JsonObject* code = codec::find_object(*given, "ApplicationCodeConfiguration")) {
      JsonObject& described = object_at(version.configuration, "ApplicationCodeConfigurationDescription");
      if (const JsonObject* content = codec::find_object(*code, "CodeContent")) {
        TRY(content_kind(*content, ""));
        TRY(take_zip(*content, "ZipFileContent", described, draft));
      }
      TRY(check_content_type(described, draft.zip.has_value()));
    }
  }
  if (const JsonArray* options = codec::find_array(request, "CloudWatchLoggingOptions")) {
    version.logging_options = describe_list(shape("CloudWatchLoggingOption"),
                                            shape("CloudWatchLoggingOptionDescription"), *options, version.number);
  }
  resolve_vpcs(version.configuration);
  TRY(complete(version));
  return draft;
}

Result<DraftVersion> update_version(const Version& current, const JsonObject& request) {
  DraftVersion draft{.version = current, .zip = std::nullopt};
  Version& version = draft.version;
  version.number = current.number + 1;
  version.updated_from = current.number;
  version.rolled_back_from.reset();
  version.rolled_back_to.reset();
  version.final_status.clear();
  if (const auto runtime = codec::find_string(request, "RuntimeEnvironmentUpdate")) {
    if (is_flink(*runtime) != is_flink(current.runtime)) {
      return Error(ErrorCode::kInvalidArgument,
                   fmt::format("The runtime cannot be changed from {} to {}", current.runtime, *runtime));
    }
    version.runtime = *runtime;
  }
  if (const auto role = codec::find_string(request, "ServiceExecutionRoleUpdate")) version.role = *role;
  if (const JsonObject* given = codec::find_object(request, "ApplicationConfigurationUpdate")) {
    if (const JsonObject* code = codec::find_object(*given, "ApplicationCodeConfigurationUpdate")) {
      JsonObject& described = object_at(version.configuration, "ApplicationCodeConfigurationDescription");
      TRY(update_code(*code, described, draft));
    }
    TRY(update(shape("ApplicationConfigurationUpdate"), shape("ApplicationConfigurationDescription"), *given,
               version.configuration));
    if (Json* code = version.configuration.if_contains("ApplicationCodeConfigurationDescription")) {
      JsonObject& described = code->get_object();
      const bool text = object_at(described, "CodeContentDescription").contains("TextContent");
      if (!described.contains("CodeContentType")) described["CodeContentType"] = text ? "PLAINTEXT" : "ZIPFILE";
      TRY(check_content_type(described, draft.zip.has_value()));
    }
  }
  if (const JsonArray* options = codec::find_array(request, "CloudWatchLoggingOptionUpdates")) {
    TRY(update_list(shape("CloudWatchLoggingOptionUpdate"), shape("CloudWatchLoggingOptionDescription"), *options,
                    version.logging_options));
  }
  TRY(complete(version));
  return draft;
}

bool only_parallelism_differs(const Version& one, const Version& other) {
  const auto without_parallelism = [](const Version& version) {
    JsonObject configuration = version.configuration;
    JsonObject& flink = object_at(configuration, "FlinkApplicationConfigurationDescription");
    JsonObject& parallel = object_at(flink, "ParallelismConfigurationDescription");
    for (const char* name : {"ConfigurationType", "Parallelism", "AutoScalingEnabled"}) parallel.erase(name);
    return configuration;
  };
  return one.runtime == other.runtime && one.role == other.role && one.inline_code == other.inline_code &&
         one.logging_options == other.logging_options && without_parallelism(one) == without_parallelism(other);
}

Version copy_version(const Version& former, const Version& current) {
  Version version = former;
  version.number = current.number + 1;
  version.updated_from = current.number;
  version.rolled_back_from = current.number;
  version.rolled_back_to = former.number;
  version.final_status.clear();
  return version;
}

Result<std::vector<Tag>> read_tags(const JsonObject& request) {
  std::vector<Tag> tags;
  const JsonArray* given = codec::find_array(request, "Tags");
  if (given == nullptr) return tags;
  std::set<std::string_view> keys;
  for (const Json& element : *given) {
    const JsonObject& tag = element.get_object();
    const std::string_view key = tag.at("Key").get_string();
    if (!keys.insert(key).second) {
      return Error(ErrorCode::kInvalidArgument, fmt::format("Tag key is given twice: {}", key));
    }
    const auto value = codec::find_string(tag, "Value");
    tags.push_back({.key = std::string(key), .value = value ? std::optional<std::string>(*value) : std::nullopt});
  }
  if (tags.size() > kUserTagsMax) {
    return Error(ErrorCode::kTooManyTags, fmt::format("An application may have at most {} tags", kUserTagsMax));
  }
  return tags;
}

}  // namespace raudal::control::configuration
