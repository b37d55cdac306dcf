// The little of DNS that the room's resolver speaks itself (RFC 1035): it reads the question of a query, and writes
// answers with an address, with nothing, or with an error. Whatever else there is passes through unread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace raudal::sandbox {

inline constexpr uint16_t kDnsTypeA = 1;
inline constexpr int kDnsServerFailure = 2;
inline constexpr int kDnsNoSuchName = 3;

struct DnsQuestion {
  std::string name;  // "kinesis.us-east-1.amazonaws.com", as asked
  uint16_t type = 0;
  size_t end_bytes = 0;  // where the question ends in the query
};

// kDecode unless the bytes are a query with one question.
Result<DnsQuestion> parse_dns_query(std::string_view query);

// For a query of type A: the address, "127.0.0.2". For every other type: no record, and no error.
std::string dns_address_answer(std::string_view query, const DnsQuestion& question, const std::string& address);

// The query's own question with a response code.
std::string dns_failure(std::string_view query, const DnsQuestion& question, int code);

}  // namespace raudal::sandbox
