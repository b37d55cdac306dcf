#include "neighbours/kinesis/shard_iterator.h"

#include <cstring>

#include "codec/base64.h"
#include "codec/digest.h"

namespace raudal::neighbours::kinesis {
namespace {

constexpr std::string_view kIteratorMark("\0\0\0\0\0\0\0\1", 8);  // AWS's begin with AAAAAAAAAA too
constexpr std::string_view kTokenMark("\0\0\0\0\0\0\0\2", 8);
constexpr size_t kSealBytes = 16;

template <class T>
void put(std::string& out, T value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof(value));
}

template <class T>
T take(std::string_view& bytes) {
  T value;
  std::memcpy(&value, bytes.data(), sizeof(value));
  bytes.remove_prefix(sizeof(value));
  return value;
}

std::string seal_of(std::string_view bytes, std::string_view key) {
  return codec::hmac_sha256(key, bytes).substr(0, kSealBytes);
}

std::string seal(std::string bytes, std::string_view key) {
  bytes += seal_of(bytes, key);
  return codec::base64_encode(bytes);
}

// The bytes behind the mark.
std::optional<std::string> unseal(std::string_view text, std::string_view mark, std::string_view key) {
  const auto bytes = codec::base64_decode(text);
  if (!bytes.ok() || bytes->size() < mark.size() + kSealBytes || !bytes->starts_with(mark)) return std::nullopt;
  const std::string_view sealed(*bytes);
  const std::string_view body = sealed.substr(0, sealed.size() - kSealBytes);
  if (!codec::equal_constant_time(seal_of(body, key), sealed.substr(body.size()))) return std::nullopt;
  return std::string(body.substr(mark.size()));
}

}  // namespace

std::string seal_iterator(const ShardIterator& iterator, std::string_view key) {
  std::string bytes(kIteratorMark);
  put(bytes, iterator.stream);
  put(bytes, iterator.shard);
  put(bytes, iterator.cursor.sequence);
  put(bytes, iterator.cursor.offset);
  put(bytes, iterator.issued_ms);
  return seal(std::move(bytes), key);
}

std::optional<ShardIterator> open_iterator(std::string_view text, std::string_view key) {
  const auto body = unseal(text, kIteratorMark, key);
  if (!body || body->size() != 36) return std::nullopt;
  std::string_view rest(*body);
  ShardIterator iterator;
  iterator.stream = take<uint64_t>(rest);
  iterator.shard = take<uint32_t>(rest);
  iterator.cursor.sequence = take<uint64_t>(rest);
  iterator.cursor.offset = take<uint64_t>(rest);
  iterator.issued_ms = take<int64_t>(rest);
  return iterator;
}

std::string seal_token(std::string_view text, int64_t issued_ms, std::string_view key) {
  std::string bytes(kTokenMark);
  put(bytes, issued_ms);
  bytes += text;
  return seal(std::move(bytes), key);
}

std::optional<Token> open_token(std::string_view sealed, std::string_view key) {
  const auto body = unseal(sealed, kTokenMark, key);
  if (!body || body->size() < sizeof(int64_t)) return std::nullopt;
  std::string_view rest(*body);
  Token token{.issued_ms = take<int64_t>(rest)};
  token.text = rest;
  return token;
}

}  // namespace raudal::neighbours::kinesis
