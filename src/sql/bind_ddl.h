// CREATE TABLE and CREATE VIEW: from syntax tree to catalog entry; and INSERT's fit between query and sink.
#pragma once

#include "sql/bind_query.h"

namespace raudal::sql {

CatalogTable bind_table(const CreateTableAst& create, const std::string& name, const BindContext& context);
CatalogView bind_view(const CreateViewAst& create, const BindContext& context);
// The sink of an INSERT. Throws SqlError where there is none of that name.
const CatalogTable& find_sink(const InsertAst& insert, const Catalog& catalog);
// The query of an INSERT with the sink's columns: reordered, filled with NULL, implicitly cast.
PlanPtr bind_insert(const InsertAst& insert, const CatalogTable& sink, const BindContext& context);

}  // namespace raudal::sql
