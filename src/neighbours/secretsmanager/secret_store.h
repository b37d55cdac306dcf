// What Secrets Manager remembers, in one SQLite file that only its owner may read: secrets, their versions, and the
// staging labels that point at versions. Every change is one transaction; a call that returns success is durable.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/fs.h"
#include "codec/json.h"
#include "neighbours/protocol/aws_result.h"
#include "sqlite/database.h"

namespace raudal::neighbours::secretsmanager {

inline constexpr char kCurrent[] = "AWSCURRENT";
inline constexpr char kPrevious[] = "AWSPREVIOUS";

// One secret without its values. Times are milliseconds since 1970.
struct Secret {
  int64_t id = 0;
  std::string name;
  std::string arn;
  std::optional<std::string> description;
  std::optional<std::string> kms_key;
  codec::JsonArray tags;  // {Key, Value}
  int64_t created_ms = 0;
  int64_t changed_ms = 0;
  std::optional<int64_t> accessed_ms;
  std::optional<int64_t> deleted_ms;  // when it was asked to be deleted
  std::optional<int64_t> gone_ms;     // when it can no longer be restored
};

// One value of a secret.
struct Version {
  std::string id;
  bool is_binary = false;
  std::string value;  // text, or base64 where binary
  int64_t created_ms = 0;
  std::vector<std::string> stages;
};

// The one owner of the database; not thread-safe.
class SecretStore {
 public:
  static Result<std::unique_ptr<SecretStore>> open(Fs& fs, const std::string& directory);

  Result<sqlite::Transaction> begin() { return sqlite::Transaction::begin(database_); }
  // Removes the secrets whose time to be restored is over.
  Status remove_gone(int64_t now_ms);

  // By name, ARN, or ARN without its last six letters.
  Result<std::optional<Secret>> find(const std::string& id);
  Result<std::vector<Secret>> list();  // by creation
  Result<int64_t> insert(const Secret& secret);
  Status update(const Secret& secret);  // all but name, ARN and creation
  Status remove(int64_t secret);

  Result<std::vector<Version>> versions(int64_t secret);  // newest first
  Status insert_version(int64_t secret, const Version& version);
  // Moves the label; what was AWSCURRENT becomes AWSPREVIOUS.
  Status move_stage(int64_t secret, const std::string& label, const std::string& version);
  Status remove_stage(int64_t secret, const std::string& label);
  // Drops the oldest versions without a label, beyond as many as AWS keeps.
  Status prune_versions(int64_t secret);

 private:
  explicit SecretStore(sqlite::Database database) : database_(std::move(database)) {}

  Result<std::optional<std::string>> version_at(int64_t secret, const std::string& label);

  sqlite::Database database_;
};

}  // namespace raudal::neighbours::secretsmanager
