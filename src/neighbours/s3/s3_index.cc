#include "neighbours/s3/s3_index.h"

#include <set>
#include <string_view>
#include <utility>

#include <fmt/core.h>

#include "base/failpoint.h"
#include "base/rng.h"

namespace raudal::neighbours::s3 {

using sqlite::Statement;
using sqlite::Transaction;

namespace {

constexpr int64_t kSchemaVersion = 1;
constexpr std::string_view kNullVersion = "null";

// All texts are stored as blobs, so that keys sort byte by byte as S3 lists them.
constexpr sqlite::Settings kSettings = {.name = "S3 index", .text_as = sqlite::TextAs::kBlob};
constexpr const char* kSchema = R"(
CREATE TABLE bucket (
  name BLOB PRIMARY KEY, created_us INTEGER NOT NULL, versioning BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE version (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  bucket BLOB NOT NULL REFERENCES bucket(name),
  key BLOB NOT NULL, version_id BLOB NOT NULL,
  is_latest INTEGER NOT NULL, is_delete_marker INTEGER NOT NULL,
  size_bytes INTEGER NOT NULL, etag BLOB NOT NULL, modified_us INTEGER NOT NULL, headers BLOB NOT NULL,
  checksum_algorithm BLOB NOT NULL, checksum_value BLOB NOT NULL, checksum_type BLOB NOT NULL,
  UNIQUE (bucket, key, version_id)
) STRICT;
CREATE UNIQUE INDEX latest_version ON version (bucket, key) WHERE is_latest = 1;
CREATE INDEX version_order ON version (bucket, key, sequence DESC);

CREATE TABLE segment (
  version INTEGER NOT NULL REFERENCES version(sequence), position INTEGER NOT NULL,
  file BLOB NOT NULL, size_bytes INTEGER NOT NULL,
  PRIMARY KEY (version, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX segment_file ON segment (file);

CREATE TABLE upload (
  id BLOB PRIMARY KEY, bucket BLOB NOT NULL REFERENCES bucket(name), key BLOB NOT NULL,
  created_us INTEGER NOT NULL, headers BLOB NOT NULL, checksum_algorithm BLOB NOT NULL, checksum_type BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE part (
  upload BLOB NOT NULL REFERENCES upload(id), number INTEGER NOT NULL,
  file BLOB NOT NULL, size_bytes INTEGER NOT NULL, etag BLOB NOT NULL, modified_us INTEGER NOT NULL,
  checksum_algorithm BLOB NOT NULL, checksum_value BLOB NOT NULL,
  PRIMARY KEY (upload, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX part_file ON part (file);

PRAGMA user_version = 1;
)";

constexpr std::string_view kSelectVersion =
    "SELECT sequence, bucket, key, version_id, is_latest, is_delete_marker, size_bytes, etag, modified_us, headers, "
    "checksum_algorithm, checksum_value, checksum_type FROM version ";

std::string select_versions(std::string_view rest) { return std::string(kSelectVersion) + std::string(rest); }

ObjectVersion version_of(const Statement& row) {
  return {.sequence = row.int_at(0),
          .bucket = row.text_at(1),
          .key = row.text_at(2),
          .version_id = row.text_at(3),
          .is_latest = row.int_at(4) != 0,
          .is_delete_marker = row.int_at(5) != 0,
          .size_bytes = row.int_at(6),
          .etag = row.text_at(7),
          .modified_us = row.int_at(8),
          .headers = row.text_at(9),
          .checksum = {.algorithm = row.text_at(10), .value = row.text_at(11), .type = row.text_at(12)}};
}

S3Failure no_such_bucket(const std::string& name) {
  return S3Failure(S3Code::kNoSuchBucket).with("BucketName", name);
}

S3Failure no_such_key(const std::string& key) { return S3Failure(S3Code::kNoSuchKey).with("Key", key); }

}  // namespace

PinnedObject::PinnedObject(ObjectFiles& files, ObjectVersion version, std::vector<Segment> segments,
                           bool bucket_is_versioned)
    : version(std::move(version)),
      segments(std::move(segments)),
      bucket_is_versioned(bucket_is_versioned),
      files_(&files) {
  files.pin(names());
}

PinnedObject::PinnedObject(PinnedObject&& other) noexcept
    : version(std::move(other.version)),
      segments(std::move(other.segments)),
      bucket_is_versioned(other.bucket_is_versioned),
      files_(std::exchange(other.files_, nullptr)) {}

PinnedObject::~PinnedObject() {
  if (files_) files_->unpin(names());
}

std::vector<std::string> PinnedObject::names() const {
  std::vector<std::string> names;
  for (const Segment& segment : segments) names.push_back(segment.file);
  return names;
}

Result<std::unique_ptr<S3Index>> S3Index::open(const std::string& path, ObjectFiles& files) {
  std::unique_ptr<S3Index> index(new S3Index(TRY(sqlite::Database::open(path, kSettings)), files));
  TRY(index->migrate());
  return index;
}

Status S3Index::migrate() {
  Statement row = TRY(database_.query("PRAGMA user_version"));
  TRY(row.step());
  const int64_t found = row.int_at(0);
  if (found == kSchemaVersion) return {};
  if (found != 0) {
    return Error(ErrorCode::kMetadata,
                 fmt::format("S3 index is of a newer release, version {} instead of {}", found, kSchemaVersion));
  }
  Transaction transaction = TRY(Transaction::begin(database_));
  TRY(database_.execute(kSchema));
  return transaction.commit();
}

Result<std::set<std::string>> S3Index::referenced_files() {
  std::lock_guard lock(mutex_);
  std::set<std::string> names;
  Statement row = TRY(database_.query("SELECT file FROM segment UNION SELECT file FROM part"));
  while (TRY(row.step())) names.insert(row.text_at(0));
  return names;
}

S3Result<Bucket> S3Index::bucket_row(const std::string& name) {
  Statement row = TRY(database_.query("SELECT name, created_us, versioning FROM bucket WHERE name = ?", name));
  if (!TRY(row.step())) return no_such_bucket(name);
  return Bucket{row.text_at(0), row.int_at(1), row.text_at(2)};
}

S3Result<bool> S3Index::create_bucket(const std::string& name, int64_t now_us) {
  std::lock_guard lock(mutex_);
  if (bucket_row(name).ok()) return false;
  TRY(database_.run("INSERT INTO bucket VALUES (?, ?, ?)", name, now_us, ""));
  return true;
}

S3Status S3Index::delete_bucket(const std::string& name) {
  std::lock_guard lock(mutex_);
  TRY(bucket_row(name));
  Statement any = TRY(database_.query("SELECT 1 FROM version WHERE bucket = ? LIMIT 1", name));
  if (TRY(any.step())) return S3Failure(S3Code::kBucketNotEmpty).with("BucketName", name);
  Freed candidates;
  Transaction transaction = TRY(Transaction::begin(database_));
  std::vector<std::string> uploads;
  Statement row = TRY(database_.query("SELECT id FROM upload WHERE bucket = ?", name));
  while (TRY(row.step())) uploads.push_back(row.text_at(0));
  for (const std::string& upload : uploads) TRY(remove_upload(upload, candidates));
  TRY(database_.run("DELETE FROM bucket WHERE name = ?", name));
  return commit(transaction, candidates);
}

S3Result<Bucket> S3Index::find_bucket(const std::string& name) {
  std::lock_guard lock(mutex_);
  return bucket_row(name);
}

S3Result<std::vector<Bucket>> S3Index::list_buckets() {
  std::lock_guard lock(mutex_);
  std::vector<Bucket> buckets;
  Statement row = TRY(database_.query("SELECT name, created_us, versioning FROM bucket ORDER BY name"));
  while (TRY(row.step())) buckets.push_back({row.text_at(0), row.int_at(1), row.text_at(2)});
  return buckets;
}

S3Status S3Index::set_versioning(const std::string& name, const std::string& state) {
  std::lock_guard lock(mutex_);
  TRY(bucket_row(name));
  return database_.run("UPDATE bucket SET versioning = ? WHERE name = ?", state, name);
}

S3Result<std::vector<ObjectVersion>> S3Index::version_rows(Statement statement) {
  std::vector<ObjectVersion> versions;
  while (TRY(statement.step())) versions.push_back(version_of(statement));
  return versions;
}

S3Result<std::optional<ObjectVersion>> S3Index::latest_row(const std::string& bucket, const std::string& key) {
  Statement row =
      TRY(database_.query(select_versions("WHERE bucket = ? AND key = ? AND is_latest = 1"), bucket, key));
  if (!TRY(row.step())) return std::optional<ObjectVersion>();
  return std::optional(version_of(row));
}

S3Result<std::vector<Segment>> S3Index::segment_rows(int64_t sequence) {
  std::vector<Segment> segments;
  Statement row =
      TRY(database_.query("SELECT file, size_bytes FROM segment WHERE version = ? ORDER BY position", sequence));
  while (TRY(row.step())) segments.push_back({row.text_at(0), row.int_at(1)});
  return segments;
}

S3Status S3Index::check_conditions(const std::string& bucket, const std::string& key,
                                   const WriteConditions& conditions) {
  if (!conditions.if_absent && !conditions.if_etag) return {};
  const std::optional<ObjectVersion> latest = TRY(latest_row(bucket, key));
  const bool present = latest && !latest->is_delete_marker;
  if (conditions.if_absent && present) {
    return S3Failure(S3Code::kPreconditionFailed).with("Condition", "If-None-Match");
  }
  if (conditions.if_etag) {
    if (!present) return no_such_key(key);
    if (*conditions.if_etag != "*" && *conditions.if_etag != latest->etag) {
      return S3Failure(S3Code::kPreconditionFailed).with("Condition", "If-Match");
    }
  }
  return {};
}

S3Result<WriteOutcome> S3Index::insert_version(ObjectVersion object, const std::vector<Segment>& segments,
                                               const WriteConditions& conditions, Freed& candidates) {
  const Bucket bucket = TRY(bucket_row(object.bucket));
  TRY(check_conditions(object.bucket, object.key, conditions));
  const bool keeps_versions = bucket.versioning == "Enabled";
  object.version_id = keeps_versions ? secure_random_hex(16) : std::string(kNullVersion);
  if (!keeps_versions) TRY(remove_null_version(object.bucket, object.key, candidates));
  TRY(database_.run("UPDATE version SET is_latest = 0 WHERE bucket = ? AND key = ? AND is_latest = 1",
                    object.bucket, object.key));
  TRY(database_.run("INSERT INTO version (bucket, key, version_id, is_latest, is_delete_marker, size_bytes, etag, "
                    "modified_us, headers, checksum_algorithm, checksum_value, checksum_type) "
                    "VALUES (?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?)",
                    object.bucket, object.key, object.version_id, int64_t{object.is_delete_marker},
                    object.size_bytes, object.etag, object.modified_us, object.headers, object.checksum.algorithm,
                    object.checksum.value, object.checksum.type));
  const int64_t sequence = database_.last_row_id();
  int64_t position = 0;
  for (const Segment& segment : segments) {
    TRY(database_.run("INSERT INTO segment VALUES (?, ?, ?, ?)", sequence, position++, segment.file,
                      segment.size_bytes));
  }
  return WriteOutcome{object.version_id, !bucket.versioning.empty(), object.modified_us};
}

S3Result<WriteOutcome> S3Index::put_object(ObjectVersion object, const std::vector<Segment>& segments,
                                           const WriteConditions& conditions) {
  FAILPOINT("s3.put_object");
  std::lock_guard lock(mutex_);
  Freed candidates;
  Transaction transaction = TRY(Transaction::begin(database_));
  WriteOutcome outcome = TRY(insert_version(std::move(object), segments, conditions, candidates));
  TRY(commit(transaction, candidates));
  return outcome;
}

S3Result<WriteOutcome> S3Index::copy_object(const ObjectVersion& source, ObjectVersion object,
                                            const WriteConditions& conditions) {
  std::lock_guard lock(mutex_);
  Freed candidates;
  Transaction transaction = TRY(Transaction::begin(database_));
  // The source may have gone since it was looked up; its rows decide.
  Statement still_there = TRY(database_.query("SELECT 1 FROM version WHERE sequence = ?", source.sequence));
  if (!TRY(still_there.step())) return no_such_key(source.key);
  const std::vector<Segment> segments = TRY(segment_rows(source.sequence));
  object.size_bytes = source.size_bytes;
  object.etag = source.etag;
  object.checksum = source.checksum;
  WriteOutcome outcome = TRY(insert_version(std::move(object), segments, conditions, candidates));
  TRY(commit(transaction, candidates));
  return outcome;
}

S3Result<PinnedObject> S3Index::find_object(const std::string& bucket, const std::string& key,
                                            const std::optional<std::string>& version_id) {
  std::lock_guard lock(mutex_);
  const bool versioned = !TRY(bucket_row(bucket)).versioning.empty();
  std::optional<ObjectVersion> found;
  if (version_id) {
    Statement row = TRY(database_.query(select_versions("WHERE bucket = ? AND key = ? AND version_id = ?"), bucket,
                                        key, *version_id));
    if (!TRY(row.step())) {
      return S3Failure(S3Code::kNoSuchVersion).with("Key", key).with("VersionId", *version_id);
    }
    found = version_of(row);
    if (found->is_delete_marker) {
      return S3Failure(S3Code::kMethodNotAllowed)
          .with("Method", "GET")
          .with("ResourceType", "DeleteMarker")
          .with_header("x-amz-delete-marker", "true")
          .with_header("Allow", "DELETE");
    }
  } else {
    found = TRY(latest_row(bucket, key));
    if (!found) return no_such_key(key);
    if (found->is_delete_marker) {
      return no_such_key(key)
          .with_header("x-amz-delete-marker", "true")
          .with_header("x-amz-version-id", found->version_id);
    }
  }
  std::vector<Segment> segments = TRY(segment_rows(found->sequence));
  return PinnedObject(files_, std::move(*found), std::move(segments), versioned);
}

S3Status S3Index::remove_version(const ObjectVersion& version, Freed& candidates) {
  for (const Segment& segment : TRY(segment_rows(version.sequence))) candidates.push_back(segment.file);
  TRY(database_.run("DELETE FROM segment WHERE version = ?", version.sequence));
  TRY(database_.run("DELETE FROM version WHERE sequence = ?", version.sequence));
  if (!version.is_latest) return {};
  return database_.run(
      "UPDATE version SET is_latest = 1 WHERE sequence = "
      "(SELECT max(sequence) FROM version WHERE bucket = ? AND key = ?)", version.bucket, version.key);
}

S3Status S3Index::remove_null_version(const std::string& bucket, const std::string& key, Freed& candidates) {
  Statement row = TRY(database_.query(select_versions("WHERE bucket = ? AND key = ? AND version_id = ?"), bucket, key,
                                      kNullVersion));
  for (const ObjectVersion& version : TRY(version_rows(std::move(row)))) TRY(remove_version(version, candidates));
  return {};
}

S3Result<DeleteOutcome> S3Index::delete_object(const std::string& bucket, const std::string& key,
                                               const std::optional<std::string>& version_id, int64_t now_us) {
  std::lock_guard lock(mutex_);
  const Bucket owner = TRY(bucket_row(bucket));
  Freed candidates;
  DeleteOutcome outcome;
  Transaction transaction = TRY(Transaction::begin(database_));
  if (version_id) {
    Statement row = TRY(database_.query(select_versions("WHERE bucket = ? AND key = ? AND version_id = ?"), bucket,
                                        key, *version_id));
    outcome.version_id = *version_id;
    for (const ObjectVersion& version : TRY(version_rows(std::move(row)))) {
      outcome.is_delete_marker = version.is_delete_marker;
      TRY(remove_version(version, candidates));
    }
  } else if (owner.versioning.empty()) {
    TRY(remove_null_version(bucket, key, candidates));
  } else {
    ObjectVersion marker{.bucket = bucket, .key = key, .is_delete_marker = true, .modified_us = now_us};
    outcome.version_id = TRY(insert_version(std::move(marker), {}, {}, candidates)).version_id;
    outcome.is_delete_marker = true;
  }
  TRY(commit(transaction, candidates));
  return outcome;
}

S3Result<std::vector<ObjectVersion>> S3Index::list_latest(const std::string& bucket, const std::string& from,
                                                          int limit) {
  std::lock_guard lock(mutex_);
  return version_rows(TRY(database_.query(
      select_versions("WHERE bucket = ? AND is_latest = 1 AND is_delete_marker = 0 AND key >= ? ORDER BY key LIMIT ?"),
      bucket, from, int64_t{limit})));
}

S3Result<std::vector<ObjectVersion>> S3Index::list_versions(const std::string& bucket, const std::string& from,
                                                            int64_t sequence_below, int limit) {
  std::lock_guard lock(mutex_);
  return version_rows(TRY(database_.query(
      select_versions("WHERE bucket = ? AND key >= ? AND NOT (key = ? AND sequence >= ?) "
                      "ORDER BY key, sequence DESC LIMIT ?"),
      bucket, from, from, sequence_below, int64_t{limit})));
}

S3Result<int64_t> S3Index::sequence_of(const std::string& bucket, const std::string& key,
                                       const std::string& version_id) {
  std::lock_guard lock(mutex_);
  Statement row = TRY(database_.query("SELECT sequence FROM version WHERE bucket = ? AND key = ? AND version_id = ?",
                                      bucket, key, version_id));
  return TRY(row.step()) ? row.int_at(0) : INT64_MAX;
}

S3Status S3Index::commit(Transaction& transaction, const Freed& candidates) {
  Freed unused;
  for (const std::string& file : candidates) {
    if (file.empty()) continue;
    Statement used = TRY(database_.query(
        "SELECT 1 FROM segment WHERE file = ? UNION ALL SELECT 1 FROM part WHERE file = ? LIMIT 1", file, file));
    if (!TRY(used.step())) unused.push_back(file);
  }
  TRY(transaction.commit());
  files_.discard(unused);
  return {};
}

}  // namespace raudal::neighbours::s3
