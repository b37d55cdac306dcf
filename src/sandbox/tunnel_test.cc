#include "sandbox/tunnel.h"

#include <gtest/gtest.h>

namespace raudal::sandbox {
namespace {

TEST(Tunnel, request_names_a_host_and_a_port) {
  const auto wanted = parse_connect("CONNECT kinesis.us-east-1.amazonaws.com:443 HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(wanted.has_value());
  EXPECT_EQ(wanted->host, "kinesis.us-east-1.amazonaws.com");
  EXPECT_EQ(wanted->port, 443);
}

TEST(Tunnel, other_requests_are_refused) {
  for (const char* head :
       {"GET http://x/ HTTP/1.1\r\n\r\n", "CONNECT x HTTP/1.1\r\n\r\n", "CONNECT :443 HTTP/1.1\r\n\r\n",
        "CONNECT x:0 HTTP/1.1\r\n\r\n", "CONNECT x:99999 HTTP/1.1\r\n\r\n", "CONNECT x:4a HTTP/1.1\r\n\r\n",
        "CONNECT x:443\r\nA: b HTTP/1.1\r\n\r\n", "\r\n\r\n"}) {
    EXPECT_FALSE(parse_connect(head).has_value()) << head;
  }
}

}  // namespace
}  // namespace raudal::sandbox
