#include "sqlite/schema.h"

#include <fmt/core.h>

namespace raudal::sqlite {

Status create_schema(Database& database, int64_t version, const char* statements) {
  auto transaction = TRY(Transaction::begin(database));
  int64_t found = 0;
  {
    Statement statement = TRY(database.prepare("PRAGMA user_version"));
    if (TRY(statement.step())) found = statement.int_at(0);
  }
  if (found > version) {
    return Error(ErrorCode::kMetadata,
                 fmt::format("The database was written by a newer release: its version is {}, this one knows {}", found,
                             version));
  }
  if (found == 0) {
    TRY(database.execute(statements));
    TRY(database.execute(fmt::format("PRAGMA user_version = {}", version)));
  }
  return transaction.commit();
}

}  // namespace raudal::sqlite
