#include "expr/evaluator.h"

#include <algorithm>

#include "base/check.h"
#include "expr/function.h"
#include "expr/in_set.h"
#include "expr/kernel.h"
#include "expr/rows.h"

namespace raudal::expr {
namespace {

// One expression node and what it keeps between batches.
struct Node {
  const Expr* expr = nullptr;
  std::vector<Node> args;
  bool constant = false;  // computed once
  bool total = false;     // never fails a row
  std::optional<Column> value;
  std::shared_ptr<void> scratch;
  std::unique_ptr<InSet> in_set;
  std::vector<Column> columns;  // of the arguments, while a call runs
};

// The rows being evaluated: all of a batch, or some positions of it.
struct Frame {
  const column::Batch* batch;
  const uint16_t* rows;
  size_t num_rows;
  const EvalContext* context;
  std::vector<std::pair<int, Column>> gathered;
};

Result<Column> eval(Node& node, Frame& frame);

bool node_is_total(const Node& node) {
  const Expr& expr = *node.expr;
  for (const Node& arg : node.args) {
    if (!arg.total) return false;
  }
  switch (expr.kind) {
    case ExprKind::kCall: {
      if (expr.function->total) return true;
      // Division by a constant other than zero cannot fail.
      const bool divides = expr.function->name == "%" || expr.function->name == "MOD" || expr.function->name == "/";
      if (!divides || expr.args.size() != 2 || expr.args[1].kind != ExprKind::kLiteral) return false;
      const Column& divisor = expr.args[1].literal;
      if (!divisor.is_valid(0)) return true;
      switch (divisor.type.storage()) {
        case Storage::kInt32: return divisor.data<int32_t>()[0] != 0;
        case Storage::kInt64: return divisor.data<int64_t>()[0] != 0;
        default: return false;
      }
    }
    case ExprKind::kCast: return cast_is_total(expr.args[0].type, expr.type);
    default: return true;
  }
}

Node make_node(const Expr& expr) {
  Node node;
  node.expr = &expr;
  for (const Expr& arg : expr.args) node.args.push_back(make_node(arg));
  node.constant = is_constant(expr);
  node.total = node_is_total(node);
  return node;
}

// Evaluates for some of the frame's rows only: `positions` count in the frame.
Result<Column> eval_some(Node& node, Frame& frame, const uint16_t* positions, size_t count) {
  if (count == frame.num_rows || node.constant) return eval(node, frame);
  BufferPtr rows;
  if (frame.rows != nullptr) {
    rows = Buffer::allocate(count * sizeof(uint16_t));
    for (size_t i = 0; i < count; ++i) rows->as<uint16_t>()[i] = frame.rows[positions[i]];
  }
  Frame some{frame.batch, rows ? rows->as<uint16_t>() : positions, count, frame.context, {}};
  Column column = TRY(eval(node, some));
  return column.size == count || column.size != 1 ? Result<Column>(std::move(column))
                                                  : Result<Column>(spread(column, count));
}

Result<Column> eval_column(int index, Frame& frame) {
  const Column& column = frame.batch->columns[static_cast<size_t>(index)];
  if (frame.rows == nullptr) return column;
  for (const auto& [known, gathered] : frame.gathered) {
    if (known == index) return gathered;
  }
  frame.gathered.emplace_back(index, column::gather(column, frame.rows, frame.num_rows));
  return frame.gathered.back().second;
}

Result<Column> eval_call(Node& node, Frame& frame) {
  const Expr& expr = *node.expr;
  node.columns.clear();
  bool all_constant = !node.args.empty() && expr.function->deterministic;
  for (Node& arg : node.args) {
    node.columns.push_back(TRY(eval(arg, frame)));
    all_constant = all_constant && node.columns.back().size == 1;
  }
  KernelArgs args;
  args.columns = node.columns;
  args.num_rows = all_constant ? 1 : frame.num_rows;
  args.context = frame.context;
  args.batch = frame.batch;
  args.rows = frame.rows;
  Result<Column> result = expr.function->kernel(args, expr.type, &node.scratch);
  node.columns.clear();
  return result;
}

// Three-valued logic of two dense or constant BOOLEAN columns. OR is AND of the negations: `flip` is 1 for OR.
Column combine(const Column& a, const Column& b, uint8_t flip, const Type& type, size_t num_rows) {
  Column result = new_column(type, num_rows);
  const uint8_t* x = a.data<uint8_t>();
  const uint8_t* y = b.data<uint8_t>();
  uint8_t* out = result.values->as<uint8_t>();
  if (!a.validity && !b.validity) {
    if (flip != 0)
      for (size_t i = 0; i < num_rows; ++i) out[i] = x[i] | y[i];
    else
      for (size_t i = 0; i < num_rows; ++i) out[i] = x[i] & y[i];
    return result;
  }
  BufferPtr ones;
  const auto validity_of = [&](const Column& column) -> const uint8_t* {
    if (column.validity) return column.validity->as<uint8_t>();
    if (!ones) {
      ones = Buffer::allocate(num_rows);
      std::memset(ones->as<uint8_t>(), 1, num_rows);
    }
    return ones->as<uint8_t>();
  };
  const uint8_t* x_valid = validity_of(a);
  const uint8_t* y_valid = validity_of(b);
  result.validity = Buffer::allocate(num_rows);
  uint8_t* valid = result.validity->as<uint8_t>();
  for (size_t i = 0; i < num_rows; ++i) {
    const uint8_t decided = (x_valid[i] & (x[i] ^ 1 ^ flip)) | (y_valid[i] & (y[i] ^ 1 ^ flip));
    valid[i] = decided | (x_valid[i] & y_valid[i]);
    out[i] = (decided ^ 1) ^ flip;
  }
  return result;
}

// Positions of the rows that the arguments so far leave open: not FALSE for AND, not TRUE for OR.
size_t undecided_rows(const Column& column, uint8_t flip, size_t num_rows, uint16_t* positions) {
  const uint8_t* value = column.data<uint8_t>();
  const uint8_t* valid = column.validity ? column.validity->as<uint8_t>() : nullptr;
  BufferPtr open = Buffer::allocate(num_rows);
  uint8_t* out = open->as<uint8_t>();
  for (size_t i = 0; i < num_rows; ++i) { out[i] = (value[i] ^ flip) | (valid != nullptr ? valid[i] ^ 1 : 0); }
  return positions_of_true(out, nullptr, num_rows, positions);
}

Result<Column> eval_logic(Node& node, Frame& frame, uint8_t flip) {
  const size_t num_rows = frame.num_rows;
  const Type& type = node.expr->type;
  Column sum = TRY(eval(node.args[0], frame));
  BufferPtr positions;
  for (size_t i = 1; i < node.args.size(); ++i) {
    if (sum.size != num_rows) sum = spread(sum, num_rows);
    if (!positions) positions = Buffer::allocate((num_rows + 64) * sizeof(uint16_t));
    uint16_t* open = positions->as<uint16_t>();
    const size_t count = undecided_rows(sum, flip, num_rows, open);
    if (count == 0) break;
    Node& arg = node.args[i];
    if (arg.constant || count == num_rows || (arg.total && count >= num_rows / 4)) {
      Column next = TRY(eval(arg, frame));
      if (next.size != num_rows) next = spread(next, num_rows);
      sum = combine(sum, next, flip, type, num_rows);
      continue;
    }
    // What is decided stays as it is; an open row becomes the argument's value combined with what it was.
    Column before = column::gather(sum, open, count);
    const Column some = combine(before, TRY(eval_some(arg, frame, open, count)), flip, type, count);
    Assembly assembly(type, num_rows);
    assembly.put(nullptr, num_rows, sum);
    assembly.put(open, count, some);
    sum = assembly.finish();
  }
  sum.type = type;
  return sum;
}

Result<Column> eval_not(Node& node, Frame& frame) {
  const Column arg = TRY(eval(node.args[0], frame));
  Column result = new_column(node.expr->type, arg.size);
  result.validity = arg.validity;
  const uint8_t* value = arg.data<uint8_t>();
  uint8_t* out = result.values->as<uint8_t>();
  for (size_t i = 0; i < arg.size; ++i) out[i] = value[i] ^ 1;
  return result;
}

Result<Column> eval_is_null(Node& node, Frame& frame, uint8_t flip) {
  const Column arg = TRY(eval(node.args[0], frame));
  Column result = new_column(node.expr->type, arg.size);
  uint8_t* out = result.values->as<uint8_t>();
  if (arg.type.kind() == TypeKind::kNull) {
    std::memset(out, 1 ^ flip, arg.size);
  } else if (!arg.validity) {
    std::memset(out, flip, arg.size);
  } else {
    const uint8_t* valid = arg.validity->as<uint8_t>();
    for (size_t i = 0; i < arg.size; ++i) out[i] = valid[i] ^ 1 ^ flip;
  }
  return result;
}

// Splits `rows` (positions in the frame) into those whose flag is set, which go to `chosen`, and the rest.
size_t take_rows(const uint8_t* flags, const uint8_t* validity, std::vector<uint16_t>* rows,
                 std::vector<uint16_t>* chosen) {
  std::vector<uint16_t> hits(rows->size() + 64);
  const size_t count = positions_of_true(flags, validity, rows->size(), hits.data());
  chosen->resize(count);
  size_t next = 0;
  size_t kept = 0;
  for (size_t i = 0; i < rows->size(); ++i) {
    if (next < count && hits[next] == i)
      (*chosen)[next++] = (*rows)[i];
    else
      (*rows)[kept++] = (*rows)[i];
  }
  rows->resize(kept);
  return count;
}

Result<Column> eval_case(Node& node, Frame& frame) {
  Assembly assembly(node.expr->type, frame.num_rows);
  std::vector<uint16_t> rest(frame.num_rows);
  for (size_t i = 0; i < rest.size(); ++i) rest[i] = static_cast<uint16_t>(i);
  std::vector<uint16_t> chosen;
  const auto put = [&](Node& branch, const std::vector<uint16_t>& rows) -> Status {
    if (rows.empty()) return {};
    if (branch.constant || (branch.total && rows.size() >= frame.num_rows / 2)) {
      assembly.put_same(rows.data(), rows.size(), TRY(eval(branch, frame)));
    } else {
      assembly.put(rows.data(), rows.size(), TRY(eval_some(branch, frame, rows.data(), rows.size())));
    }
    return {};
  };
  const size_t num_branches = node.args.size() / 2;
  for (size_t i = 0; i < num_branches && !rest.empty(); ++i) {
    Column when = TRY(eval_some(node.args[2 * i], frame, rest.data(), rest.size()));
    if (when.size != rest.size()) when = spread(when, rest.size());
    const uint8_t* valid = when.validity ? when.validity->as<uint8_t>() : nullptr;
    take_rows(when.data<uint8_t>(), valid, &rest, &chosen);
    TRY(put(node.args[2 * i + 1], chosen));
  }
  TRY(put(node.args.back(), rest));
  return assembly.finish();
}

Result<Column> eval_coalesce(Node& node, Frame& frame) {
  Column first = TRY(eval(node.args[0], frame));
  if (!first.validity) return first;
  if (first.size != frame.num_rows) first = spread(first, frame.num_rows);
  Assembly assembly(node.expr->type, frame.num_rows);
  std::vector<uint16_t> rest(frame.num_rows);
  for (size_t i = 0; i < rest.size(); ++i) rest[i] = static_cast<uint16_t>(i);
  std::vector<uint16_t> chosen;
  for (size_t i = 0; i < node.args.size() && !rest.empty(); ++i) {
    Column part = i == 0 ? first : TRY(eval_some(node.args[i], frame, rest.data(), rest.size()));
    if (part.size != rest.size()) part = spread(part, rest.size());
    if (!part.validity || i + 1 == node.args.size()) {
      assembly.put(rest.data(), rest.size(), part);
      break;
    }
    const std::vector<uint16_t> before = rest;
    assembly.put(before.data(), before.size(), part);
    const uint8_t* valid = part.validity->as<uint8_t>();
    rest.clear();
    for (size_t row = 0; row < before.size(); ++row) {
      if (valid[row] == 0) rest.push_back(before[row]);
    }
  }
  return assembly.finish();
}

Result<Column> eval_in(Node& node, Frame& frame) {
  if (!node.in_set) {
    std::vector<Column> values;
    for (size_t i = 1; i < node.args.size(); ++i) values.push_back(TRY(eval(node.args[i], frame)));
    node.in_set = std::make_unique<InSet>(values);
  }
  return node.in_set->contains(TRY(eval(node.args[0], frame)), node.expr->type);
}

Result<Column> eval_field(Node& node, Frame& frame) {
  const Column row = TRY(eval(node.args[0], frame));
  Column field = row.children[static_cast<size_t>(node.expr->column)];
  if (!row.validity) return field;
  if (!field.validity) {
    field.validity = row.validity;
    return field;
  }
  BufferPtr both = Buffer::allocate(row.size);
  const uint8_t* a = row.validity->as<uint8_t>();
  const uint8_t* b = field.validity->as<uint8_t>();
  for (size_t i = 0; i < row.size; ++i) both->as<uint8_t>()[i] = a[i] & b[i];
  field.validity = both;
  return field;
}

Result<Column> eval_node(Node& node, Frame& frame) {
  const Expr& expr = *node.expr;
  switch (expr.kind) {
    case ExprKind::kColumn: return eval_column(expr.column, frame);
    case ExprKind::kLiteral: return expr.literal;
    case ExprKind::kCall: return eval_call(node, frame);
    case ExprKind::kCast: return cast_column(TRY(eval(node.args[0], frame)), expr.type, false, *frame.context);
    case ExprKind::kTryCast: return cast_column(TRY(eval(node.args[0], frame)), expr.type, true, *frame.context);
    case ExprKind::kAnd: return eval_logic(node, frame, 0);
    case ExprKind::kOr: return eval_logic(node, frame, 1);
    case ExprKind::kNot: return eval_not(node, frame);
    case ExprKind::kIsNull: return eval_is_null(node, frame, 0);
    case ExprKind::kIsNotNull: return eval_is_null(node, frame, 1);
    case ExprKind::kCase: return eval_case(node, frame);
    case ExprKind::kCoalesce: return eval_coalesce(node, frame);
    case ExprKind::kIn: return eval_in(node, frame);
    case ExprKind::kField: return eval_field(node, frame);
  }
  return Error(ErrorCode::kInternal, "unknown kind of expression");
}

// A column of frame.num_rows rows, or of one row that stands for all.
Result<Column> eval(Node& node, Frame& frame) {
  if (!node.constant) return eval_node(node, frame);
  if (!node.value) {
    static const column::Batch kOneRow = [] {
      column::Batch batch;
      batch.num_rows = 1;
      return batch;
    }();
    Frame one{&kOneRow, nullptr, 1, frame.context, {}};
    node.value = TRY(eval_node(node, one));
  }
  return *node.value;
}

}  // namespace

struct Evaluator::State {
  explicit State(Expr e) : expr(std::move(e)), root(make_node(expr)) {}
  const Expr expr;
  Node root;
};

Evaluator::Evaluator(Expr expr) : state_(std::make_unique<State>(std::move(expr))) {}
Evaluator::~Evaluator() = default;
Evaluator::Evaluator(Evaluator&&) noexcept = default;

const Expr& Evaluator::expr() const { return state_->expr; }

Result<Column> Evaluator::evaluate(const column::Batch& batch, const EvalContext& context) {
  const size_t num_rows = batch.num_selected();
  if (num_rows == 0) return ColumnBuilder(state_->expr.type, 0).finish();
  const uint16_t* rows = batch.selection.rows ? batch.selection.rows->as<uint16_t>() : nullptr;
  Frame frame{&batch, rows, num_rows, &context, {}};
  Column column = TRY(eval(state_->root, frame));
  if (column.size != num_rows) column = spread(column, num_rows);
  column.type = state_->expr.type;
  return column;
}

Result<column::Selection> Evaluator::filter(const column::Batch& batch, const EvalContext& context) {
  column::Selection selection;
  const size_t num_rows = batch.num_selected();
  selection.rows = Buffer::allocate((num_rows + 64) * sizeof(uint16_t));
  if (num_rows == 0) return selection;
  const uint16_t* rows = batch.selection.rows ? batch.selection.rows->as<uint16_t>() : nullptr;
  Frame frame{&batch, rows, num_rows, &context, {}};
  Column mask = TRY(eval(state_->root, frame));
  CHECK(mask.type.kind() == TypeKind::kBoolean);
  uint16_t* out = selection.rows->as<uint16_t>();
  if (mask.size == 1 && num_rows != 1) {
    if (!mask.is_valid(0) || mask.data<uint8_t>()[0] == 0) return selection;
    return batch.selection.rows ? batch.selection : column::Selection{nullptr, num_rows};
  }
  const uint8_t* valid = mask.validity ? mask.validity->as<uint8_t>() : nullptr;
  selection.size = positions_of_true(mask.data<uint8_t>(), valid, num_rows, out);
  if (rows != nullptr) {
    for (size_t i = 0; i < selection.size; ++i) out[i] = rows[out[i]];
  }
  return selection;
}

}  // namespace raudal::expr
