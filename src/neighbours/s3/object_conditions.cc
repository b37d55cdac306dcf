#include "neighbours/s3/object_conditions.h"

#include <algorithm>
#include <optional>
#include <string>

#include <fmt/core.h>

#include "base/str.h"

namespace raudal::neighbours::s3 {
namespace {

bool matches_any(std::string_view list, std::string_view etag) {
  for (const std::string& candidate : split(list, ',')) {
    if (trim(candidate) == "*" || unquoted(candidate) == etag) return true;
  }
  return false;
}

}  // namespace

S3Status check_read_conditions(const net::HttpHeaders& headers, std::string_view prefix,
                               const ObjectVersion& object) {
  const auto find = [&](std::string_view name) { return headers.find(fmt::format("{}{}", prefix, name)); };
  const auto failed = [&](std::string_view name) {
    return S3Failure(S3Code::kPreconditionFailed).with("Condition", fmt::format("{}{}", prefix, name));
  };
  const int64_t modified_s = object.modified_us / 1'000'000;
  // An entity tag decides before a date does.
  if (const std::string* tag = find("If-Match")) {
    if (!matches_any(*tag, object.etag)) return failed("If-Match");
  } else if (const std::string* date = find("If-Unmodified-Since")) {
    const auto since_s = parse_http_date(*date);
    if (since_s && modified_s > *since_s) return failed("If-Unmodified-Since");
  }
  const bool is_copy = !prefix.empty();
  const auto not_modified = [&](std::string_view name) {
    if (is_copy) return failed(name);
    return S3Failure(S3Code::kNotModified)
        .with_header("ETag", quoted(object.etag))
        .with_header("Last-Modified", http_date(object.modified_us));
  };
  if (const std::string* tag = find("If-None-Match")) {
    if (matches_any(*tag, object.etag)) return not_modified("If-None-Match");
  } else if (const std::string* date = find("If-Modified-Since")) {
    const auto since_s = parse_http_date(*date);
    if (since_s && modified_s <= *since_s) return not_modified("If-Modified-Since");
  }
  return {};
}

S3Result<ByteRange> find_range(std::string_view header, int64_t size_bytes) {
  const ByteRange all{.offset = 0, .length = size_bytes};
  constexpr std::string_view kUnit = "bytes=";
  if (!header.starts_with(kUnit)) return all;
  const std::string_view text = trim(header.substr(kUnit.size()));
  const size_t dash = text.find('-');
  if (dash == std::string_view::npos || text.find(',') != std::string_view::npos) return all;
  const auto first = parse_int(text.substr(0, dash));
  const auto last = parse_int(text.substr(dash + 1));
  const bool has_first = dash > 0;
  const bool has_last = dash + 1 < text.size();
  if ((has_first && !first) || (has_last && !last) || (!has_first && !has_last)) return all;
  if (has_first && has_last && *last < *first) return all;
  const int64_t offset = has_first ? *first : std::max<int64_t>(0, size_bytes - *last);
  const int64_t end = has_first && has_last ? std::min(*last, size_bytes - 1) + 1 : size_bytes;
  if (offset >= size_bytes || (!has_first && *last == 0)) {
    return S3Failure(S3Code::kInvalidRange)
        .with("RangeRequested", std::string(header))
        .with("ActualObjectSize", std::to_string(size_bytes))
        .with_header("Content-Range", fmt::format("bytes */{}", size_bytes));
  }
  return ByteRange{.offset = offset, .length = end - offset, .is_part = true};
}

S3Result<PinnedObject> find_copy_source(S3Context& context, const S3Request& request) {
  std::string_view source = request.http.headers.get("x-amz-copy-source");
  std::optional<std::string> version_id;
  constexpr std::string_view kVersion = "?versionId=";
  if (const size_t at = source.rfind(kVersion); at != std::string_view::npos) {
    version_id = source.substr(at + kVersion.size());
    source = source.substr(0, at);
  }
  if (source.starts_with('/')) source.remove_prefix(1);
  const auto decoded = net::percent_decode(source);
  const size_t slash = decoded ? decoded->find('/') : std::string::npos;
  if (slash == std::string::npos || slash == 0 || slash + 1 == decoded->size()) {
    return S3Failure(S3Code::kInvalidArgument, "Copy Source must mention the source bucket and key: "
                                               "sourcebucket/sourcekey")
        .with("ArgumentName", "x-amz-copy-source");
  }
  const std::string bucket = decoded->substr(0, slash);
  PinnedObject object = TRY(context.index.find_object(bucket, decoded->substr(slash + 1), version_id));
  TRY(check_read_conditions(request.http.headers, "x-amz-copy-source-", object.version));
  return object;
}

}  // namespace raudal::neighbours::s3
