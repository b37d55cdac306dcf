#include "neighbours/s3/s3_service.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string_view>
#include <utility>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "codec/base64.h"
#include "codec/digest.h"
#include "sqlite/database.h"
#include "obs/log_sinks.h"

namespace raudal::neighbours::s3 {
namespace {

// Keeps an answer instead of sending it.
class KeptResponse final : public net::ResponseWriter {
 public:
  bool started() const override { return status != 0; }
  Status begin(int with_status, const net::HttpHeaders& with_headers, std::optional<int64_t> length) override {
    status = with_status;
    headers = with_headers;
    content_length = length.value_or(-1);
    return {};
  }
  Status write(std::string_view bytes) override {
    body += bytes;
    return {};
  }
  Status finish() override { return {}; }
  void close_after() override {}

  bool contains(std::string_view text) const { return body.find(text) != std::string::npos; }

  int status = 0;
  net::HttpHeaders headers;
  int64_t content_length = -1;
  std::string body;
};

// A service on a folder of its own, asked without a network.
class S3ServiceTest : public testing::Test {
 protected:
  S3ServiceTest() {
    char name[] = "/tmp/raudal_s3_XXXXXX";
    directory_ = ::mkdtemp(name);
    open();
  }
  ~S3ServiceTest() override {
    service_.reset();
    EXPECT_TRUE(fs_->remove_all(directory_).ok());
  }

  void open(std::string region = "us-east-1") {
    service_.reset();
    auto service = S3Service::open(*fs_, clock_, obs::Logger(log_, clock_, "test"),
                                   {.directory = directory_ + "/s3", .region = std::move(region)});
    ASSERT_TRUE(service.ok()) << service.error().message();
    service_ = std::move(*service);
  }

  KeptResponse ask(std::string method, std::string target, std::string body = "", net::HttpHeaders headers = {}) {
    net::HttpRequest request;
    request.method = std::move(method);
    request.target = std::move(target);
    request.headers = std::move(headers);
    request.headers.add("Host", "127.0.0.1:8080");
    request.content_length = static_cast<int64_t>(body.size());
    EXPECT_TRUE(split_target(request).ok());
    net::StringBodyReader reader(std::move(body));
    request.body = &reader;
    KeptResponse response;
    service_->handle(request, response);
    return response;
  }

  void expect_error(const KeptResponse& response, int status, std::string_view code) {
    EXPECT_EQ(response.status, status) << response.body;
    EXPECT_TRUE(response.contains(fmt::format("<Error><Code>{}</Code>", code))) << response.body;
  }

  size_t num_files() {
    size_t count = 0;
    for (const FileInfo& folder : fs_->list(directory_ + "/s3/objects").value()) {
      count += fs_->list(directory_ + "/s3/objects/" + folder.name).value().size();
    }
    return count;
  }

  const std::unique_ptr<Fs> fs_ = posix_fs();
  SystemClock clock_;
  obs::RingLogSink log_;
  std::string directory_;
  std::unique_ptr<S3Service> service_;
};

TEST_F(S3ServiceTest, object_is_read_by_the_control_plane) {
  ask("PUT", "/code");
  ask("PUT", "/code/app.zip", "bytes of a ZIP");
  const auto found = service_->find_object("code", "app.zip", std::nullopt);
  ASSERT_TRUE(found.ok()) << found.error().message();
  EXPECT_EQ(found->size_bytes, 14);
  EXPECT_EQ(found->etag, codec::hex(codec::md5("bytes of a ZIP")));
  EXPECT_EQ(found->version_id, "null");
  ASSERT_TRUE(service_->read_object("code", "app.zip", std::nullopt, directory_ + "/copy").ok());
  EXPECT_EQ(read_file(*fs_, directory_ + "/copy").value(), "bytes of a ZIP");

  const auto absent = service_->find_object("code", "none", std::nullopt);
  EXPECT_EQ(absent.error().code(), ErrorCode::kResourceNotFound);
  EXPECT_TRUE(absent.error().message().starts_with("NoSuchKey: ")) << absent.error().message();
  EXPECT_TRUE(service_->find_object("none", "k", std::nullopt).error().message().starts_with("NoSuchBucket: "));
  EXPECT_TRUE(service_->find_object("code", "app.zip", "v").error().message().starts_with("NoSuchVersion: "));
}

TEST_F(S3ServiceTest, everything_is_there_after_a_restart) {
  ask("PUT", "/b01");
  ask("PUT", "/b01?versioning",
      "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>");
  ask("PUT", "/b01/k", "one", {{"x-amz-meta-a", "1"}});
  ask("PUT", "/b01/k", "two");
  open();
  const KeptResponse got = ask("GET", "/b01/k");
  EXPECT_EQ(got.body, "two");
  EXPECT_TRUE(ask("GET", "/b01?versions").contains("<IsLatest>false</IsLatest>"));
  EXPECT_EQ(num_files(), 2u);
}

TEST_F(S3ServiceTest, files_go_with_the_last_version_that_has_them) {
  ask("PUT", "/b01");
  ask("PUT", "/b01/k", "x");
  ask("PUT", "/b01/copy", "", {{"x-amz-copy-source", "/b01/k"}});
  EXPECT_EQ(num_files(), 1u);
  ask("PUT", "/b01/k", "y");
  EXPECT_EQ(num_files(), 2u);
  ask("DELETE", "/b01/k");
  EXPECT_EQ(ask("GET", "/b01/copy").body, "x");
  ask("DELETE", "/b01/copy");
  EXPECT_EQ(num_files(), 0u);
  EXPECT_EQ(ask("DELETE", "/b01").status, 204);
}

TEST_F(S3ServiceTest, files_that_nothing_names_are_swept_at_the_start) {
  ask("PUT", "/b01");
  ask("PUT", "/b01/k", "x");
  ASSERT_TRUE(fs_->make_directories(directory_ + "/s3/objects/00").ok());
  ASSERT_TRUE(write_file_durably(*fs_, directory_ + "/s3/objects/00/00deadbeef", "left over").ok());
  open();
  EXPECT_EQ(num_files(), 1u);
  EXPECT_EQ(ask("GET", "/b01/k").body, "x");
}

TEST_F(S3ServiceTest, failed_upload_leaves_nothing) {
  ask("PUT", "/b01");
  expect_error(ask("PUT", "/b01/k", "x", {{"Content-MD5", codec::base64_encode(codec::md5("y"))}}), 400, "BadDigest");
  expect_error(ask("PUT", "/none/k", "x"), 404, "NoSuchBucket");
  ask("PUT", "/b01/k", "x");
  expect_error(ask("PUT", "/b01/k", "y", {{"If-None-Match", "*"}}), 412, "PreconditionFailed");
  EXPECT_EQ(num_files(), 1u);
}

TEST_F(S3ServiceTest, chunked_upload_with_trailing_checksum) {
  ask("PUT", "/b01");
  const std::string crc = codec::base64_encode([] {
    codec::Digest digest(codec::DigestKind::kCrc32);
    digest.update("hello world");
    return digest.finish();
  }());
  const auto put = [&](const std::string& trailer) {
    return ask("PUT", "/b01/k",
               fmt::format("5\r\nhello\r\n6\r\n world\r\n0\r\nx-amz-checksum-crc32:{}\r\n\r\n", trailer),
               {{"x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"},
                {"x-amz-decoded-content-length", "11"},
                {"x-amz-trailer", "x-amz-checksum-crc32"},
                {"Content-Encoding", "aws-chunked"}});
  };
  EXPECT_EQ(put(crc).status, 200);
  const KeptResponse got = ask("GET", "/b01/k", "", {{"x-amz-checksum-mode", "ENABLED"}});
  EXPECT_EQ(got.body, "hello world");
  EXPECT_EQ(got.headers.get("x-amz-checksum-crc32"), crc);
  EXPECT_FALSE(got.headers.has("Content-Encoding"));
  expect_error(put("AAAAAA=="), 400, "BadDigest");
}

TEST_F(S3ServiceTest, every_upload_has_a_checksum) {
  ask("PUT", "/b01");
  EXPECT_EQ(ask("PUT", "/b01/k", "123456789").headers.get("x-amz-checksum-crc64nvme"),
            codec::base64_encode(codec::unhex("ae8b14860a799888").value()));
}

TEST_F(S3ServiceTest, own_bucket_again_is_an_error_outside_the_oldest_region) {
  open("eu-west-1");
  EXPECT_EQ(ask("PUT", "/b01").status, 200);
  expect_error(ask("PUT", "/b01"), 409, "BucketAlreadyOwnedByYou");
  EXPECT_TRUE(ask("GET", "/b01?location").contains(">eu-west-1</LocationConstraint>"));
}

TEST_F(S3ServiceTest, health_is_no_bucket) { expect_error(ask("PUT", "/health"), 400, "InvalidBucketName"); }

TEST_F(S3ServiceTest, malformed_requests_have_s3_errors) {
  ask("PUT", "/b01");
  expect_error(ask("PUT", "/b01?versioning", "<Versioning"), 400, "MalformedXML");
  expect_error(ask("PUT", "/b01?versioning", "<VersioningConfiguration/>"), 400,
               "IllegalVersioningConfigurationException");
  expect_error(ask("POST", "/b01?delete", "<Delete/>"), 400, "MalformedXML");
  expect_error(ask("GET", "/b01?max-keys=x"), 400, "InvalidArgument");
  expect_error(ask("GET", "/b01?list-type=2&continuation-token=%25"), 400, "InvalidArgument");
  expect_error(ask("PUT", "/b01/" + std::string(1025, 'k'), "x"), 400, "KeyTooLongError");
  expect_error(ask("PUT", "/b01/k", "x", {{"x-amz-meta-a", std::string(3000, 'x')}}), 400, "MetadataTooLarge");
  expect_error(ask("PUT", "/b01/k", "x", {{"x-amz-copy-source", "b01"}}), 400, "InvalidArgument");
  expect_error(ask("PUT", "/b01/k", "x", {{"x-amz-content-sha256", "SOMETHING"}}), 400, "InvalidArgument");
  expect_error(ask("PATCH", "/b01/k"), 405, "MethodNotAllowed");
  expect_error(ask("GET", "/b01?cors"), 501, "NotImplemented");
  expect_error(ask("PUT", "/b01/k", "x", {{"x-amz-storage-class", "GLACIER"}}), 501, "NotImplemented");
}

TEST_F(S3ServiceTest, head_has_headers_and_no_body) {
  ask("PUT", "/b01");
  ask("PUT", "/b01/k", "12345");
  const KeptResponse head = ask("HEAD", "/b01/k");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.content_length, 5);
  EXPECT_EQ(head.body, "");
}

TEST_F(S3ServiceTest, a_newer_index_is_refused) {
  service_.reset();
  const std::string directory = directory_ + "/newer";
  ASSERT_TRUE(fs_->make_directories(directory).ok());
  {
    auto database = sqlite::Database::open(directory + "/index.sqlite", {.name = "S3 index"}).value();
    ASSERT_TRUE(database.execute("PRAGMA user_version = 99").ok());
  }
  const auto service =
      S3Service::open(*fs_, clock_, obs::Logger(log_, clock_, "test"), {.directory = directory});
  ASSERT_FALSE(service.ok());
  EXPECT_EQ(service.error().code(), ErrorCode::kMetadata);
}

// A child puts objects and tells of each that was acknowledged; it is killed in the middle.
TEST_F(S3ServiceTest, acknowledged_objects_survive_kill) {
  service_.reset();
  int pipe_fds[2];
  ASSERT_EQ(::pipe(pipe_fds), 0);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    open();
    ask("PUT", "/b01");
    for (uint8_t i = 0;; ++i) {
      if (ask("PUT", fmt::format("/b01/{}", i), std::string(1000, static_cast<char>('a' + i % 26))).status != 200) {
        ::_exit(1);
      }
      if (::write(pipe_fds[1], &i, 1) != 1 || i == 255) ::_exit(1);
    }
  }
  ::close(pipe_fds[1]);
  uint8_t last = 0;
  while (last < 20 && ::read(pipe_fds[0], &last, 1) == 1) {
  }
  ::kill(child, SIGKILL);
  while (::read(pipe_fds[0], &last, 1) == 1) {
  }
  ::close(pipe_fds[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  ASSERT_TRUE(WIFSIGNALED(status));
  ASSERT_GE(last, 20);
  open();
  for (int i = 0; i <= last; ++i) {
    EXPECT_EQ(ask("GET", fmt::format("/b01/{}", i)).body, std::string(1000, static_cast<char>('a' + i % 26))) << i;
  }
}

}  // namespace
}  // namespace raudal::neighbours::s3
