#include "column/batch.h"

#include "base/check.h"

namespace raudal::column {
namespace {

template <class T, class Index>
void gather_values(const T* __restrict from, const Index* __restrict rows, size_t num_rows, T* __restrict to) {
  for (size_t i = 0; i < num_rows; ++i) to[i] = from[rows[i]];
}

template <class Index>
BufferPtr gather_bytes(const Buffer& from, int width, const Index* rows, size_t num_rows) {
  BufferPtr to = Buffer::allocate(num_rows * static_cast<size_t>(width));
  switch (width) {
    case 1: gather_values(from.as<uint8_t>(), rows, num_rows, to->as<uint8_t>()); break;
    case 2: gather_values(from.as<uint16_t>(), rows, num_rows, to->as<uint16_t>()); break;
    case 4: gather_values(from.as<uint32_t>(), rows, num_rows, to->as<uint32_t>()); break;
    case 8: gather_values(from.as<uint64_t>(), rows, num_rows, to->as<uint64_t>()); break;
    default: gather_values(from.as<__int128>(), rows, num_rows, to->as<__int128>()); break;
  }
  return to;
}

// Copies the long strings of a gathered column into one heap of its own, so that the old heaps can go.
void copy_strings(Column* column) {
  StringRef* refs = column->values->as<StringRef>();
  size_t bytes = 0;
  for (size_t i = 0; i < column->size; ++i) {
    if (!refs[i].inlined() && column->is_valid(i)) bytes += refs[i].size;
  }
  column->heaps.clear();
  if (bytes == 0) return;
  BufferPtr heap = Buffer::allocate(bytes);
  char* out = heap->as<char>();
  for (size_t i = 0; i < column->size; ++i) {
    if (refs[i].inlined()) continue;
    if (!column->is_valid(i)) {
      refs[i] = StringRef();
      continue;
    }
    std::memcpy(out, refs[i].pointer, refs[i].size);
    refs[i].pointer = out;
    out += refs[i].size;
  }
  column->heaps.push_back(heap);
}

template <class Index>
Column gather_rows(const Column& column, const Index* rows, size_t num_rows);

template <class Index>
void gather_lists(const Column& column, const Index* rows, size_t num_rows, Column* result) {
  const int32_t* offsets = column.offsets->as<int32_t>();
  result->offsets = Buffer::allocate((num_rows + 1) * sizeof(int32_t));
  int32_t* out = result->offsets->as<int32_t>();
  out[0] = 0;
  for (size_t i = 0; i < num_rows; ++i) out[i + 1] = out[i] + offsets[rows[i] + 1] - offsets[rows[i]];
  std::vector<uint32_t> elements;
  elements.reserve(static_cast<size_t>(out[num_rows]));
  for (size_t i = 0; i < num_rows; ++i) {
    for (int32_t e = offsets[rows[i]]; e < offsets[rows[i] + 1]; ++e) elements.push_back(static_cast<uint32_t>(e));
  }
  for (const Column& child : column.children) {
    result->children.push_back(gather_rows(child, elements.data(), elements.size()));
  }
}

template <class Index>
Column gather_rows(const Column& column, const Index* rows, size_t num_rows) {
  Column result;
  result.type = column.type;
  result.size = num_rows;
  if (column.validity) result.validity = gather_bytes(*column.validity, 1, rows, num_rows);
  switch (column.type.storage()) {
    case Storage::kNone: break;
    case Storage::kList: gather_lists(column, rows, num_rows, &result); break;
    case Storage::kRow:
      for (const Column& child : column.children) result.children.push_back(gather_rows(child, rows, num_rows));
      break;
    case Storage::kString:
      result.values = gather_bytes(*column.values, 16, rows, num_rows);
      result.heaps = column.heaps;
      if (!result.heaps.empty() && num_rows * 4 < column.size) copy_strings(&result);
      break;
    default: result.values = gather_bytes(*column.values, column.type.width(), rows, num_rows);
  }
  return result;
}

BufferPtr slice_buffer(const BufferPtr& buffer, size_t width, size_t begin, size_t count) {
  if (!buffer) return nullptr;
  BufferPtr result = Buffer::allocate(count * width);
  std::memcpy(result->as<char>(), buffer->as<char>() + begin * width, count * width);
  return result;
}

Column slice_column(const Column& column, size_t begin, size_t count) {
  Column result;
  result.type = column.type;
  result.size = count;
  result.heaps = column.heaps;
  result.validity = slice_buffer(column.validity, 1, begin, count);
  result.values = slice_buffer(column.values, static_cast<size_t>(column.type.width()), begin, count);
  if (column.offsets) {
    const int32_t* offsets = column.offsets->as<int32_t>();
    const int32_t first = offsets[begin];
    const int32_t last = offsets[begin + count];
    result.offsets = Buffer::allocate((count + 1) * sizeof(int32_t));
    for (size_t i = 0; i <= count; ++i) result.offsets->as<int32_t>()[i] = offsets[begin + i] - first;
    for (const Column& child : column.children) {
      result.children.push_back(slice_column(child, static_cast<size_t>(first), static_cast<size_t>(last - first)));
    }
  } else {
    for (const Column& child : column.children) result.children.push_back(slice_column(child, begin, count));
  }
  return result;
}

BufferPtr join_buffers(const BufferPtr& a, size_t a_bytes, const BufferPtr& b, size_t b_bytes, uint8_t fill) {
  if (!a && !b) return nullptr;
  BufferPtr result = Buffer::allocate(a_bytes + b_bytes);
  uint8_t* out = result->as<uint8_t>();
  if (a)
    std::memcpy(out, a->as<uint8_t>(), a_bytes);
  else
    std::memset(out, fill, a_bytes);
  if (b)
    std::memcpy(out + a_bytes, b->as<uint8_t>(), b_bytes);
  else
    std::memset(out + a_bytes, fill, b_bytes);
  return result;
}

Column join_columns(const Column& a, const Column& b) {
  CHECK(a.type.storage() == b.type.storage() && a.children.size() == b.children.size());  // CHAR joins VARCHAR
  const size_t width = static_cast<size_t>(a.type.width());
  Column result;
  result.type = a.type;
  result.size = a.size + b.size;
  result.heaps = a.heaps;
  result.heaps.insert(result.heaps.end(), b.heaps.begin(), b.heaps.end());
  result.validity = join_buffers(a.validity, a.size, b.validity, b.size, 1);
  result.values = join_buffers(a.values, a.size * width, b.values, b.size * width, 0);
  if (a.offsets) {
    const int32_t* from = b.offsets->as<int32_t>();
    const int32_t shift = a.offsets->as<int32_t>()[a.size];
    result.offsets = Buffer::allocate((result.size + 1) * sizeof(int32_t));
    int32_t* to = result.offsets->as<int32_t>();
    std::memcpy(to, a.offsets->as<int32_t>(), (a.size + 1) * sizeof(int32_t));
    for (size_t i = 1; i <= b.size; ++i) to[a.size + i] = from[i] + shift;
  }
  for (size_t i = 0; i < a.children.size(); ++i) {
    result.children.push_back(join_columns(a.children[i], b.children[i]));
  }
  return result;
}

size_t column_bytes(const Column& column) {
  size_t bytes = 0;
  if (column.values) bytes += column.values->size_bytes();
  if (column.validity) bytes += column.validity->size_bytes();
  if (column.offsets) bytes += column.offsets->size_bytes();
  for (const Column& child : column.children) bytes += column_bytes(child);
  if (!column.heaps.empty()) {
    const StringRef* refs = column.data<StringRef>();
    for (size_t i = 0; i < column.size; ++i) bytes += refs[i].inlined() ? 0 : refs[i].size;
  }
  return bytes;
}

}  // namespace

Column gather(const Column& column, const uint16_t* rows, size_t num_rows) {
  return gather_rows(column, rows, num_rows);
}

Batch flatten(const Batch& batch) {
  if (!batch.selection.rows) return batch;
  const uint16_t* rows = batch.selection.rows->as<uint16_t>();
  const size_t num_rows = batch.selection.size;
  Batch result;
  result.num_rows = num_rows;
  result.columns.reserve(batch.columns.size());
  for (const Column& column : batch.columns) result.columns.push_back(gather_rows(column, rows, num_rows));
  if (batch.change_kinds) result.change_kinds = gather_bytes(*batch.change_kinds, 1, rows, num_rows);
  if (batch.hashes) result.hashes = gather_bytes(*batch.hashes, 8, rows, num_rows);
  if (batch.row_watermarks) result.row_watermarks = gather_bytes(*batch.row_watermarks, 8, rows, num_rows);
  return result;
}

Batch slice(const Batch& batch, size_t begin, size_t count) {
  CHECK(!batch.selection.rows && begin + count <= batch.num_rows);
  if (begin == 0 && count == batch.num_rows) return batch;
  Batch result;
  result.num_rows = count;
  for (const Column& column : batch.columns) result.columns.push_back(slice_column(column, begin, count));
  result.change_kinds = slice_buffer(batch.change_kinds, 1, begin, count);
  result.hashes = slice_buffer(batch.hashes, 8, begin, count);
  result.row_watermarks = slice_buffer(batch.row_watermarks, 8, begin, count);
  return result;
}

Batch concatenate(const Batch& first, const Batch& second) {
  if (first.selection.rows || second.selection.rows) return concatenate(flatten(first), flatten(second));
  CHECK(first.columns.size() == second.columns.size());
  Batch result;
  result.num_rows = first.num_rows + second.num_rows;
  for (size_t i = 0; i < first.columns.size(); ++i) {
    result.columns.push_back(join_columns(first.columns[i], second.columns[i]));
  }
  result.change_kinds = join_buffers(first.change_kinds, first.num_rows, second.change_kinds, second.num_rows, 0);
  // Hashes and watermarks of rows must be there for all rows or for none.
  if (first.hashes && second.hashes) {
    result.hashes = join_buffers(first.hashes, first.num_rows * 8, second.hashes, second.num_rows * 8, 0);
  }
  if (first.row_watermarks && second.row_watermarks) {
    result.row_watermarks =
        join_buffers(first.row_watermarks, first.num_rows * 8, second.row_watermarks, second.num_rows * 8, 0);
  }
  return result;
}

size_t memory_bytes(const Batch& batch) {
  size_t bytes = 0;
  for (const Column& column : batch.columns) bytes += column_bytes(column);
  for (const BufferPtr& buffer : {batch.selection.rows, batch.change_kinds, batch.hashes, batch.row_watermarks}) {
    if (buffer) bytes += buffer->size_bytes();
  }
  return bytes;
}

}  // namespace raudal::column
