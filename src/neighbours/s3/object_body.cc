#include "neighbours/s3/object_body.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <span>

#include <fmt/core.h>

#include "base/str.h"
#include "codec/base64.h"

namespace raudal::neighbours::s3 {
namespace {

using codec::Digest;
using codec::DigestKind;

constexpr size_t kPieceBytes = 256 << 10;
constexpr int64_t kUploadBytesMax = int64_t{5} << 30;

constexpr ChecksumKind kKinds[] = {
    {"crc32", "CRC32", "ChecksumCRC32", DigestKind::kCrc32},
    {"crc32c", "CRC32C", "ChecksumCRC32C", DigestKind::kCrc32c},
    {"crc64nvme", "CRC64NVME", "ChecksumCRC64NVME", DigestKind::kCrc64Nvme},
    {"sha1", "SHA1", "ChecksumSHA1", DigestKind::kSha1},
    {"sha256", "SHA256", "ChecksumSHA256", DigestKind::kSha256},
};

// What a request says about its body's checksum.
struct PromisedChecksum {
  const ChecksumKind* kind = nullptr;
  std::string value;  // base64; empty: not told, or in the trailer
  bool in_trailer = false;
};

S3Result<PromisedChecksum> promised_checksum(const net::HttpHeaders& headers) {
  PromisedChecksum promised;
  const std::string trailer = to_lower(headers.get("x-amz-trailer"));
  for (const ChecksumKind& kind : kKinds) {
    const std::string* value = headers.find(checksum_header(kind.algorithm));
    const bool in_trailer = trailer == checksum_header(kind.algorithm);
    if (!value && !in_trailer) continue;
    if (promised.kind) {
      return S3Failure(S3Code::kInvalidRequest,
                       "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.");
    }
    promised = {.kind = &kind, .value = value ? *value : "", .in_trailer = in_trailer};
  }
  if (!promised.kind) {
    const std::string_view name = headers.get("x-amz-sdk-checksum-algorithm");
    promised.kind = find_checksum_kind(name);
    if (!name.empty() && !promised.kind) {
      return S3Failure(S3Code::kInvalidRequest, "Checksum algorithm provided is unsupported.");
    }
  }
  return promised;
}

// Computes what is stored beside the bytes while they pass.
class Digests {
 public:
  explicit Digests(const ChecksumKind* kind) : md5_(DigestKind::kMd5), kind_(kind) {
    if (kind) checksum_.emplace(kind->digest);
  }

  void update(std::string_view bytes) {
    md5_.update(bytes);
    if (checksum_) checksum_->update(bytes);
  }

  void finish_into(StoredBody& body) {
    body.md5 = md5_.finish();
    if (!kind_) return;
    body.checksum = {std::string(kind_->algorithm), codec::base64_encode(checksum_->finish()), "FULL_OBJECT"};
  }

 private:
  Digest md5_;
  const ChecksumKind* kind_;
  std::optional<Digest> checksum_;
};

S3Status check_md5(const net::HttpHeaders& headers, std::string_view md5) {
  const std::string* promised = headers.find("Content-MD5");
  if (!promised) return {};
  const auto bytes = codec::base64_decode(*promised);
  if (!bytes.ok() || bytes->size() != 16) return S3Failure(S3Code::kInvalidDigest).with("Content-MD5", *promised);
  if (*bytes == md5) return {};
  return S3Failure(S3Code::kBadDigest)
      .with("CalculatedDigest", codec::base64_encode(md5))
      .with("ExpectedDigest", *promised);
}

S3Status check_checksum(const S3Request& request, const PromisedChecksum& promised, const Checksum& computed) {
  if (!promised.kind) return {};
  std::string expected = promised.value;
  if (promised.in_trailer) {
    expected = request.payload->trailers().trailers.get(checksum_header(promised.kind->algorithm));
    if (expected.empty()) {
      return S3Failure(S3Code::kInvalidRequest, "The trailer that x-amz-trailer announces is missing.");
    }
  }
  if (expected.empty() || expected == computed.value) return {};
  const auto bytes = codec::base64_decode(expected);
  Digest digest(promised.kind->digest);
  if (!bytes.ok() || bytes->size() != digest.finish().size()) {
    return S3Failure(S3Code::kInvalidRequest,
                     fmt::format("Value for {} header is invalid.", checksum_header(promised.kind->algorithm)));
  }
  return S3Failure(S3Code::kBadDigest,
                   fmt::format("The {} you specified did not match the calculated checksum.", promised.kind->name));
}

// Writes pieces into a new file, which is made at the first byte.
class BodyFile {
 public:
  BodyFile(ObjectFiles& files, const ChecksumKind* kind) : files_(files), digests_(kind) {}

  Status append(std::string_view bytes) {
    if (!writer_) writer_ = TRY(files_.create());
    digests_.update(bytes);
    size_bytes_ += static_cast<int64_t>(bytes.size());
    return writer_->append(bytes);
  }

  // What was written so far, without the file, for comparing.
  StoredBody body() {
    StoredBody body;
    body.size_bytes = size_bytes_;
    digests_.finish_into(body);
    return body;
  }

  S3Status commit_into(StoredBody& body) {
    if (writer_) body.segments.push_back({TRY(writer_->commit()), size_bytes_});
    return {};
  }

 private:
  ObjectFiles& files_;
  Digests digests_;
  std::unique_ptr<ObjectFiles::Writer> writer_;
  int64_t size_bytes_ = 0;
};

}  // namespace

std::span<const ChecksumKind> checksum_kinds() { return kKinds; }

const ChecksumKind* find_checksum_kind(std::string_view text) {
  for (const ChecksumKind& kind : kKinds) {
    if (equals_ignore_case(kind.algorithm, text)) return &kind;
  }
  return nullptr;
}

std::string checksum_header(std::string_view algorithm) { return fmt::format("x-amz-checksum-{}", algorithm); }

S3Result<StoredBody> store_body(S3Context& context, S3Request& request, std::string_view algorithm) {
  const net::HttpRequest& http = request.http;
  if (!http.content_length && http.headers.has("Transfer-Encoding")) return S3Code::kMissingContentLength;
  const int64_t length = http.content_length.value_or(0);
  if (length > kUploadBytesMax) {
    return S3Failure(S3Code::kEntityTooLarge)
        .with("ProposedSize", std::to_string(length))
        .with("MaxSizeAllowed", std::to_string(kUploadBytesMax));
  }
  const PromisedChecksum promised = TRY(promised_checksum(http.headers));
  BodyFile file(context.files, promised.kind ? promised.kind : find_checksum_kind(algorithm));
  std::string buffer(static_cast<size_t>(std::clamp<int64_t>(length, 1, kPieceBytes)), '\0');
  while (true) {
    const auto n = request.payload->read(buffer);
    if (!n.ok() && n.error().code() == ErrorCode::kIo) return S3Code::kIncompleteBody;
    if (const size_t got = TRY(n)) {
      TRY(file.append(std::string_view(buffer.data(), got)));
    } else {
      break;
    }
  }
  StoredBody body = file.body();
  if (http.content_length && body.size_bytes != length) return S3Code::kIncompleteBody;
  TRY(check_md5(http.headers, body.md5));
  TRY(check_checksum(request, promised, body.checksum));
  TRY(file.commit_into(body));
  return body;
}

S3Result<StoredBody> store_range(S3Context& context, const PinnedObject& source, int64_t offset, int64_t length,
                                 std::string_view algorithm) {
  BodyFile file(context.files, find_checksum_kind(algorithm));
  TRY(read_segments(context.files, source.segments, offset, length,
                    [&](std::string_view bytes) { return file.append(bytes); }));
  StoredBody body = file.body();
  TRY(file.commit_into(body));
  return body;
}

S3Result<StoredBody> store_bytes(S3Context& context, std::string_view bytes, std::string_view algorithm) {
  BodyFile file(context.files, find_checksum_kind(algorithm));
  if (!bytes.empty()) TRY(file.append(bytes));
  StoredBody body = file.body();
  TRY(file.commit_into(body));
  return body;
}

void discard_body(S3Context& context, const StoredBody& body) {
  for (const Segment& segment : body.segments) context.files.discard({segment.file});
}

S3Status check_body_digests(const S3Request& request, std::string_view body) {
  const PromisedChecksum promised = TRY(promised_checksum(request.http.headers));
  Digests digests(promised.kind);
  digests.update(body);
  StoredBody computed;
  digests.finish_into(computed);
  TRY(check_md5(request.http.headers, computed.md5));
  return check_checksum(request, promised, computed.checksum);
}

S3Status read_segments(ObjectFiles& files, const std::vector<Segment>& segments, int64_t offset, int64_t length,
                       const std::function<Status(std::string_view)>& take) {
  std::string buffer(static_cast<size_t>(std::clamp<int64_t>(length, 1, kPieceBytes)), '\0');
  for (const Segment& segment : segments) {
    if (offset >= segment.size_bytes) {
      offset -= segment.size_bytes;
      continue;
    }
    if (length == 0) break;
    const auto file = TRY(files.read(segment.file));
    while (length > 0 && offset < segment.size_bytes) {
      const int64_t wanted = std::min({length, segment.size_bytes - offset, static_cast<int64_t>(buffer.size())});
      const size_t n = TRY(file->read_at(offset, std::span(buffer.data(), static_cast<size_t>(wanted))));
      if (n == 0) return S3Failure(S3Code::kInternalError, "An object's file is shorter than it should be.");
      TRY(take(std::string_view(buffer.data(), n)));
      offset += static_cast<int64_t>(n);
      length -= static_cast<int64_t>(n);
    }
    offset = 0;
  }
  if (length > 0) return S3Failure(S3Code::kInternalError, "An object's files are missing.");
  return {};
}

}  // namespace raudal::neighbours::s3
