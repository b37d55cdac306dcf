// Builds a column value by value: decoders, VALUES and state scans use it. Kernels write buffers directly.
#pragma once

#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "column/batch.h"

namespace raudal::column {

class ColumnBuilder {
 public:
  explicit ColumnBuilder(Type type, size_t reserve_rows = kBatchRowsMax);

  const Type& type() const { return type_; }
  size_t size() const { return size_; }

  void append_null();
  // T must be the storage type: int8_t … int64_t, __int128, float, double; uint8_t for BOOLEAN.
  template <class T>
  void append(T value) {
    DCHECK(sizeof(T) == static_cast<size_t>(type_.width()));
    if (size_ == capacity_) [[unlikely]]
      grow();
    values_->as<T>()[size_] = value;
    if (validity_) validity_->as<uint8_t>()[size_] = 1;
    ++size_;
  }
  void append_string(std::string_view bytes) {  // copied into the column's heap
    append(bytes.size() <= StringRef::kInlineMax ? StringRef(bytes) : copy_to_heap(bytes));
  }
  // For strings whose bytes someone else holds: append_ref() copies nothing, keep() makes the column hold the bytes.
  void append_ref(StringRef ref) { append(ref); }
  void keep(std::shared_ptr<const void> heap) { heaps_.push_back(std::move(heap)); }
  // Lists: append the elements to child(0) (and child(1) for MAP), then close the row.
  // Rows: append one value to each child, then close the row.
  ColumnBuilder& child(size_t index) { return children_[index]; }
  void close_row();
  // Drops the last row again: a record that turned out not to decode. Works for nested columns too.
  void pop_row() { truncate(size_ - 1); }
  // Drops the rows from num_rows on, and what was appended to children for a row that was never closed.
  void truncate(size_t num_rows);
  // Copies one value of another column of the same type.
  void append_from(const Column& column, size_t row);

  // The column; the builder is empty again.
  Column finish();

 private:
  void grow();
  StringRef copy_to_heap(std::string_view bytes);

  Type type_;
  size_t reserve_rows_;
  size_t size_ = 0;
  size_t capacity_ = 0;
  BufferPtr values_;
  BufferPtr validity_;
  std::vector<int32_t> offsets_;
  std::vector<ColumnBuilder> children_;
  std::vector<std::shared_ptr<const void>> heaps_;
  BufferPtr heap_;  // the last of heaps_, being filled
  size_t heap_used_ = 0;
};

}  // namespace raudal::column
