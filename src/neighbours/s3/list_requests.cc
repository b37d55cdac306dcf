// The three lists of objects. Each walks the index in key order and folds what shares a prefix up to the delimiter.
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/str.h"
#include "codec/base64.h"
#include "neighbours/s3/handlers.h"
#include "neighbours/s3/object_body.h"

namespace raudal::neighbours::s3 {
namespace {

constexpr int kKeysMax = 1000;

// What every list asks.
struct ListQuery {
  std::string prefix;
  std::string delimiter;
  std::string after;             // only keys and common prefixes behind this one
  std::string version_after;     // of lists of versions: within key `after`, only older ones than this
  int keys_max = kKeysMax;
  bool url_encoded = false;

  std::string text(std::string_view raw) const {
    return url_encoded ? net::percent_encode(raw, true) : std::string(raw);
  }
};

struct ListPage {
  std::vector<ObjectVersion> versions;
  std::vector<std::string> common_prefixes;
  bool is_truncated = false;
  std::string last;              // the last key or common prefix on this page
  std::string last_version;      // empty after a common prefix
};

S3Result<ListQuery> list_query(const S3Request& request, std::string_view after_name) {
  const net::HttpRequest& http = request.http;
  ListQuery query{.prefix = std::string(http.query_value("prefix")),
                  .delimiter = std::string(http.query_value("delimiter")),
                  .after = std::string(http.query_value(after_name))};
  query.keys_max = TRY(request.query_number("max-keys", kKeysMax, kKeysMax));
  const std::string_view encoding = http.query_value("encoding-type");
  if (!encoding.empty() && encoding != "url") {
    return S3Failure(S3Code::kInvalidArgument, "Invalid Encoding Method specified in Request")
        .with("ArgumentName", "encoding-type");
  }
  query.url_encoded = !encoding.empty();
  return query;
}

// The smallest text that is greater than all texts with this prefix; empty when there is none.
std::string successor(std::string prefix) {
  while (!prefix.empty() && static_cast<uint8_t>(prefix.back()) == 0xFF) prefix.pop_back();
  if (!prefix.empty()) prefix.back() = static_cast<char>(static_cast<uint8_t>(prefix.back()) + 1);
  return prefix;
}

// The common prefix into which a key folds; empty when it stands for itself.
std::string common_prefix(const ListQuery& query, const std::string& key) {
  if (query.delimiter.empty()) return "";
  const size_t at = key.find(query.delimiter, query.prefix.size());
  return at == std::string::npos ? "" : key.substr(0, at + query.delimiter.size());
}

// Asks for rows from a position on: (key, sequence below, limit). Latest versions or all.
using FetchRows = std::function<S3Result<std::vector<ObjectVersion>>(const std::string&, int64_t, int)>;

// Adds rows to the page until it is full or all are seen.
class PageBuilder {
 public:
  PageBuilder(const ListQuery& query, const FetchRows& fetch) : query_(query), fetch_(fetch) {}

  // `sequence_below`: of key query.after, only versions below it; 0 for none of them.
  S3Result<ListPage> build(int64_t sequence_below) {
    const std::string folded = common_prefix(query_, query_.after);
    const bool after_is_folded = query_.after.starts_with(query_.prefix) && folded == query_.after && !folded.empty();
    from_ = after_is_folded ? successor(query_.after) : query_.after;
    below_ = after_is_folded || query_.after.empty() ? INT64_MAX : sequence_below;
    if (from_ < query_.prefix) {
      from_ = query_.prefix;
      below_ = INT64_MAX;
    }
    if (query_.keys_max == 0) return std::move(page_);
    while (!done_) TRY(take_batch());
    return std::move(page_);
  }

 private:
  S3Status take_batch() {
    const int limit = query_.keys_max - count_ + 1;
    const std::vector<ObjectVersion> rows = TRY(fetch_(from_, below_, limit));
    for (const ObjectVersion& row : rows) {
      if (!row.key.starts_with(query_.prefix)) break;
      if (count_ == query_.keys_max) {
        page_.is_truncated = true;
        break;
      }
      ++count_;
      const std::string folded = common_prefix(query_, row.key);
      if (!folded.empty()) {
        // All that folds into it is stepped over at once.
        page_.common_prefixes.push_back(folded);
        page_.last = folded;
        page_.last_version.clear();
        from_ = successor(folded);
        below_ = INT64_MAX;
        done_ = from_.empty();
        return {};
      }
      page_.versions.push_back(row);
      page_.last = row.key;
      page_.last_version = row.version_id;
    }
    done_ = true;
    return {};
  }

  const ListQuery& query_;
  const FetchRows& fetch_;
  ListPage page_;
  std::string from_;
  int64_t below_ = INT64_MAX;
  int count_ = 0;
  bool done_ = false;
};

S3Result<ListPage> list_latest(S3Context& context, const S3Request& request, const ListQuery& query) {
  TRY(context.index.find_bucket(request.bucket));
  const FetchRows fetch = [&](const std::string& from, int64_t below, int limit) {
    // Latest versions are one a key: "only older ones of that key" means behind that key.
    return context.index.list_latest(request.bucket, below == INT64_MAX ? from : from + '\0', limit);
  };
  return PageBuilder(query, fetch).build(0);
}

void write_object(XmlWriter& xml, const ListQuery& query, const ObjectVersion& object) {
  xml.element("Key", query.text(object.key));
  if (!object.version_id.empty() && object.is_delete_marker) return;
  xml.element("LastModified", format_utc_ms(object.modified_us));
  xml.element("ETag", quoted(object.etag));
  if (const ChecksumKind* kind = find_checksum_kind(object.checksum.algorithm)) {
    xml.element("ChecksumAlgorithm", kind->name);
    xml.element("ChecksumType", object.checksum.type);
  }
  xml.element("Size", object.size_bytes);
  xml.element("StorageClass", "STANDARD");
}

void write_common(XmlWriter& xml, const S3Request& request, const ListQuery& query, const ListPage& page) {
  xml.element("Name", request.bucket);
  xml.element("Prefix", query.text(query.prefix));
  xml.element("MaxKeys", int64_t{query.keys_max});
  if (!query.delimiter.empty()) xml.element("Delimiter", query.text(query.delimiter));
  if (query.url_encoded) xml.element("EncodingType", "url");
  xml.element("IsTruncated", page.is_truncated);
}

void write_contents(XmlWriter& xml, const S3Context& context, const ListQuery& query, const ListPage& page,
                    bool with_owner) {
  for (const ObjectVersion& object : page.versions) {
    xml.open("Contents");
    write_object(xml, query, object);
    if (with_owner) write_owner(xml, "Owner", context.options);
    xml.close("Contents");
  }
  for (const std::string& prefix : page.common_prefixes) {
    xml.open("CommonPrefixes");
    xml.element("Prefix", query.text(prefix));
    xml.close("CommonPrefixes");
  }
}

}  // namespace

S3Status list_objects(S3Context& context, S3Request& request, net::ResponseWriter& response) {
  const ListQuery query = TRY(list_query(request, "marker"));
  const ListPage page = TRY(list_latest(context, request, query));
  XmlWriter xml("ListBucketResult");
  write_common(xml, request, query, page);
  xml.element("Marker", query.text(query.after));
  if (page.is_truncated && !query.delimiter.empty()) xml.element("NextMarker", query.text(page.last));
  write_contents(xml, context, query, page, /*with_owner=*/true);
  return answer_xml(request, response, std::move(xml));
}

S3Status list_objects_v2(S3Context& context, S3Request& request, net::ResponseWriter& response) {
  ListQuery query = TRY(list_query(request, "start-after"));
  const std::string start_after = query.after;
  const std::string token(request.http.query_value("continuation-token"));
  if (request.http.has_query("continuation-token")) {
    const auto decoded = codec::base64_decode(token);
    if (!decoded.ok() || decoded->empty()) {
      return S3Failure(S3Code::kInvalidArgument, "The continuation token provided is incorrect")
          .with("ArgumentName", "continuation-token");
    }
    query.after = *decoded;
  }
  const ListPage page = TRY(list_latest(context, request, query));
  XmlWriter xml("ListBucketResult");
  write_common(xml, request, query, page);
  xml.element("KeyCount", static_cast<int64_t>(page.versions.size() + page.common_prefixes.size()));
  if (!start_after.empty()) xml.element("StartAfter", query.text(start_after));
  if (!token.empty()) xml.element("ContinuationToken", token);
  if (page.is_truncated) xml.element("NextContinuationToken", codec::base64_encode(page.last));
  write_contents(xml, context, query, page, request.http.query_value("fetch-owner") == "true");
  return answer_xml(request, response, std::move(xml));
}

S3Status list_object_versions(S3Context& context, S3Request& request, net::ResponseWriter& response) {
  ListQuery query = TRY(list_query(request, "key-marker"));
  query.version_after = request.http.query_value("version-id-marker");
  if (query.after.empty() && !query.version_after.empty()) {
    return S3Failure(S3Code::kInvalidArgument, "A version-id marker cannot be specified without a key marker.")
        .with("ArgumentName", "version-id-marker");
  }
  TRY(context.index.find_bucket(request.bucket));
  const int64_t below = query.version_after.empty()
                            ? 0
                            : TRY(context.index.sequence_of(request.bucket, query.after, query.version_after));
  const FetchRows fetch = [&](const std::string& from, int64_t sequence_below, int limit) {
    return context.index.list_versions(request.bucket, from, sequence_below, limit);
  };
  const ListPage page = TRY(PageBuilder(query, fetch).build(below));
  XmlWriter xml("ListVersionsResult");
  write_common(xml, request, query, page);
  xml.element("KeyMarker", query.text(query.after));
  xml.element("VersionIdMarker", query.version_after);
  if (page.is_truncated) {
    xml.element("NextKeyMarker", query.text(page.last));
    if (!page.last_version.empty()) xml.element("NextVersionIdMarker", page.last_version);
  }
  for (const ObjectVersion& version : page.versions) {
    const std::string_view element = version.is_delete_marker ? "DeleteMarker" : "Version";
    xml.open(element);
    write_object(xml, query, version);
    if (version.is_delete_marker) xml.element("LastModified", format_utc_ms(version.modified_us));
    xml.element("VersionId", version.version_id);
    xml.element("IsLatest", version.is_latest);
    write_owner(xml, "Owner", context.options);
    xml.close(element);
  }
  for (const std::string& prefix : page.common_prefixes) {
    xml.open("CommonPrefixes");
    xml.element("Prefix", query.text(prefix));
    xml.close("CommonPrefixes");
  }
  return answer_xml(request, response, std::move(xml));
}

}  // namespace raudal::neighbours::s3
