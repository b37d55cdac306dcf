// Builds a column value by value: decoders, VALUES and state scans use it. Kernels write buffers directly.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "column/batch.h"

namespace raudal::column {

class ColumnBuilder {
 public:
  explicit ColumnBuilder(Type type, size_t reserve_rows = kBatchRowsMax);

  const Type& type() const { return type_; }
  size_t size() const { return size_; }

  void append_null();
  // T must be the storage type: int8_t … int64_t, __int128, float, double; uint8_t for BOOLEAN.
  template <class T> void append(T value);
  void append_string(std::string_view bytes);      // copied into the column's heap
  // Lists: append the elements to child(0) (and child(1) for MAP), then close the row.
  // Rows: append one value to each child, then close the row.
  ColumnBuilder& child(size_t index) { return children_[index]; }
  void close_row();
  // Drops the last row again: a record that turned out not to decode. Works for nested columns too.
  void pop_row();
  // Copies one value of another column of the same type.
  void append_from(const Column& column, size_t row);

  // The column; the builder is empty again.
  Column finish();

 private:
  void grow(size_t rows);
  void mark(bool valid);

  Type type_;
  size_t size_ = 0;
  size_t capacity_ = 0;
  BufferPtr values_;
  BufferPtr validity_;
  std::vector<int32_t> offsets_;
  std::vector<ColumnBuilder> children_;
  std::vector<std::shared_ptr<const void>> heaps_;
  BufferPtr heap_;
  size_t heap_used_ = 0;
};

}  // namespace raudal::column
