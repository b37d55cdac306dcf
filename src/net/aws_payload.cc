#include "net/aws_payload.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "base/str.h"
#include "codec/digest.h"

namespace raudal::net {
namespace {

constexpr size_t kLineBytesMax = 8 << 10;
constexpr int kTrailersMax = 16;
// sha256("")
constexpr std::string_view kEmptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

Error bad_chunk(std::string why) { return Error(ErrorCode::kInvalidRequest, "aws-chunked body is malformed, " + why); }

// The bytes as they are; with a promised hash, checked at the end.
class PlainPayload final : public AwsPayloadReader {
 public:
  PlainPayload(BodyReader& inner, std::string promised_hash)
      : inner_(inner), promised_hash_(std::move(promised_hash)), digest_(codec::DigestKind::kSha256) {}

  const PayloadTrailers& trailers() const override { return trailers_; }

  Result<size_t> read(std::span<char> buffer) override {
    const size_t n = TRY(inner_.read(buffer));
    if (promised_hash_.empty()) return n;
    if (n > 0) {
      digest_.update(std::string_view(buffer.data(), n));
      return n;
    }
    if (!buffer.empty() && !checked_) {
      checked_ = true;
      if (codec::hex(digest_.finish()) != promised_hash_) {
        return Error(ErrorCode::kPayloadMismatch,
                     "The provided 'x-amz-content-sha256' header does not match what was computed.");
      }
    }
    return n;
  }

 private:
  BodyReader& inner_;
  const std::string promised_hash_;
  codec::Digest digest_;
  bool checked_ = false;
  PayloadTrailers trailers_;
};

struct ChunkedOptions {
  bool has_signatures = false;
  bool has_trailer = false;
  std::optional<int64_t> decoded_length;
  const VerifiedSignature* seed = nullptr;  // null: signatures are read but not verified
};

// size[;chunk-signature=SIG] CRLF data CRLF ... 0[;chunk-signature=SIG] CRLF [name:value CRLF]... CRLF
class ChunkedPayload final : public AwsPayloadReader {
 public:
  ChunkedPayload(BodyReader& inner, const ChunkedOptions& options)
      : inner_(inner), options_(options), digest_(codec::DigestKind::kSha256) {
    if (options_.seed) {
      const SignatureClaim& claim = options_.seed->claim;
      signing_key_ = options_.seed->signing_key;
      previous_ = claim.signature;
      prefix_ = fmt::format("{}\n{}/{}/{}/aws4_request\n", claim.timestamp, claim.date, claim.region, claim.service);
    }
  }

  const PayloadTrailers& trailers() const override { return trailers_; }

  Result<size_t> read(std::span<char> buffer) override {
    if (buffer.empty() || done_) return size_t{0};
    if (failure_) return *failure_;
    auto n = read_some(buffer);
    if (!n.ok()) failure_ = n.error();
    return n;
  }

 private:
  Result<size_t> read_some(std::span<char> buffer) {
    if (left_ == 0) TRY(begin_chunk());
    if (left_ == 0) {
      TRY(finish());
      return size_t{0};
    }
    const size_t n = TRY(take(buffer.first(static_cast<size_t>(std::min<int64_t>(
        left_, static_cast<int64_t>(buffer.size()))))));
    if (n == 0) return bad_chunk("it ends inside a chunk");
    digest_.update(std::string_view(buffer.data(), n));
    left_ -= static_cast<int64_t>(n);
    total_ += static_cast<int64_t>(n);
    if (options_.decoded_length && total_ > *options_.decoded_length) return wrong_length();
    if (left_ == 0) {
      TRY(check_chunk_signature());
      const std::string end = TRY(read_line());
      if (!end.empty()) return bad_chunk("a chunk is longer than it says");
    }
    return n;
  }

  Status begin_chunk() {
    const std::string line = TRY(read_line());
    const size_t semicolon = line.find(';');
    const std::string_view digits = std::string_view(line).substr(0, semicolon);
    if (digits.empty() || digits.size() > 10) return bad_chunk("a chunk has no size");
    left_ = 0;
    for (const char c : digits) {
      const size_t value = std::string_view("0123456789abcdef").find(static_cast<char>(c | 0x20));
      if (value == std::string_view::npos) return bad_chunk("a chunk's size is not hexadecimal");
      left_ = left_ * 16 + static_cast<int64_t>(value);
    }
    if (!options_.has_signatures) return {};
    constexpr std::string_view kName = "chunk-signature=";
    const std::string rest = semicolon == std::string::npos ? "" : line.substr(semicolon + 1);
    if (!rest.starts_with(kName)) return bad_chunk("a chunk has no signature");
    chunk_signature_ = rest.substr(kName.size());
    return {};
  }

  Status check_chunk_signature() {
    const std::string hash = codec::hex(digest_.finish());
    digest_ = codec::Digest(codec::DigestKind::kSha256);
    if (!options_.has_signatures || !options_.seed) return {};
    return check_signature(
        fmt::format("AWS4-HMAC-SHA256-PAYLOAD\n{}{}\n{}\n{}", prefix_, previous_, kEmptyHash, hash),
        chunk_signature_);
  }

  Status check_signature(const std::string& text, std::string_view claimed) {
    previous_ = codec::hex(codec::hmac_sha256(signing_key_, text));
    if (codec::equal_constant_time(previous_, claimed)) return {};
    return Error(ErrorCode::kInvalidSignature,
                 "The request signature we calculated does not match the signature you provided. Check your key and "
                 "signing method.");
  }

  // After the chunk of size zero.
  Status finish() {
    TRY(check_chunk_signature());
    std::string canonical;
    std::string trailer_signature;
    for (int i = 0; i <= kTrailersMax; ++i) {
      const std::string line = TRY(read_line(/*end_is_blank=*/true));
      // A signed trailer's signature may stand behind one blank line.
      if (line.empty() && (!has_trailer_signature() || !trailer_signature.empty() || at_end_)) break;
      if (line.empty()) continue;
      const size_t colon = line.find(':');
      if (colon == std::string::npos || i == kTrailersMax) return bad_chunk("a trailer has no colon");
      const std::string name = to_lower(trim(line.substr(0, colon)));
      const std::string value(trim(line.substr(colon + 1)));
      if (name == "x-amz-trailer-signature") {
        trailer_signature = value;
      } else {
        canonical += name + ":" + value + "\n";
        trailers_.trailers.add(name, value);
      }
    }
    if (has_trailer_signature() && options_.seed) {
      TRY(check_signature(fmt::format("AWS4-HMAC-SHA256-TRAILER\n{}{}\n{}", prefix_, previous_,
                                      codec::sha256_hex(canonical)), trailer_signature));
    }
    if (options_.decoded_length && total_ != *options_.decoded_length) return wrong_length();
    // Nothing may follow; reading to the end also takes the HTTP body's own end.
    char rest[64];
    while (const size_t n = TRY(take(rest))) {
      if (trim(std::string_view(rest, n)) != "") return bad_chunk("bytes follow its end");
    }
    done_ = true;
    return {};
  }

  bool has_trailer_signature() const { return options_.has_signatures && options_.has_trailer; }

  Error wrong_length() const {
    return Error(ErrorCode::kPayloadMismatch,
                 "The body's length is not the one in x-amz-decoded-content-length");
  }

  // A line without its CRLF. At the end of the body: an error, or blank if that may be.
  Result<std::string> read_line(bool end_is_blank = false) {
    std::string line;
    char c;
    while (true) {
      const size_t n = TRY(take(std::span(&c, 1)));
      if (n == 0) {
        at_end_ = true;
        if (end_is_blank && line.empty()) return line;
        return bad_chunk("it ends early");
      }
      if (c == '\n') break;
      line += c;
      if (line.size() > kLineBytesMax) return bad_chunk("a line is too long");
    }
    if (line.ends_with('\r')) line.pop_back();
    return line;
  }

  Result<size_t> take(std::span<char> buffer) {
    if (position_ == buffered_) {
      // Large reads of data go past the buffer.
      if (buffer.size() >= sizeof(buffer_)) return inner_.read(buffer);
      position_ = 0;
      buffered_ = 0;
      buffered_ = TRY(inner_.read(buffer_));
      if (buffered_ == 0) return size_t{0};
    }
    const size_t n = std::min(buffer.size(), buffered_ - position_);
    std::memcpy(buffer.data(), buffer_ + position_, n);
    position_ += n;
    return n;
  }

  BodyReader& inner_;
  const ChunkedOptions options_;
  codec::Digest digest_;
  std::string signing_key_;
  std::string prefix_;
  std::string previous_;
  std::string chunk_signature_;
  int64_t left_ = 0;    // of the current chunk
  int64_t total_ = 0;
  bool at_end_ = false;
  bool done_ = false;
  std::optional<Error> failure_;
  PayloadTrailers trailers_;
  char buffer_[16 << 10];
  size_t position_ = 0;
  size_t buffered_ = 0;
};

bool is_hash(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

void remove_aws_chunked(HttpHeaders& headers) {
  const std::string* encoding = headers.find("Content-Encoding");
  if (!encoding) return;
  std::vector<std::string> kept;
  for (const std::string& part : split(*encoding, ',')) {
    const std::string name(trim(part));
    if (!equals_ignore_case(name, "aws-chunked") && !name.empty()) kept.push_back(name);
  }
  if (kept.empty()) {
    headers.remove("Content-Encoding");
  } else {
    headers.set("Content-Encoding", join(kept, ","));
  }
}

// The payload's name in the signature: a hash, or one of S3's words.
std::string content_hash(const HttpRequest& request) {
  const std::string_view header = request.headers.get("X-Amz-Content-Sha256");
  if (!header.empty()) return std::string(header);
  const std::string_view query = request.query_value("X-Amz-Content-Sha256");
  return query.empty() ? "UNSIGNED-PAYLOAD" : std::string(query);
}

}  // namespace

Result<std::unique_ptr<AwsPayloadReader>> AwsPayloadReader::wrap(HttpRequest& request,
                                                                 const VerifiedSignature* signature) {
  const std::string hash = content_hash(request);
  if (hash == "UNSIGNED-PAYLOAD") return std::unique_ptr<AwsPayloadReader>(new PlainPayload(*request.body, ""));
  if (is_hash(hash)) return std::unique_ptr<AwsPayloadReader>(new PlainPayload(*request.body, hash));
  ChunkedOptions options;
  if (hash == "STREAMING-AWS4-HMAC-SHA256-PAYLOAD") {
    options.has_signatures = true;
  } else if (hash == "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER") {
    options.has_signatures = options.has_trailer = true;
  } else if (hash == "STREAMING-UNSIGNED-PAYLOAD-TRAILER") {
    options.has_trailer = true;
  } else {
    return Error(ErrorCode::kInvalidArgument,
                 "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, "
                 "STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a valid sha256 "
                 "value.");
  }
  options.seed = signature;
  options.decoded_length = parse_int(request.headers.get("X-Amz-Decoded-Content-Length"));
  request.content_length = options.decoded_length;
  remove_aws_chunked(request.headers);
  return std::unique_ptr<AwsPayloadReader>(new ChunkedPayload(*request.body, options));
}

Result<VerifiedSignature> verify_s3_signature(const HttpRequest& request, const SecretLookup& secrets,
                                              const Clock& clock, std::string_view region) {
  const SignatureClaim claim = TRY(parse_signature(request));
  if (!claim.presigned && !request.headers.has("X-Amz-Content-Sha256")) {
    return Error(ErrorCode::kInvalidRequest, "Missing required header for this request: x-amz-content-sha256");
  }
  return verify_signature(request, content_hash(request), secrets, clock,
                          {.region = std::string(region), .service = "s3", .skew_s = 900, .encode_path_twice = false});
}

}  // namespace raudal::net
