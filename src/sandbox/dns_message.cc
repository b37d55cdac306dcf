#include "sandbox/dns_message.h"

#include <arpa/inet.h>

namespace raudal::sandbox {
namespace {

//   0        2        4          6          8          10         12
//   | id     | flags  | questions| answers  | authority| further  | question: labels, type, class | records
constexpr size_t kHeaderBytes = 12;
constexpr size_t kNameBytesMax = 255;
constexpr uint32_t kAnswerSeconds = 30;

uint16_t word_at(std::string_view bytes, size_t at) {
  return static_cast<uint16_t>(static_cast<unsigned char>(bytes[at]) << 8 | static_cast<unsigned char>(bytes[at + 1]));
}

void put_word(std::string& bytes, size_t at, uint16_t value) {
  bytes[at] = static_cast<char>(value >> 8);
  bytes[at + 1] = static_cast<char>(value & 0xff);
}

std::string answer(std::string_view query, const DnsQuestion& question, int code, uint16_t num_answers) {
  std::string bytes(query.substr(0, question.end_bytes));
  const uint16_t wants_recursion = word_at(query, 2) & 0x0100;
  put_word(bytes, 2, static_cast<uint16_t>(0x8080 | wants_recursion | code));
  put_word(bytes, 6, num_answers);
  put_word(bytes, 8, 0);
  put_word(bytes, 10, 0);
  return bytes;
}

}  // namespace

Result<DnsQuestion> parse_dns_query(std::string_view query) {
  const Error broken(ErrorCode::kDecode, "Not a DNS query with one question");
  if (query.size() < kHeaderBytes || (word_at(query, 2) & 0xf800) != 0 || word_at(query, 4) != 1) return broken;
  DnsQuestion question;
  size_t at = kHeaderBytes;
  for (;;) {
    if (at >= query.size()) return broken;
    const size_t length = static_cast<unsigned char>(query[at++]);
    if (length == 0) break;
    if (length > 63 || query.size() - at < length || question.name.size() > kNameBytesMax) return broken;
    if (!question.name.empty()) question.name += '.';
    question.name += query.substr(at, length);
    at += length;
  }
  if (query.size() - at < 4) return broken;
  question.type = word_at(query, at);
  question.end_bytes = at + 4;
  return question;
}

std::string dns_address_answer(std::string_view query, const DnsQuestion& question, const std::string& address) {
  in_addr raw{};
  const bool has_address = question.type == kDnsTypeA && ::inet_pton(AF_INET, address.c_str(), &raw) == 1;
  std::string bytes = answer(query, question, 0, has_address ? 1 : 0);
  if (!has_address) return bytes;
  // A pointer to the question's name, type A, class IN, time to live, length, address.
  const size_t at = bytes.size();
  bytes.resize(at + 12, '\0');
  put_word(bytes, at, 0xc000 | kHeaderBytes);
  put_word(bytes, at + 2, kDnsTypeA);
  put_word(bytes, at + 4, 1);
  put_word(bytes, at + 8, kAnswerSeconds);
  put_word(bytes, at + 10, sizeof raw);
  bytes.append(reinterpret_cast<const char*>(&raw), sizeof raw);
  return bytes;
}

std::string dns_failure(std::string_view query, const DnsQuestion& question, int code) {
  return answer(query, question, code, 0);
}

}  // namespace raudal::sandbox
