// The S3 HTTP API, answered from a local folder: what `aws s3`, boto3 and the guide's tutorials use to bring code and
// data. The server hands it every request that is signed for the service `s3`, presigned, or meant for a bucket;
// the control plane reads code packages through read_object(). An acknowledged write survives kill -9.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/fs.h"
#include "net/http.h"
#include "net/sigv4.h"
#include "obs/log.h"

namespace raudal::neighbours::s3 {

struct S3Options {
  std::string directory;  // index and objects live here
  std::string region = "us-east-1";
  std::string account = "000000000000";
  net::SecretLookup secrets;  // empty: no request is verified
};

// One version of an object, for code in this process.
struct S3Object {
  std::string bucket;
  std::string key;
  std::string version_id;  // "null" where the bucket has no versioning
  std::string etag;        // without quotes
  int64_t size_bytes = 0;
  int64_t modified_us = 0;
};

// Answers S3 requests from an index in SQLite and objects in files below one folder.
class S3Service {
 public:
  // kMetadata when the index cannot be opened or is of a newer release.
  static Result<std::unique_ptr<S3Service>> open(Fs& fs, const Clock& clock, const obs::Logger& log, S3Options options);
  virtual ~S3Service() = default;

  // Verifies (unless secrets is empty), executes and answers one request; errors as XML. Any thread.
  virtual void handle(net::HttpRequest& request, net::ResponseWriter& response) = 0;

  // kResourceNotFound with S3's code in front ("NoSuchBucket", "NoSuchKey", "NoSuchVersion") when absent.
  virtual Result<S3Object> find_object(const std::string& bucket, const std::string& key,
                                       const std::optional<std::string>& version_id) = 0;
  // Copies the object's bytes into a local file, durably.
  virtual Result<S3Object> read_object(const std::string& bucket, const std::string& key,
                                       const std::optional<std::string>& version_id, const std::string& path) = 0;
  // Stores an object as PutObject does, durably; of the headers those that GET repeats. kResourceNotFound when there is
  // no such bucket.
  virtual Result<S3Object> put_object(const std::string& bucket, const std::string& key,
                                      const net::HttpHeaders& headers, std::string_view bytes) = 0;
};

}  // namespace raudal::neighbours::s3
