#include "column/builder.h"

#include <algorithm>

namespace raudal::column {
namespace {

constexpr size_t kFirstHeapBytes = 4096;
constexpr size_t kLargestHeapBytes = size_t{256} << 10;

// A buffer of to_bytes that begins with the first `bytes` of another.
BufferPtr copy_buffer(const BufferPtr& from, size_t bytes, size_t to_bytes) {
  BufferPtr to = Buffer::allocate(to_bytes);
  if (from && bytes > 0) std::memcpy(to->as<char>(), from->as<char>(), bytes);
  return to;
}

}  // namespace

ColumnBuilder::ColumnBuilder(Type type, size_t reserve_rows) : type_(std::move(type)), reserve_rows_(reserve_rows) {
  for (const Field& field : type_.fields()) children_.emplace_back(field.type, reserve_rows);
}

void ColumnBuilder::grow() {
  const size_t width = static_cast<size_t>(type_.width());
  const size_t capacity = capacity_ == 0 ? std::max<size_t>(reserve_rows_, 16) : capacity_ * 2;
  if (width > 0) values_ = copy_buffer(values_, size_ * width, capacity * width);
  if (validity_) validity_ = copy_buffer(validity_, size_, capacity);
  capacity_ = capacity;
}

void ColumnBuilder::append_null() {
  if (size_ == capacity_) grow();
  if (!validity_) {
    validity_ = Buffer::allocate(capacity_);
    std::memset(validity_->as<uint8_t>(), 1, size_);
  }
  validity_->as<uint8_t>()[size_] = 0;
  if (values_) {
    const size_t width = static_cast<size_t>(type_.width());
    std::memset(values_->as<char>() + size_ * width, 0, width);
  }
  if (type_.storage() == Storage::kRow) {
    for (ColumnBuilder& child : children_) child.append_null();
  }
  ++size_;
  if (type_.storage() == Storage::kList) offsets_.push_back(static_cast<int32_t>(children_[0].size()));
}

void ColumnBuilder::close_row() {
  if (size_ == capacity_) grow();
  if (validity_) validity_->as<uint8_t>()[size_] = 1;
  ++size_;
  if (type_.storage() == Storage::kList) offsets_.push_back(static_cast<int32_t>(children_[0].size()));
  for (const ColumnBuilder& child : children_) {
    DCHECK(child.size() == (type_.storage() == Storage::kList ? children_[0].size() : size_));
    (void)child;
  }
}

void ColumnBuilder::truncate(size_t num_rows) {
  CHECK(num_rows <= size_);
  size_ = num_rows;
  size_t child_rows = num_rows;
  if (type_.storage() == Storage::kList) {
    offsets_.resize(num_rows);
    child_rows = num_rows == 0 ? 0 : static_cast<size_t>(offsets_.back());
  }
  for (ColumnBuilder& child : children_) {
    if (child.size() >= child_rows) child.truncate(child_rows);
  }
}

StringRef ColumnBuilder::copy_to_heap(std::string_view bytes) {
  if (!heap_ || heap_used_ + bytes.size() > heap_->size_bytes()) {
    const size_t next = heap_ ? std::min(heap_->size_bytes() * 2, kLargestHeapBytes) : kFirstHeapBytes;
    heap_ = Buffer::allocate(std::max(next, bytes.size()));
    heap_used_ = 0;
    heaps_.push_back(heap_);
  }
  char* to = heap_->as<char>() + heap_used_;
  std::memcpy(to, bytes.data(), bytes.size());
  heap_used_ += bytes.size();
  return StringRef(std::string_view(to, bytes.size()));
}

void ColumnBuilder::append_from(const Column& column, size_t row) {
  if (!column.is_valid(row)) return append_null();
  switch (type_.storage()) {
    case Storage::kNone: return append_null();
    case Storage::kInt8: return append(column.data<uint8_t>()[row]);
    case Storage::kInt16: return append(column.data<int16_t>()[row]);
    case Storage::kInt32: return append(column.data<int32_t>()[row]);
    case Storage::kInt64: return append(column.data<int64_t>()[row]);
    case Storage::kInt128: return append(column.data<__int128>()[row]);
    case Storage::kFloat: return append(column.data<float>()[row]);
    case Storage::kDouble: return append(column.data<double>()[row]);
    case Storage::kString: return append_string(column.string(row));
    case Storage::kRow:
      for (size_t i = 0; i < children_.size(); ++i) children_[i].append_from(column.children[i], row);
      return close_row();
    case Storage::kList: {
      const int32_t* offsets = column.offsets->as<int32_t>();
      for (int32_t element = offsets[row]; element < offsets[row + 1]; ++element) {
        for (size_t i = 0; i < children_.size(); ++i) {
          children_[i].append_from(column.children[i], static_cast<size_t>(element));
        }
      }
      return close_row();
    }
  }
}

Column ColumnBuilder::finish() {
  Column column;
  column.type = type_;
  column.size = size_;
  const size_t width = static_cast<size_t>(type_.width());
  const bool shrink = size_ <= capacity_ / 2;  // a small batch must not hold the memory of a full one
  if (width > 0) { column.values = shrink ? copy_buffer(values_, size_ * width, size_ * width) : std::move(values_); }
  if (validity_) column.validity = shrink ? copy_buffer(validity_, size_, size_) : std::move(validity_);
  if (type_.storage() == Storage::kList) {
    column.offsets = Buffer::allocate((size_ + 1) * sizeof(int32_t));
    column.offsets->as<int32_t>()[0] = 0;
    if (size_ > 0) std::memcpy(column.offsets->as<int32_t>() + 1, offsets_.data(), size_ * sizeof(int32_t));
  }
  for (ColumnBuilder& child : children_) column.children.push_back(child.finish());
  column.heaps = std::move(heaps_);
  values_ = nullptr;
  validity_ = nullptr;
  heap_ = nullptr;
  heaps_.clear();
  offsets_.clear();
  heap_used_ = 0;
  size_ = 0;
  capacity_ = 0;
  return column;
}

}  // namespace raudal::column
