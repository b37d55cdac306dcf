#include "neighbours/s3/s3_service.h"

#include <string_view>
#include <utility>

#include <fmt/core.h>

#include "base/rng.h"
#include "base/str.h"
#include "neighbours/protocol/authentication.h"
#include "neighbours/protocol/refusal_log.h"
#include "neighbours/s3/handlers.h"
#include "neighbours/s3/object_body.h"

namespace raudal::neighbours::s3 {
namespace {

enum class Level { kService, kBucket, kObject };

// Which operation answers what. The first line that fits is taken; an empty parameter or header fits anything.
struct Route {
  std::string_view method;
  Level level;
  std::string_view parameter;  // must be in the query
  std::string_view header;     // must be there
  S3Handler handler;
};

constexpr Route kRoutes[] = {
    {"GET", Level::kService, "", "", list_buckets},
    {"PUT", Level::kBucket, "versioning", "", put_bucket_versioning},
    {"PUT", Level::kBucket, "", "", create_bucket},
    {"GET", Level::kBucket, "location", "", get_bucket_location},
    {"GET", Level::kBucket, "versioning", "", get_bucket_versioning},
    {"GET", Level::kBucket, "versions", "", list_object_versions},
    {"GET", Level::kBucket, "uploads", "", list_multipart_uploads},
    {"GET", Level::kBucket, "list-type", "", list_objects_v2},
    {"GET", Level::kBucket, "", "", list_objects},
    {"HEAD", Level::kBucket, "", "", head_bucket},
    {"DELETE", Level::kBucket, "", "", delete_bucket},
    {"POST", Level::kBucket, "delete", "", delete_objects},
    {"PUT", Level::kObject, "uploadId", "x-amz-copy-source", upload_part_copy},
    {"PUT", Level::kObject, "uploadId", "", upload_part},
    {"PUT", Level::kObject, "", "x-amz-copy-source", copy_object},
    {"PUT", Level::kObject, "", "", put_object},
    {"GET", Level::kObject, "uploadId", "", list_parts},
    {"GET", Level::kObject, "tagging", "", get_object_tagging},
    {"GET", Level::kObject, "", "", get_object},
    {"HEAD", Level::kObject, "", "", get_object},
    {"DELETE", Level::kObject, "uploadId", "", abort_multipart_upload},
    {"DELETE", Level::kObject, "", "", delete_object},
    {"POST", Level::kObject, "uploads", "", create_multipart_upload},
    {"POST", Level::kObject, "uploadId", "", complete_multipart_upload},
};

// Operations of S3 that are not built, by the parameter that chooses them. Object tags can be read (there are none).
constexpr std::string_view kUnbuilt[] = {
    "accelerate",
    "acl",
    "analytics",
    "attributes",
    "cors",
    "encryption",
    "intelligent-tiering",
    "inventory",
    "legal-hold",
    "lifecycle",
    "logging",
    "metrics",
    "notification",
    "object-lock",
    "ownershipControls",
    "policy",
    "policyStatus",
    "publicAccessBlock",
    "replication",
    "requestPayment",
    "restore",
    "retention",
    "select",
    "tagging",
    "torrent",
    "website",
    "renameObject",
    "session",
};

S3Result<S3Handler> find_handler(const S3Request& request) {
  const Level level = request.bucket.empty() ? Level::kService : request.key.empty() ? Level::kBucket : Level::kObject;
  const net::HttpRequest& http = request.http;
  for (const std::string_view parameter : kUnbuilt) {
    const bool is_built = parameter == "tagging" && http.method == "GET" && level == Level::kObject;
    if (is_built || !http.has_query(parameter)) continue;
    return S3Failure(S3Code::kNotImplemented,
                     fmt::format("This operation is not implemented: {} ?{}", http.method, parameter));
  }
  for (const Route& route : kRoutes) {
    if (route.method != http.method || route.level != level) continue;
    if (!route.parameter.empty() && !http.has_query(route.parameter)) continue;
    if (!route.header.empty() && !http.headers.has(route.header)) continue;
    return route.handler;
  }
  return S3Failure(S3Code::kMethodNotAllowed).with("Method", http.method);
}

// An S3Failure as the rest of the product sees it, S3's code in front.
Error error_of(const S3Failure& failure) {
  const S3CodeInfo& info = s3_code_info(failure.code);
  const bool absent = info.http_status == 404 || failure.code == S3Code::kMethodNotAllowed;
  return Error(absent ? ErrorCode::kResourceNotFound : ErrorCode::kIo,
               fmt::format("{}: {}", info.name, failure.message));
}

// Programs ask for objects that may not be there, and with conditions that may not hold, all the time.
bool tells_of_trouble(int status) { return status >= 400 && status != 404 && status != 412 && status != 416; }

class LocalS3Service final : public S3Service {
 public:
  LocalS3Service(Fs& fs, const Clock& clock, const obs::Logger& log, S3Options options)
      : fs_(fs),
        clock_(clock),
        log_(log.named("raudal.s3")),
        options_(std::move(options)),
        refusals_(log_, clock),
        files_(fs, join_path(options_.directory, "objects")) {}

  Status open() {
    TRY(fs_.make_directories(options_.directory));
    index_ = TRY(S3Index::open(join_path(options_.directory, "index.sqlite"), files_));
    return files_.open(TRY(index_->referenced_files()));
  }

  void handle(net::HttpRequest& http, net::ResponseWriter& response) override {
    S3Request request{.http = http, .id = to_upper(secure_random_hex(8))};
    find_bucket_and_key(http, request.bucket, request.key);
    S3Status done = verify_and_execute(request, response);
    if (!done.ok()) answer(request, response, done.error());
  }

  Result<S3Object> find_object(const std::string& bucket, const std::string& key,
                               const std::optional<std::string>& version_id) override {
    auto found = index_->find_object(bucket, key, version_id);
    if (!found.ok()) return error_of(found.error());
    return object_of(found->version);
  }

  Result<S3Object> read_object(const std::string& bucket, const std::string& key,
                               const std::optional<std::string>& version_id, const std::string& path) override {
    auto found = index_->find_object(bucket, key, version_id);
    if (!found.ok()) return error_of(found.error());
    const auto file = TRY(fs_.open(path, OpenMode::kCreate));
    const S3Status copied = read_segments(files_, found->segments, 0, found->version.size_bytes,
                                          [&](std::string_view bytes) { return file->append(bytes); });
    if (!copied.ok()) return error_of(copied.error());
    TRY(file->sync());
    TRY(fs_.sync_directory(parent_directory(path)));
    return object_of(found->version);
  }

  Result<S3Object> put_object(const std::string& bucket, const std::string& key, const net::HttpHeaders& headers,
                              std::string_view bytes) override {
    auto stored = store_object(bucket, key, headers, bytes);
    if (!stored.ok()) return error_of(stored.error());
    return find_object(bucket, key, std::nullopt);
  }

 private:
  S3Status verify_and_execute(S3Request& request, net::ResponseWriter& response) {
    std::optional<net::VerifiedSignature> signature;
    if (options_.secrets) signature = TRY(net::verify_s3_signature(request.http, options_.secrets, clock_, ""));
    const auto payload = TRY(net::AwsPayloadReader::wrap(request.http, signature ? &*signature : nullptr));
    request.payload = payload.get();
    S3Status done = execute(request, response);
    request.payload = nullptr;
    return done;
  }

  S3Status store_object(const std::string& bucket, const std::string& key, const net::HttpHeaders& headers,
                        std::string_view bytes) {
    TRY(check_object_key(key));
    TRY(index_->find_bucket(bucket));
    const std::string lines = TRY(stored_headers(headers));
    S3Context context{*index_, files_, options_, clock_};
    const StoredBody body = TRY(store_bytes(context, bytes, "crc64nvme"));
    auto outcome = index_->put_object({.bucket = bucket,
                                       .key = key,
                                       .size_bytes = body.size_bytes,
                                       .etag = codec::hex(body.md5),
                                       .modified_us = clock_.wall_us(),
                                       .headers = lines,
                                       .checksum = body.checksum},
                                      body.segments, {});
    if (outcome.ok()) return {};
    discard_body(context, body);
    return outcome.error();
  }

  S3Status execute(S3Request& request, net::ResponseWriter& response) {
    const S3Handler handler = TRY(find_handler(request));
    TRY(check_object_key(request.key));
    TRY(check_headers(request, options_));
    S3Context context{*index_, files_, options_, clock_};
    return handler(context, request, response);
  }

  void answer(const S3Request& request, net::ResponseWriter& response, const S3Failure& failure) {
    const S3CodeInfo& info = s3_code_info(failure.code);
    if (info.http_status >= 500 && failure.code != S3Code::kNotImplemented) {
      log_.error(fmt::format("{} {} failed: {}", request.http.method, request.http.path, failure.message));
    } else if (tells_of_trouble(info.http_status)) {
      refusals_.write("s3", fmt::format("{} {}", request.http.method, request.http.path), info.http_status, info.name,
                      failure.message, protocol::claimed_key(request.http));
    }
    // After the head has gone out, only a closed connection tells the client that the rest is missing.
    if (!response.started()) answer_failure(request, response, failure);
  }

  static S3Object object_of(const ObjectVersion& version) {
    return {.bucket = version.bucket,
            .key = version.key,
            .version_id = version.version_id,
            .etag = version.etag,
            .size_bytes = version.size_bytes,
            .modified_us = version.modified_us};
  }

  Fs& fs_;
  const Clock& clock_;
  const obs::Logger log_;
  const S3Options options_;
  protocol::RefusalLog refusals_;
  ObjectFiles files_;
  std::unique_ptr<S3Index> index_;
};

}  // namespace

Result<std::unique_ptr<S3Service>> S3Service::open(Fs& fs, const Clock& clock, const obs::Logger& log,
                                                   S3Options options) {
  auto service = std::make_unique<LocalS3Service>(fs, clock, log, std::move(options));
  TRY(service->open());
  return std::unique_ptr<S3Service>(std::move(service));
}

}  // namespace raudal::neighbours::s3
