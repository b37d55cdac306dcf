#include <map>
#include <set>
#include <string>
#include <unordered_map>

#include "column/builder.h"
#include "operators/aggregate.h"

namespace raudal::operators {
namespace {

using column::Column;
using column::ColumnBuilder;
using column::StringRef;
using column::Type;
using state::EntryId;
using state::KeyedTable;

// What one value of a set costs, about: a tree node.
constexpr int64_t kValueBytes = 80;

// A value as a set keeps it.
template <class T>
struct Kept {
  using Value = T;
  static Value of(const Column& column, size_t row) { return column.data<T>()[row]; }
  static void append(const Value& value, ColumnBuilder* builder) { builder->append<T>(value); }
  // NaN is the greatest, as in Java.
  struct Less {
    bool operator()(T a, T b) const { return a < b || (a == a && b != b); }
  };
};
template <>
struct Kept<StringRef> {
  using Value = std::string;
  static Value of(const Column& column, size_t row) { return std::string(column.string(row)); }
  static void append(const Value& value, ColumnBuilder* builder) { builder->append_string(value); }
  using Less = std::less<>;
};

// MIN or MAX of values that may be retracted: the distinct values of each group in order, in memory only. The set of
// distinct values that the operator keeps in state says when one comes and goes, and brings them back after a
// restore.
template <class T>
class OrderedExtreme final : public Aggregate {
 public:
  using Value = typename Kept<T>::Value;
  using Values = std::set<Value, typename Kept<T>::Less>;

  OrderedExtreme(bool is_max, Type type)
      : is_max_(is_max), type_(std::move(type)), tracker_(column::MemoryScope::current()) {}
  ~OrderedExtreme() override { charge(-charged_bytes_); }

  int width() const override { return 0; }
  bool needs_distinct_values() const override { return true; }

  void accumulate(KeyedTable&, const AggregateRows& rows, const Column* argument) override {
    for (size_t i = 0; i < rows.rows.size(); ++i) step(rows, i, argument);
  }

  void update(KeyedTable&, const AggregateRows& rows, const Column* argument, RowResults* results) override {
    ColumnBuilder builder(type_, rows.rows.size() * 2);
    for (size_t i = 0; i < rows.rows.size(); ++i) {
      const Value* before = extreme(rows.entries[i]);
      const std::optional<Value> kept = before ? std::optional<Value>(*before) : std::nullopt;
      append(kept ? &*kept : nullptr, &builder);
      step(rows, i, argument);
      const Value* after = extreme(rows.entries[i]);
      append(after, &builder);
      if (kept.has_value() != (after != nullptr) || (after != nullptr && *kept != *after)) results->changed[i] = 1;
    }
    results->column = builder.finish();
  }

  void merge(KeyedTable&, std::span<const EntryId>, KeyedTable&, const EntryId*) override {
    CHECK(false);   // windows take no retractions
  }

  Column results(KeyedTable&, std::span<const EntryId> entries) override {
    ColumnBuilder builder(type_, entries.size());
    for (const EntryId entry : entries) append(extreme(entry), &builder);
    return builder.finish();
  }

 private:
  void charge(int64_t bytes) {
    charged_bytes_ += bytes;
    if (tracker_ != nullptr) tracker_->charge(bytes);
  }

  static void append(const Value* value, ColumnBuilder* builder) {
    if (value != nullptr) Kept<T>::append(*value, builder);
    else builder->append_null();
  }

  const Value* extreme(EntryId entry) const {
    const auto it = groups_.find(entry);
    if (it == groups_.end()) return nullptr;
    return is_max_ ? &*it->second.rbegin() : &*it->second.begin();
  }

  void step(const AggregateRows& rows, size_t i, const Column* argument) {
    const EntryId entry = rows.entries[i];
    if (rows.first != nullptr && rows.first[i] != 0) forget(entry);
    const int8_t op = rows.ops == nullptr ? int8_t{1} : rows.ops[i];
    if (op == 0) return;
    const Value value = Kept<T>::of(*argument, rows.rows[i]);
    if (op > 0) {
      if (groups_[entry].insert(value).second) charge(kValueBytes);
      return;
    }
    const auto group = groups_.find(entry);
    if (group == groups_.end() || group->second.erase(value) == 0) return;
    charge(-kValueBytes);
    if (group->second.empty()) groups_.erase(group);   // no set is empty
  }

  void forget(EntryId entry) {
    const auto group = groups_.find(entry);
    if (group == groups_.end()) return;
    charge(-kValueBytes * static_cast<int64_t>(group->second.size()));
    groups_.erase(group);
  }

  bool is_max_;
  Type type_;
  column::MemoryTracker* tracker_;
  int64_t charged_bytes_ = 0;
  std::unordered_map<EntryId, Values> groups_;
};

template <class T>
std::unique_ptr<Aggregate> ordered(bool is_max, const Type& type) {
  return std::make_unique<OrderedExtreme<T>>(is_max, type);
}

}  // namespace

std::unique_ptr<Aggregate> make_ordered_extreme(bool is_max, const Type& type) {
  switch (type.storage()) {
    case column::Storage::kInt8: return ordered<int8_t>(is_max, type);
    case column::Storage::kInt16: return ordered<int16_t>(is_max, type);
    case column::Storage::kInt32: return ordered<int32_t>(is_max, type);
    case column::Storage::kInt64: return ordered<int64_t>(is_max, type);
    case column::Storage::kInt128: return ordered<__int128>(is_max, type);
    case column::Storage::kFloat: return ordered<float>(is_max, type);
    case column::Storage::kDouble: return ordered<double>(is_max, type);
    case column::Storage::kString: return ordered<StringRef>(is_max, type);
    case column::Storage::kNone:
    case column::Storage::kList:
    case column::Storage::kRow: return nullptr;
  }
  return nullptr;
}

}  // namespace raudal::operators
