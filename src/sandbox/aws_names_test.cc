#include "sandbox/aws_names.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace raudal::sandbox {
namespace {

TEST(AwsNames, service_is_found_in_every_form_of_a_name) {
  EXPECT_EQ(aws_service_of("kinesis.us-east-1.amazonaws.com"), "kinesis");
  EXPECT_EQ(aws_service_of("Kinesis-FIPS.us-gov-west-1.amazonaws.com."), "kinesis");
  EXPECT_EQ(aws_service_of("111122223333.data-kinesis.us-east-1.amazonaws.com"), "kinesis");
  for (const char* host :
       {"s3.amazonaws.com", "s3.us-east-1.amazonaws.com", "b.s3.amazonaws.com", "b.s3.us-east-1.amazonaws.com",
        "b.with.dots.s3.us-east-1.amazonaws.com", "s3.dualstack.us-east-1.amazonaws.com",
        "b.s3.dualstack.us-east-1.amazonaws.com", "s3-us-west-2.amazonaws.com", "b.s3-us-west-2.amazonaws.com",
        "s3.cn-north-1.amazonaws.com.cn"}) {
    EXPECT_EQ(aws_service_of(host), "s3") << host;
  }
  EXPECT_EQ(aws_service_of("sts.amazonaws.com"), "sts");
  EXPECT_EQ(aws_service_of("search-x.us-east-1.es.amazonaws.com"), "es");
}

TEST(AwsNames, other_names_belong_to_no_service) {
  for (const char* host :
       {"amazonaws.com", ".amazonaws.com", "example.com", "amazonaws.com.example.com", "xamazonaws.com", "", "."}) {
    EXPECT_EQ(aws_service_of(host), "") << host;
    EXPECT_FALSE(is_redirected(host, {})) << host;
  }
}

TEST(AwsNames, direct_services_and_machines_of_customers_keep_their_address) {
  EXPECT_TRUE(is_redirected("kinesis.us-east-1.amazonaws.com", {}));
  EXPECT_TRUE(is_redirected("kinesis.us-east-1.amazonaws.com", {"s3"}));
  EXPECT_FALSE(is_redirected("kinesis.us-east-1.amazonaws.com", {"s3", "kinesis"}));
  EXPECT_FALSE(is_redirected("b.s3.us-east-1.amazonaws.com", {"*"}));
  EXPECT_TRUE(is_redirected("kafka.us-east-1.amazonaws.com", {}));
  EXPECT_FALSE(is_redirected("b-1.demo.abc123.c2.kafka.us-east-1.amazonaws.com", {}));
  EXPECT_FALSE(is_redirected("db.abc123.us-east-1.rds.amazonaws.com", {}));
  EXPECT_FALSE(is_redirected("ec2-198-51-100-1.compute-1.amazonaws.com", {}));
}

TEST(AwsNames, hosts_file_gets_what_is_redirected) {
  const auto all = plain_aws_hosts("eu-west-1", {});
  EXPECT_NE(std::ranges::find(all, "kinesis.eu-west-1.amazonaws.com"), all.end());
  EXPECT_NE(std::ranges::find(all, "s3.amazonaws.com"), all.end());
  for (const std::string& host : plain_aws_hosts("eu-west-1", {"s3"})) EXPECT_NE(aws_service_of(host), "s3") << host;
}

}  // namespace
}  // namespace raudal::sandbox
