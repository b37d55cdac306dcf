#include "neighbours/glue/glue_service.h"

#include <algorithm>
#include <memory>
#include <mutex>
#include <utility>

#include <fmt/core.h>

#include "base/str.h"
#include "neighbours/glue/catalog_store.h"
#include "neighbours/protocol/answers.h"

namespace raudal::neighbours::glue {
namespace {

using codec::JsonArray;
using codec::JsonObject;
using protocol::AwsCall;
using protocol::AwsFailure;
using protocol::AwsResult;
using protocol::AwsStatus;

constexpr size_t kNameLettersMax = 255;
constexpr int64_t kPageMax = 100;

AwsFailure not_found(std::string message) { return AwsFailure("EntityNotFoundException", std::move(message)); }
AwsFailure invalid(std::string message) { return AwsFailure("InvalidInputException", std::move(message)); }

double seconds(int64_t ms) { return static_cast<double>(ms) / 1000; }

// Glue folds names, so that Hive finds them.
std::string name_in(const JsonObject& object, std::string_view member) {
  return to_lower(codec::find_string(object, member).value_or(""));
}

AwsResult<JsonObject> input_of(const JsonObject& request, std::string_view member) {
  const JsonObject* given = codec::find_object(request, member);
  if (given == nullptr) return invalid(fmt::format("{} is missing", member));
  const std::string name = name_in(*given, "Name");
  if (name.empty() || name.size() > kNameLettersMax) {
    return invalid(fmt::format("{}.Name must have 1 to {} letters", member, kNameLettersMax));
  }
  JsonObject input = *given;
  input["Name"] = name;
  return input;
}

// `*` stands for any text in the expressions of GetTables.
bool fits(std::string_view name, std::string_view pattern) {
  const size_t star = pattern.find('*');
  if (star == std::string_view::npos) return name == pattern;
  if (!name.starts_with(pattern.substr(0, star))) return false;
  const std::string_view rest = pattern.substr(star + 1);
  for (size_t from = star; from <= name.size(); ++from) {
    if (fits(name.substr(from), rest)) return true;
  }
  return false;
}

// One page of a list: from NextToken, which is a position.
AwsResult<JsonObject> page_of(const JsonObject& request, const std::string& member, const JsonArray& all) {
  const auto token = codec::find_string(request, "NextToken");
  const auto from = token ? parse_int(*token) : std::optional<int64_t>(0);
  const int64_t most = std::clamp<int64_t>(codec::find_int(request, "MaxResults").value_or(kPageMax), 1, kPageMax);
  const auto size = static_cast<int64_t>(all.size());
  if (!from || *from < 0 || *from > size) return invalid("NextToken is not one of ours");
  const int64_t to = std::min(size, *from + most);
  JsonObject answer{{member, JsonArray(all.begin() + *from, all.begin() + to)}};
  if (to < size) answer["NextToken"] = std::to_string(to);
  return answer;
}

class Glue final : public protocol::AwsService {
 public:
  Glue(const protocol::ServiceContext& context, std::unique_ptr<CatalogStore> store)
      : context_(context), store_(std::move(store)) {}

  AwsStatus handle(AwsCall& call, net::ResponseWriter& response) override {
    protocol::answer_json(call, response, TRY(run(call)));
    return {};
  }

 private:
  AwsResult<JsonObject> run(const AwsCall& call);
  AwsResult<JsonObject> create_database(const AwsCall&, const JsonObject& request);
  AwsResult<JsonObject> get_database(const AwsCall&, const JsonObject& request);
  AwsResult<JsonObject> get_databases(const AwsCall&, const JsonObject& request);
  AwsResult<JsonObject> update_database(const AwsCall&, const JsonObject& request);
  AwsResult<JsonObject> delete_database(const AwsCall&, const JsonObject& request);
  AwsResult<JsonObject> create_table(const AwsCall&, const JsonObject& request);
  AwsResult<JsonObject> get_table(const AwsCall&, const JsonObject& request);
  AwsResult<JsonObject> get_tables(const AwsCall&, const JsonObject& request);
  AwsResult<JsonObject> update_table(const AwsCall&, const JsonObject& request);
  AwsResult<JsonObject> delete_table(const AwsCall&, const JsonObject& request);

  AwsResult<Entity> find(const std::string& database, const std::string& table);
  AwsStatus insert(const std::string& database, const std::string& table, JsonObject input);
  // The document of an entity, with what Glue adds to it.
  JsonObject described(const Entity& entity) const;
  int64_t now_ms() const { return context_.clock.wall_us() / 1000; }

  const protocol::ServiceContext context_;
  std::mutex mutex_;
  const std::unique_ptr<CatalogStore> store_;
};

AwsResult<JsonObject> Glue::run(const AwsCall& call) {
  static constexpr protocol::Operation<Glue> kOperations[] = {
      {"CreateDatabase", &Glue::create_database},
      {"CreateTable", &Glue::create_table},
      {"DeleteDatabase", &Glue::delete_database},
      {"DeleteTable", &Glue::delete_table},
      {"GetDatabase", &Glue::get_database},
      {"GetDatabases", &Glue::get_databases},
      {"GetTable", &Glue::get_table},
      {"GetTables", &Glue::get_tables},
      {"UpdateDatabase", &Glue::update_database},
      {"UpdateTable", &Glue::update_table},
  };
  const std::lock_guard lock(mutex_);
  return protocol::run_operation<Glue>(*this, kOperations, call);
}

AwsResult<Entity> Glue::find(const std::string& database, const std::string& table) {
  if (!TRY(store_->find(database, ""))) return not_found(fmt::format("Database {} not found.", database));
  auto found = TRY(store_->find(database, table));
  if (!found) return not_found(fmt::format("Table {} not found.", table));
  return std::move(*found);
}

AwsStatus Glue::insert(const std::string& database, const std::string& table, JsonObject input) {
  if (TRY(store_->find(database, table))) {
    return AwsFailure("AlreadyExistsException", table.empty() ? "Database already exists." : "Table already exists.");
  }
  return store_->insert({.database = database,
                         .table = table,
                         .input = std::move(input),
                         .version = 0,
                         .created_ms = now_ms(),
                         .updated_ms = now_ms()});
}

JsonObject Glue::described(const Entity& entity) const {
  JsonObject answer = entity.input;
  answer["CreateTime"] = seconds(entity.created_ms);
  answer["CatalogId"] = context_.account;
  if (entity.table.empty()) return answer;
  answer["DatabaseName"] = entity.database;
  answer["UpdateTime"] = seconds(entity.updated_ms);
  answer["VersionId"] = std::to_string(entity.version);
  answer["IsRegisteredWithLakeFormation"] = false;
  return answer;
}

AwsResult<JsonObject> Glue::create_database(const AwsCall&, const JsonObject& request) {
  JsonObject input = TRY(input_of(request, "DatabaseInput"));
  const std::string name = name_in(input, "Name");
  TRY(insert(name, "", std::move(input)));
  return JsonObject();
}

AwsResult<JsonObject> Glue::get_database(const AwsCall&, const JsonObject& request) {
  return JsonObject{{"Database", described(TRY(find(name_in(request, "Name"), "")))}};
}

AwsResult<JsonObject> Glue::get_databases(const AwsCall&, const JsonObject& request) {
  JsonArray all;
  for (const Entity& database : TRY(store_->databases())) all.push_back(described(database));
  return page_of(request, "DatabaseList", all);
}

AwsResult<JsonObject> Glue::update_database(const AwsCall&, const JsonObject& request) {
  Entity database = TRY(find(name_in(request, "Name"), ""));
  database.input = TRY(input_of(request, "DatabaseInput"));
  if (name_in(database.input, "Name") != database.database) return invalid("A database cannot be renamed");
  TRY(store_->replace(database, database.version));
  return JsonObject();
}

AwsResult<JsonObject> Glue::delete_database(const AwsCall&, const JsonObject& request) {
  const Entity database = TRY(find(name_in(request, "Name"), ""));
  TRY(store_->remove(database.database, ""));
  return JsonObject();
}

AwsResult<JsonObject> Glue::create_table(const AwsCall&, const JsonObject& request) {
  JsonObject input = TRY(input_of(request, "TableInput"));
  const Entity database = TRY(find(name_in(request, "DatabaseName"), ""));
  const std::string name = name_in(input, "Name");
  TRY(insert(database.database, name, std::move(input)));
  return JsonObject();
}

AwsResult<JsonObject> Glue::get_table(const AwsCall&, const JsonObject& request) {
  const std::string name = name_in(request, "Name");
  if (name.empty()) return invalid("Name is missing");
  return JsonObject{{"Table", described(TRY(find(name_in(request, "DatabaseName"), name)))}};
}

AwsResult<JsonObject> Glue::get_tables(const AwsCall&, const JsonObject& request) {
  const Entity database = TRY(find(name_in(request, "DatabaseName"), ""));
  const std::string pattern = name_in(request, "Expression");
  JsonArray all;
  for (const Entity& table : TRY(store_->tables(database.database))) {
    if (pattern.empty() || fits(table.table, pattern)) all.push_back(described(table));
  }
  return page_of(request, "TableList", all);
}

AwsResult<JsonObject> Glue::update_table(const AwsCall&, const JsonObject& request) {
  JsonObject input = TRY(input_of(request, "TableInput"));
  Entity table = TRY(find(name_in(request, "DatabaseName"), name_in(input, "Name")));
  const auto expected = codec::find_string(request, "VersionId");
  const bool newest = !expected || *expected == std::to_string(table.version);
  table.input = std::move(input);
  table.updated_ms = now_ms();
  ++table.version;
  if (!newest || !TRY(store_->replace(table, table.version - 1))) {
    return AwsFailure("ConcurrentModificationException",
                      fmt::format("Update table failed: the table's version is not {} any more", *expected));
  }
  return JsonObject();
}

AwsResult<JsonObject> Glue::delete_table(const AwsCall&, const JsonObject& request) {
  const std::string name = name_in(request, "Name");
  if (name.empty()) return invalid("Name is missing");
  const Entity table = TRY(find(name_in(request, "DatabaseName"), name));
  TRY(store_->remove(table.database, table.table));
  return JsonObject();
}

}  // namespace

protocol::ServiceEntry glue_service() {
  return {.info = {.name = "Glue", .signing_name = "glue", .target_prefixes = {"AWSGlue"}},
          .open = [](const protocol::ServiceContext& context) -> Result<std::unique_ptr<protocol::AwsService>> {
            auto store = TRY(CatalogStore::open(context.fs, context.directory));
            return std::unique_ptr<protocol::AwsService>(new Glue(context, std::move(store)));
          }};
}

}  // namespace raudal::neighbours::glue
