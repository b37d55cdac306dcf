// SHOW and DESCRIBE: the catalog as text, worded as Flink words it.
#pragma once

#include "sql/ast.h"
#include "sql/catalog.h"
#include "sql/session.h"

namespace raudal::sql {

Listing show(const ShowAst& show, const Catalog& catalog);
Listing describe_table(const CatalogTable& table);
Listing describe_view(const column::Schema& schema);
std::string show_create_table(const std::string& name, const CatalogTable& table);

}  // namespace raudal::sql
