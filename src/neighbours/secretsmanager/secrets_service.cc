#include "neighbours/secretsmanager/secrets_service.h"

#include <algorithm>
#include <memory>
#include <mutex>
#include <utility>

#include <fmt/core.h>

#include "base/rng.h"
#include "base/str.h"
#include "codec/base64.h"
#include "neighbours/protocol/answers.h"
#include "neighbours/secretsmanager/secret_store.h"

namespace raudal::neighbours::secretsmanager {
namespace {

using codec::JsonArray;
using codec::JsonObject;
using protocol::AwsCall;
using protocol::AwsFailure;
using protocol::AwsResult;
using protocol::AwsStatus;

constexpr size_t kValueBytesMax = 65'536;
constexpr size_t kNameLettersMax = 512;
constexpr size_t kTagsMax = 50;
constexpr int64_t kDayMs = 86'400'000;
constexpr int64_t kPageMax = 100;

AwsFailure not_found(std::string message = "Secrets Manager can't find the specified secret.") {
  return AwsFailure("ResourceNotFoundException", std::move(message));
}
AwsFailure invalid_parameter(std::string message) {
  return AwsFailure("InvalidParameterException", std::move(message));
}
AwsFailure invalid_request(std::string message) { return AwsFailure("InvalidRequestException", std::move(message)); }

double seconds(int64_t ms) { return static_cast<double>(ms) / 1000; }

std::string text_of(const JsonObject& request, std::string_view member) {
  return std::string(codec::find_string(request, member).value_or(""));
}

AwsStatus check_name(const std::string& name) {
  const auto is_letter = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::string_view("/_+=.@-").find(c) != std::string_view::npos;
  };
  if (!name.empty() && name.size() <= kNameLettersMax && std::ranges::all_of(name, is_letter)) return {};
  return invalid_parameter(
      "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!");
}

// Six letters that make the ARN of a secret another one than that of its predecessor.
std::string arn_suffix() {
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  std::string suffix;
  const std::string hex = secure_random_hex(12);
  for (size_t i = 0; i < 6; ++i) suffix += kLetters[std::stoul(hex.substr(i * 4, 4), nullptr, 16) % kLetters.size()];
  return suffix;
}

// The new value in a request, if there is one. Its id is the client's token.
AwsResult<std::optional<Version>> version_of(const JsonObject& request, int64_t now_ms) {
  const auto text = codec::find_string(request, "SecretString");
  const auto binary = codec::find_string(request, "SecretBinary");
  if (text && binary)
    return invalid_parameter("You can't specify both a binary secret value and a string secret value.");
  if (!text && !binary) return std::optional<Version>();
  std::string id = text_of(request, "ClientRequestToken");
  if (id.empty()) id = protocol::new_request_id();
  if (id.size() < 32 || id.size() > 64) return invalid_parameter("ClientRequestToken must be 32-64 characters long.");
  const size_t size = text ? text->size() : TRY(codec::base64_decode(*binary)).size();
  if (size == 0 || size > kValueBytesMax) {
    return invalid_parameter(fmt::format("The secret value must have 1 to {} bytes, not {}", kValueBytesMax, size));
  }
  return std::optional<Version>(Version{.id = std::move(id),
                                        .is_binary = !text,
                                        .value = std::string(text ? *text : *binary),
                                        .created_ms = now_ms,
                                        .stages = {}});
}

void remove_tag(JsonArray& tags, std::string_view key) {
  const auto gone = std::ranges::find_if(
      tags, [&](const codec::Json& tag) { return codec::find_string(tag.get_object(), "Key") == key; });
  if (gone != tags.end()) tags.erase(gone);
}

AwsResult<JsonArray> merged_tags(JsonArray tags, const JsonObject& request) {
  const JsonArray* added = codec::find_array(request, "Tags");
  for (const codec::Json& tag : added ? *added : JsonArray()) {
    if (!tag.is_object()) return invalid_parameter("A tag must have a Key and a Value");
    const std::string key = text_of(tag.get_object(), "Key");
    if (key.empty()) return invalid_parameter("A tag must have a Key");
    remove_tag(tags, key);
    tags.push_back(JsonObject{{"Key", key}, {"Value", text_of(tag.get_object(), "Value")}});
  }
  if (tags.size() > kTagsMax) return invalid_parameter(fmt::format("A secret has {} tags at most", kTagsMax));
  return tags;
}

JsonObject stages_by_version(const std::vector<Version>& versions) {
  JsonObject out;
  for (const Version& version : versions) {
    if (version.stages.empty()) continue;
    JsonArray stages;
    for (const std::string& stage : version.stages) stages.emplace_back(stage);
    out[version.id] = std::move(stages);
  }
  return out;
}

JsonObject description_of(const Secret& secret, const std::vector<Version>& versions, std::string_view stages_member) {
  JsonObject out{{"ARN", secret.arn},
                 {"Name", secret.name},
                 {"CreatedDate", seconds(secret.created_ms)},
                 {"LastChangedDate", seconds(secret.changed_ms)}};
  if (secret.description) out["Description"] = *secret.description;
  if (secret.kms_key) out["KmsKeyId"] = *secret.kms_key;
  // To the day, as AWS tells it.
  if (secret.accessed_ms) out["LastAccessedDate"] = seconds(*secret.accessed_ms / kDayMs * kDayMs);
  if (secret.deleted_ms) out["DeletedDate"] = seconds(*secret.deleted_ms);
  if (!secret.tags.empty()) out["Tags"] = secret.tags;
  JsonObject stages = stages_by_version(versions);
  if (!stages.empty()) out[stages_member] = std::move(stages);
  return out;
}

// Whether one filter of ListSecrets fits: any of its values, "!" in front of one turns it around.
bool fits(const Secret& secret, std::string_view key, const JsonArray& values) {
  const auto matches = [&](std::string_view value) {
    const auto in_tags = [&](std::string_view member) {
      return std::ranges::any_of(secret.tags, [&](const codec::Json& tag) {
        return codec::find_string(tag.get_object(), member).value_or("").starts_with(value);
      });
    };
    const bool name = secret.name.starts_with(value);
    const bool description = to_lower(secret.description.value_or("")).find(to_lower(value)) != std::string::npos;
    if (key == "name") return name;
    if (key == "description") return description;
    if (key == "tag-key") return in_tags("Key");
    if (key == "tag-value") return in_tags("Value");
    return name || description || in_tags("Key") || in_tags("Value");
  };
  return std::ranges::any_of(values, [&](const codec::Json& item) {
    const std::string_view value = item.is_string() ? std::string_view(item.get_string()) : std::string_view();
    return value.starts_with('!') ? !matches(value.substr(1)) : matches(value);
  });
}

class SecretsManager final : public protocol::AwsService {
 public:
  SecretsManager(const protocol::ServiceContext& context, std::unique_ptr<SecretStore> store)
      : context_(context), store_(std::move(store)) {}

  AwsStatus handle(AwsCall& call, net::ResponseWriter& response) override {
    protocol::answer_json(call, response, TRY(run(call)));
    return {};
  }

 private:
  AwsResult<JsonObject> run(const AwsCall& call);
  AwsResult<JsonObject> create_secret(const AwsCall&, const JsonObject& request);
  AwsResult<JsonObject> get_secret_value(const AwsCall&, const JsonObject& request);
  AwsResult<JsonObject> put_secret_value(const AwsCall&, const JsonObject& request);
  AwsResult<JsonObject> update_secret(const AwsCall&, const JsonObject& request);
  AwsResult<JsonObject> describe_secret(const AwsCall&, const JsonObject& request);
  AwsResult<JsonObject> list_secrets(const AwsCall&, const JsonObject& request);
  AwsResult<JsonObject> list_secret_version_ids(const AwsCall&, const JsonObject& request);
  AwsResult<JsonObject> delete_secret(const AwsCall&, const JsonObject& request);
  AwsResult<JsonObject> restore_secret(const AwsCall&, const JsonObject& request);
  AwsResult<JsonObject> tag_resource(const AwsCall&, const JsonObject& request);
  AwsResult<JsonObject> untag_resource(const AwsCall&, const JsonObject& request);
  AwsResult<JsonObject> update_secret_version_stage(const AwsCall&, const JsonObject& request);
  AwsResult<JsonObject> get_resource_policy(const AwsCall&, const JsonObject& request);

  // The secret that a request names; deleted ones only where that may be.
  AwsResult<Secret> find(const JsonObject& request, bool may_be_deleted = false);
  // Adds a version under these labels, unless the very same one is there already.
  AwsStatus add_version(const Secret& secret, const Version& version, const std::vector<std::string>& stages);
  int64_t now_ms() const { return context_.clock.wall_us() / 1000; }

  const protocol::ServiceContext context_;
  std::mutex mutex_;
  const std::unique_ptr<SecretStore> store_;
};

AwsResult<JsonObject> SecretsManager::run(const AwsCall& call) {
  static constexpr protocol::Operation<SecretsManager> kOperations[] = {
      {"CreateSecret", &SecretsManager::create_secret},
      {"DeleteSecret", &SecretsManager::delete_secret},
      {"DescribeSecret", &SecretsManager::describe_secret},
      {"GetResourcePolicy", &SecretsManager::get_resource_policy},
      {"GetSecretValue", &SecretsManager::get_secret_value},
      {"ListSecretVersionIds", &SecretsManager::list_secret_version_ids},
      {"ListSecrets", &SecretsManager::list_secrets},
      {"PutSecretValue", &SecretsManager::put_secret_value},
      {"RestoreSecret", &SecretsManager::restore_secret},
      {"TagResource", &SecretsManager::tag_resource},
      {"UntagResource", &SecretsManager::untag_resource},
      {"UpdateSecret", &SecretsManager::update_secret},
      {"UpdateSecretVersionStage", &SecretsManager::update_secret_version_stage},
  };
  const std::lock_guard lock(mutex_);
  TRY(store_->remove_gone(now_ms()));
  return protocol::run_operation<SecretsManager>(*this, kOperations, call);
}

AwsResult<Secret> SecretsManager::find(const JsonObject& request, bool may_be_deleted) {
  const std::string id = text_of(request, "SecretId");
  if (id.empty()) return invalid_parameter("You must provide a SecretId.");
  auto found = TRY(store_->find(id));
  if (!found) return not_found();
  if (found->deleted_ms && !may_be_deleted) {
    return invalid_request("You can't perform this operation on the secret because it was marked for deletion.");
  }
  return *std::move(found);
}

AwsStatus SecretsManager::add_version(const Secret& secret, const Version& version,
                                      const std::vector<std::string>& stages) {
  for (const Version& old : TRY(store_->versions(secret.id))) {
    if (old.id != version.id) continue;
    if (old.value == version.value && old.is_binary == version.is_binary) return {};
    return AwsFailure("ResourceExistsException", "You can't use ClientRequestToken " + version.id +
                                                     " because that value is already in use for a version of secret " +
                                                     secret.arn + ".");
  }
  const bool is_first = TRY(store_->versions(secret.id)).empty();
  TRY(store_->insert_version(secret.id, version));
  for (const std::string& stage : stages) TRY(store_->move_stage(secret.id, stage, version.id));
  // A secret that has a value has a current one.
  if (is_first) TRY(store_->move_stage(secret.id, kCurrent, version.id));
  return store_->prune_versions(secret.id);
}

AwsResult<JsonObject> SecretsManager::create_secret(const AwsCall&, const JsonObject& request) {
  const std::string name = text_of(request, "Name");
  TRY(check_name(name));
  if (codec::find_array(request, "AddReplicaRegions")) {
    return invalid_request("Raudal does not replicate secrets: AddReplicaRegions");
  }
  const std::optional<Version> version = TRY(version_of(request, now_ms()));
  auto transaction = TRY(store_->begin());
  if (const auto old = TRY(store_->find(name)); old && old->name == name) {
    if (old->deleted_ms) {
      return invalid_request(
          "You can't create this secret because a secret with this name is already scheduled for deletion.");
    }
    // The same request once more.
    for (const Version& there : TRY(store_->versions(old->id))) {
      if (version && there.id == version->id && there.value == version->value) {
        return JsonObject{{"ARN", old->arn}, {"Name", name}, {"VersionId", version->id}};
      }
    }
    return AwsFailure("ResourceExistsException",
                      fmt::format("The operation failed because the secret {} already exists.", name));
  }
  Secret secret{.name = name,
                .arn = context_.arn("secretsmanager", fmt::format("secret:{}-{}", name, arn_suffix())),
                .tags = TRY(merged_tags({}, request)),
                .created_ms = now_ms(),
                .changed_ms = now_ms()};
  if (const auto text = codec::find_string(request, "Description")) secret.description = *text;
  if (const auto key = codec::find_string(request, "KmsKeyId")) secret.kms_key = *key;
  secret.id = TRY(store_->insert(secret));
  if (version) TRY(add_version(secret, *version, {kCurrent}));
  TRY(transaction.commit());
  JsonObject answer{{"ARN", secret.arn}, {"Name", name}};
  if (version) answer["VersionId"] = version->id;
  return answer;
}

AwsResult<JsonObject> SecretsManager::get_secret_value(const AwsCall&, const JsonObject& request) {
  Secret secret = TRY(find(request));
  const std::string id = text_of(request, "VersionId");
  std::string stage = text_of(request, "VersionStage");
  const std::vector<Version> versions = TRY(store_->versions(secret.id));
  const auto has_stage = [&](const Version& version) {
    return std::ranges::find(version.stages, stage) != version.stages.end();
  };
  std::vector<Version>::const_iterator found;
  if (!id.empty()) {
    found = std::ranges::find(versions, id, &Version::id);
    if (found == versions.end()) {
      return not_found("Secrets Manager can't find the specified secret value for VersionId: " + id);
    }
    if (!stage.empty() && !has_stage(*found)) {
      return invalid_request("You provided a VersionStage that is not associated to the provided VersionId.");
    }
  } else {
    if (stage.empty()) stage = kCurrent;
    found = std::ranges::find_if(versions, has_stage);
    if (found == versions.end()) {
      return not_found("Secrets Manager can't find the specified secret value for staging label: " + stage);
    }
  }
  // Told to the day, so that only the first reading of a day writes.
  if (secret.accessed_ms.value_or(0) / kDayMs != now_ms() / kDayMs) {
    secret.accessed_ms = now_ms();
    TRY(store_->update(secret));
  }
  JsonArray stages;
  for (const std::string& label : found->stages) stages.emplace_back(label);
  return JsonObject{{"ARN", secret.arn},
                    {"Name", secret.name},
                    {"VersionId", found->id},
                    {found->is_binary ? "SecretBinary" : "SecretString", found->value},
                    {"VersionStages", std::move(stages)},
                    {"CreatedDate", seconds(found->created_ms)}};
}

AwsResult<JsonObject> SecretsManager::put_secret_value(const AwsCall&, const JsonObject& request) {
  const auto version = TRY(version_of(request, now_ms()));
  if (!version) return invalid_parameter("You must provide either SecretString or SecretBinary.");
  auto transaction = TRY(store_->begin());
  Secret secret = TRY(find(request));
  std::vector<std::string> stages;
  if (const JsonArray* wanted = codec::find_array(request, "VersionStages")) {
    for (const codec::Json& stage : *wanted) {
      if (stage.is_string()) stages.emplace_back(stage.get_string());
    }
  }
  if (stages.empty()) stages = {kCurrent};
  TRY(add_version(secret, *version, stages));
  secret.changed_ms = now_ms();
  TRY(store_->update(secret));
  JsonArray labels;
  for (const Version& there : TRY(store_->versions(secret.id))) {
    if (there.id != version->id) continue;
    for (const std::string& label : there.stages) labels.emplace_back(label);
  }
  TRY(transaction.commit());
  return JsonObject{
      {"ARN", secret.arn}, {"Name", secret.name}, {"VersionId", version->id}, {"VersionStages", std::move(labels)}};
}

AwsResult<JsonObject> SecretsManager::update_secret(const AwsCall&, const JsonObject& request) {
  const auto version = TRY(version_of(request, now_ms()));
  auto transaction = TRY(store_->begin());
  Secret secret = TRY(find(request));
  if (const auto text = codec::find_string(request, "Description")) secret.description = *text;
  if (const auto key = codec::find_string(request, "KmsKeyId")) secret.kms_key = *key;
  secret.changed_ms = now_ms();
  TRY(store_->update(secret));
  JsonObject answer{{"ARN", secret.arn}, {"Name", secret.name}};
  if (version) {
    TRY(add_version(secret, *version, {kCurrent}));
    answer["VersionId"] = version->id;
  }
  TRY(transaction.commit());
  return answer;
}

AwsResult<JsonObject> SecretsManager::describe_secret(const AwsCall&, const JsonObject& request) {
  const Secret secret = TRY(find(request, /*may_be_deleted=*/true));
  return description_of(secret, TRY(store_->versions(secret.id)), "VersionIdsToStages");
}

AwsResult<JsonObject> SecretsManager::list_secrets(const AwsCall&, const JsonObject& request) {
  const int64_t limit = codec::find_int(request, "MaxResults").value_or(kPageMax);
  if (limit < 1 || limit > kPageMax) return invalid_parameter(fmt::format("MaxResults must be 1 to {}", kPageMax));
  const std::string token = text_of(request, "NextToken");
  const auto start = token.empty() ? std::optional<int64_t>(0) : parse_int(token);
  if (!start || *start < 0)
    return AwsFailure("InvalidNextTokenException", "The NextToken is not one of this service's");
  std::vector<Secret> secrets = TRY(store_->list());
  const bool with_deleted = codec::find_bool(request, "IncludePlannedDeletion").value_or(false);
  std::erase_if(secrets, [&](const Secret& secret) { return secret.deleted_ms && !with_deleted; });
  const JsonArray* filters = codec::find_array(request, "Filters");
  for (const codec::Json& filter : filters ? *filters : JsonArray()) {
    const JsonArray* values = filter.is_object() ? codec::find_array(filter.get_object(), "Values") : nullptr;
    if (!values) return invalid_parameter("A filter must have a Key and Values");
    const std::string key = text_of(filter.get_object(), "Key");
    std::erase_if(secrets, [&](const Secret& secret) { return !fits(secret, key, *values); });
  }
  // Newest first unless asked otherwise.
  if (text_of(request, "SortOrder") != "asc") std::ranges::reverse(secrets);
  JsonArray list;
  size_t next = std::min(static_cast<size_t>(*start), secrets.size());
  for (; next < secrets.size() && list.size() < static_cast<size_t>(limit); ++next) {
    list.emplace_back(description_of(secrets[next], TRY(store_->versions(secrets[next].id)), "SecretVersionsToStages"));
  }
  JsonObject answer{{"SecretList", std::move(list)}};
  if (next < secrets.size()) answer["NextToken"] = std::to_string(next);
  return answer;
}

AwsResult<JsonObject> SecretsManager::list_secret_version_ids(const AwsCall&, const JsonObject& request) {
  const Secret secret = TRY(find(request, /*may_be_deleted=*/true));
  const bool with_deprecated = codec::find_bool(request, "IncludeDeprecated").value_or(false);
  JsonArray list;
  for (const Version& version : TRY(store_->versions(secret.id))) {
    if (version.stages.empty() && !with_deprecated) continue;
    JsonArray stages;
    for (const std::string& label : version.stages) stages.emplace_back(label);
    list.emplace_back(JsonObject{
        {"VersionId", version.id}, {"VersionStages", std::move(stages)}, {"CreatedDate", seconds(version.created_ms)}});
  }
  return JsonObject{{"Versions", std::move(list)}, {"ARN", secret.arn}, {"Name", secret.name}};
}

AwsResult<JsonObject> SecretsManager::delete_secret(const AwsCall&, const JsonObject& request) {
  const bool at_once = codec::find_bool(request, "ForceDeleteWithoutRecovery").value_or(false);
  const auto days = codec::find_int(request, "RecoveryWindowInDays");
  if (at_once && days) {
    return invalid_parameter("You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.");
  }
  if (days && (*days < 7 || *days > 30)) {
    return invalid_parameter("The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).");
  }
  auto transaction = TRY(store_->begin());
  const std::string id = text_of(request, "SecretId");
  // To force the end of what is not there is no error.
  if (at_once && !id.empty() && !TRY(store_->find(id))) {
    const bool is_arn = id.starts_with("arn:");
    return JsonObject{{"ARN", is_arn ? id : context_.arn("secretsmanager", "secret:" + id)},
                      {"Name", is_arn ? id.substr(id.rfind(':') + 1) : id},
                      {"DeletionDate", seconds(now_ms())}};
  }
  Secret secret = TRY(find(request, /*may_be_deleted=*/at_once));
  secret.deleted_ms = now_ms();
  secret.gone_ms = at_once ? now_ms() : now_ms() + days.value_or(30) * kDayMs;
  if (at_once) {
    TRY(store_->remove(secret.id));
  } else {
    TRY(store_->update(secret));
  }
  TRY(transaction.commit());
  return JsonObject{{"ARN", secret.arn}, {"Name", secret.name}, {"DeletionDate", seconds(*secret.gone_ms)}};
}

AwsResult<JsonObject> SecretsManager::restore_secret(const AwsCall&, const JsonObject& request) {
  auto transaction = TRY(store_->begin());
  Secret secret = TRY(find(request, /*may_be_deleted=*/true));
  secret.deleted_ms.reset();
  secret.gone_ms.reset();
  TRY(store_->update(secret));
  TRY(transaction.commit());
  return JsonObject{{"ARN", secret.arn}, {"Name", secret.name}};
}

AwsResult<JsonObject> SecretsManager::tag_resource(const AwsCall&, const JsonObject& request) {
  auto transaction = TRY(store_->begin());
  Secret secret = TRY(find(request));
  secret.tags = TRY(merged_tags(std::move(secret.tags), request));
  TRY(store_->update(secret));
  TRY(transaction.commit());
  return JsonObject();
}

AwsResult<JsonObject> SecretsManager::untag_resource(const AwsCall&, const JsonObject& request) {
  auto transaction = TRY(store_->begin());
  Secret secret = TRY(find(request));
  const JsonArray* keys = codec::find_array(request, "TagKeys");
  for (const codec::Json& key : keys ? *keys : JsonArray()) {
    if (key.is_string()) remove_tag(secret.tags, std::string_view(key.get_string()));
  }
  TRY(store_->update(secret));
  TRY(transaction.commit());
  return JsonObject();
}

AwsResult<JsonObject> SecretsManager::update_secret_version_stage(const AwsCall&, const JsonObject& request) {
  auto transaction = TRY(store_->begin());
  const Secret secret = TRY(find(request));
  const std::string stage = text_of(request, "VersionStage");
  const std::string from = text_of(request, "RemoveFromVersionId");
  const std::string to = text_of(request, "MoveToVersionId");
  if (stage.empty()) return invalid_parameter("You must provide a VersionStage.");
  std::string holder;
  bool knows_target = to.empty();
  for (const Version& version : TRY(store_->versions(secret.id))) {
    if (std::ranges::find(version.stages, stage) != version.stages.end()) holder = version.id;
    knows_target = knows_target || version.id == to;
  }
  if (!knows_target) return not_found("Secrets Manager can't find the specified secret value for VersionId: " + to);
  if (holder != from && !(from.empty() && holder == to)) {
    return invalid_parameter(
        fmt::format("The parameter RemoveFromVersionId must be the version that has the staging label {}: {}", stage,
                    holder.empty() ? "none has it" : holder));
  }
  if (to.empty() && stage == kCurrent) {
    return invalid_parameter("You can't remove the staging label AWSCURRENT, only move it to another version.");
  }
  if (to.empty()) {
    TRY(store_->remove_stage(secret.id, stage));
  } else {
    TRY(store_->move_stage(secret.id, stage, to));
  }
  TRY(transaction.commit());
  return JsonObject{{"ARN", secret.arn}, {"Name", secret.name}};
}

AwsResult<JsonObject> SecretsManager::get_resource_policy(const AwsCall&, const JsonObject& request) {
  const Secret secret = TRY(find(request, /*may_be_deleted=*/true));
  return JsonObject{{"ARN", secret.arn}, {"Name", secret.name}};
}

}  // namespace

protocol::ServiceEntry secrets_manager() {
  return {.info = {.name = "Secrets Manager", .signing_name = "secretsmanager", .target_prefixes = {"secretsmanager"}},
          .open = [](const protocol::ServiceContext& context) -> Result<std::unique_ptr<protocol::AwsService>> {
            auto store = TRY(SecretStore::open(context.fs, context.directory));
            return std::unique_ptr<protocol::AwsService>(new SecretsManager(context, std::move(store)));
          }};
}

}  // namespace raudal::neighbours::secretsmanager
