#include "sandbox/trust_store.h"

#include <unistd.h>

#include <cstdlib>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace raudal::sandbox {
namespace {

constexpr char kCa[] = R"(-----BEGIN CERTIFICATE-----
MIIBkDCCATWgAwIBAgIUStqfneE6NqSE/iQot6UVkBLlHhswCgYIKoZIzj0EAwIw
HDEaMBgGA1UEAwwRVGVzdCBDQSBvZiBhIHJvb20wIBcNMjYxMTIyMjE0MzMyWhgP
MjA4MTA4MjUyMTQzMzJaMBwxGjAYBgNVBAMMEVRlc3QgQ0Egb2YgYSByb29tMFkw
EwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEx/rjpTsutZKW+WcUwVmJgbXQ92Ove9wA
BsUb6eIYyWk88cTg0HA/aTSatEsNcv1KWbXaoHJOMeVvfIwipGy5k6NTMFEwHQYD
VR0OBBYEFPXdVYrc8Xfh8jEdOp+kVuPlG0TVMB8GA1UdIwQYMBaAFPXdVYrc8Xfh
8jEdOp+kVuPlG0TVMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSQAwRgIh
AKb4yarLgw6JL8irdnG77mHq2A1SxFMQcRFrhOaPqN2qAiEAs4ZHQl5q/ejO0NOO
TM040+ZfCvxx4PGYvO/XHoq6Rwo=
-----END CERTIFICATE-----
)";

class TrustStoreTest : public ::testing::Test {
 protected:
  void SetUp() override {
    char folder[] = "/tmp/raudal-trust-XXXXXX";
    ASSERT_NE(::mkdtemp(folder), nullptr);
    folder_ = folder;
    ASSERT_TRUE(write_file_durably(*fs_, folder_ + "/ca.pem", kCa).ok());
  }
  void TearDown() override { (void)fs_->remove_all(folder_); }

  std::unique_ptr<Fs> fs_ = posix_fs();
  std::string folder_;
};

TEST_F(TrustStoreTest, bundle_ends_with_the_ca) {
  const std::string bundle = pem_bundle_with(*fs_, folder_ + "/ca.pem").value();
  EXPECT_TRUE(bundle.ends_with(kCa));
  EXPECT_FALSE(pem_bundle_with(*fs_, folder_ + "/absent.pem").ok());
}

TEST_F(TrustStoreTest, java_store_holds_the_ca_beside_the_jdks_certificates_and_is_made_once) {
  const char* homes[] = {"/usr/lib/jvm/java-17-openjdk-amd64", "/usr/lib/jvm/java-11-openjdk-amd64"};
  std::string java_home;
  for (const char* home : homes) {
    if (java_home.empty() && exists(*fs_, std::string(home) + "/bin/keytool")) java_home = home;
  }
  if (java_home.empty()) GTEST_SKIP() << "No JDK is installed";
  const std::string before = read_file(*fs_, java_certificates(*fs_, java_home).value()).value();
  const std::string store = java_trust_store(*fs_, java_home, folder_ + "/ca.pem", folder_ + "/trust").value();
  const std::string list = java_home + "/bin/keytool -list -storepass changeit -alias raudal-local-ca -keystore ";
  EXPECT_EQ(std::system((list + store + " >/dev/null").c_str()), 0);
  EXPECT_GT(read_file(*fs_, store).value().size(), before.size() / 2);
  const int64_t made = fs_->info(store)->modified_us;
  EXPECT_EQ(java_trust_store(*fs_, java_home, folder_ + "/ca.pem", folder_ + "/trust").value(), store);
  EXPECT_EQ(fs_->info(store)->modified_us, made);
  EXPECT_EQ(fs_->list(folder_ + "/trust").value().size(), 1u);
  EXPECT_EQ(read_file(*fs_, java_certificates(*fs_, java_home).value()).value(), before);
  ASSERT_TRUE(write_file_durably(*fs_, folder_ + "/other.pem", "no certificate").ok());
  EXPECT_FALSE(java_trust_store(*fs_, java_home, folder_ + "/other.pem", folder_ + "/trust").ok());
  EXPECT_EQ(fs_->list(folder_ + "/trust").value().size(), 1u);
}

}  // namespace
}  // namespace raudal::sandbox
