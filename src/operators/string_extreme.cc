#include <string>

#include "column/builder.h"
#include "operators/aggregate.h"

namespace raudal::operators {
namespace {

using column::Column;
using column::ColumnBuilder;
using column::Type;
using state::EntryId;
using state::KeyedTable;

// MIN or MAX of strings, by their bytes. The value says whether there is one, the string itself is the entry's.
class StringExtreme final : public Aggregate {
 public:
  StringExtreme(bool is_max, Type type) : is_max_(is_max), type_(std::move(type)) {}
  int width() const override { return sizeof(int64_t); }
  int num_strings() const override { return 1; }

  void accumulate(KeyedTable& table, const AggregateRows& rows, const Column* argument) override {
    for (size_t i = 0; i < rows.rows.size(); ++i) step(table, rows, i, argument);
  }

  void update(KeyedTable& table, const AggregateRows& rows, const Column* argument, RowResults* results) override {
    ColumnBuilder builder(type_, rows.rows.size() * 2);
    for (size_t i = 0; i < rows.rows.size(); ++i) {
      append_result(table, rows.entries[i], &builder);
      if (step(table, rows, i, argument)) results->changed[i] = 1;
      append_result(table, rows.entries[i], &builder);
    }
    results->column = builder.finish();
  }

  void merge(KeyedTable& into_table, std::span<const EntryId> into, KeyedTable& from_table,
             const EntryId* from) override {
    for (size_t i = 0; i < into.size(); ++i) {
      if (present(from_table, from[i]) != 0) add(into_table, into[i], from_table.bytes(from[i], string_slot_));
    }
  }

  Column results(KeyedTable& table, std::span<const EntryId> entries) override {
    ColumnBuilder builder(type_, entries.size());
    for (const EntryId entry : entries) append_result(table, entry, &builder);
    return builder.finish();
  }

 private:
  int64_t& present(KeyedTable& table, EntryId entry) const {
    return *reinterpret_cast<int64_t*>(table.value(entry) + value_offset_);
  }

  void append_result(KeyedTable& table, EntryId entry, ColumnBuilder* builder) const {
    if (present(table, entry) != 0) builder->append_string(table.bytes(entry, string_slot_));
    else builder->append_null();
  }

  bool step(KeyedTable& table, const AggregateRows& rows, size_t i, const Column* argument) {
    const EntryId entry = rows.entries[i];
    if (rows.first != nullptr && rows.first[i] != 0) present(table, entry) = 0;
    if (rows.ops != nullptr && rows.ops[i] == 0) return false;
    return add(table, entry, argument->string(rows.rows[i]));
  }

  // Whether the result has become another.
  bool add(KeyedTable& table, EntryId entry, std::string_view value) {
    int64_t& is_present = present(table, entry);
    if (is_present != 0) {
      const int order = value.compare(table.bytes(entry, string_slot_));
      if (is_max_ ? order <= 0 : order >= 0) return false;
    }
    is_present = 1;
    table.set_bytes(entry, string_slot_, value);
    return true;
  }

  bool is_max_;
  Type type_;
};

}  // namespace

std::unique_ptr<Aggregate> make_string_extreme(bool is_max, const Type& type) {
  return std::make_unique<StringExtreme>(is_max, type);
}

}  // namespace raudal::operators
