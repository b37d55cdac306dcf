// Literals of SQL text to constant expressions, with Flink's types: 1 is INT, 3000000000 BIGINT, 1.50 DECIMAL(3, 2),
// 1e3 DOUBLE, 'ab' CHAR(2), TIMESTAMP '… 00:00:05' TIMESTAMP(0). None of them is nullable.
#pragma once

#include <string_view>

#include "expr/expr.h"
#include "sql/ast.h"

namespace raudal::sql {

// Of a literal node (kBoolean … kInterval); `sign` is -1 under a minus. Throws SqlError.
expr::Expr bind_literal(const ExprAst& literal, int sign = 1);
expr::Expr boolean_literal(bool value);
expr::Expr string_literal(std::string_view text);
expr::Expr int_literal(int32_t value);
bool is_null_literal(const expr::Expr& expr);
// The value of an INTERVAL literal of days or less, in ms.
bool interval_ms(const expr::Expr& expr, int64_t* ms);

}  // namespace raudal::sql
