// An expression back as SQL, as Flink's catalog stores it: identifiers in backticks, keywords in upper case.
#pragma once

#include <string>

#include "sql/ast.h"

namespace raudal::sql {

std::string print_ast(const ExprAst& ast);

}  // namespace raudal::sql
