// What exists: buckets, object versions and uploads, in one SQLite file. A call that returns success is durable. Every
// change is one transaction; files that lose their last reference are discarded after it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "neighbours/s3/object_files.h"
#include "neighbours/s3/s3_error.h"
#include "sqlite/database.h"

namespace raudal::neighbours::s3 {

struct Bucket {
  std::string name;
  int64_t created_us = 0;
  std::string versioning;              // "", "Enabled" or "Suspended"
};

// A run of an object's bytes: one file. An object of several parts has several.
struct Segment {
  std::string file;
  int64_t size_bytes = 0;
};

// "crc32c", its base64 value ("...-3" when composite) and FULL_OBJECT or COMPOSITE. Empty: none.
struct Checksum {
  std::string algorithm;
  std::string value;
  std::string type;
};

// One version of an object, or a delete marker.
struct ObjectVersion {
  int64_t sequence = 0;                // later versions have larger ones
  std::string bucket;
  std::string key;
  std::string version_id;              // "null" when written without versioning
  bool is_latest = false;
  bool is_delete_marker = false;
  int64_t size_bytes = 0;
  std::string etag;                    // without quotes
  int64_t modified_us = 0;
  std::string headers;                 // what GET repeats: "name: value" lines
  Checksum checksum;
};

// What must hold for a write.
struct WriteConditions {
  bool if_absent = false;
  std::optional<std::string> if_etag;
};

// A version whose files stay while this lives.
class PinnedObject {
 public:
  PinnedObject(ObjectFiles& files, ObjectVersion version, std::vector<Segment> segments, bool bucket_is_versioned);
  ~PinnedObject();
  PinnedObject(PinnedObject&& other) noexcept;

  ObjectVersion version;
  std::vector<Segment> segments;
  bool bucket_is_versioned;

 private:
  std::vector<std::string> names() const;
  ObjectFiles* files_;
};

// Under which version a write is found, and when it was made.
struct WriteOutcome {
  std::string version_id;
  bool bucket_is_versioned = false;
  int64_t modified_us = 0;
};

// What a delete removed or, in a bucket with versions, added.
struct DeleteOutcome {
  std::string version_id;              // empty: none to tell
  bool is_delete_marker = false;
};

// An upload in parts that is neither completed nor aborted.
struct Upload {
  std::string id;
  std::string bucket;
  std::string key;
  int64_t created_us = 0;
  std::string headers;
  std::string checksum_algorithm;
  std::string checksum_type;
};

// One part of it; sending the number again replaces it.
struct UploadPart {
  int number = 0;
  std::string file;                    // empty for no bytes
  int64_t size_bytes = 0;
  std::string etag;
  int64_t modified_us = 0;
  Checksum checksum;
};

// The one owner of the database. Any thread; each call is atomic.
class S3Index {
 public:
  static Result<std::unique_ptr<S3Index>> open(const std::string& path, ObjectFiles& files);
  Result<std::set<std::string>> referenced_files();

  // False when it was there already.
  S3Result<bool> create_bucket(const std::string& name, int64_t now_us);
  S3Status delete_bucket(const std::string& name);
  S3Result<Bucket> find_bucket(const std::string& name);
  S3Result<std::vector<Bucket>> list_buckets();
  S3Status set_versioning(const std::string& name, const std::string& state);

  // `object` without sequence and version id.
  S3Result<WriteOutcome> put_object(ObjectVersion object, const std::vector<Segment>& segments,
                                    const WriteConditions& conditions);
  // The same bytes under another name; `object` carries the new name, headers and time.
  S3Result<WriteOutcome> copy_object(const ObjectVersion& source, ObjectVersion object,
                                     const WriteConditions& conditions);
  // The latest, or the one of that id. kNoSuchKey, kNoSuchVersion; for a marker kNoSuchKey or kMethodNotAllowed.
  S3Result<PinnedObject> find_object(const std::string& bucket, const std::string& key,
                                     const std::optional<std::string>& version_id);
  S3Result<DeleteOutcome> delete_object(const std::string& bucket, const std::string& key,
                                        const std::optional<std::string>& version_id, int64_t now_us);
  // The latest versions that are no markers, by key, from `from` on.
  S3Result<std::vector<ObjectVersion>> list_latest(const std::string& bucket, const std::string& from, int limit);
  // All versions by key, newest first; those of key `from` only below `sequence_below`.
  S3Result<std::vector<ObjectVersion>> list_versions(const std::string& bucket, const std::string& from,
                                                     int64_t sequence_below, int limit);
  // INT64_MAX when there is none: nothing is skipped then.
  S3Result<int64_t> sequence_of(const std::string& bucket, const std::string& key, const std::string& version_id);

  S3Status create_upload(const Upload& upload);
  S3Result<Upload> find_upload(const std::string& bucket, const std::string& key, const std::string& id);
  S3Result<std::vector<Upload>> list_uploads(const std::string& bucket);   // by key, then id
  S3Status put_part(const std::string& upload_id, const UploadPart& part);
  S3Result<std::vector<UploadPart>> list_parts(const std::string& upload_id);
  S3Status abort_upload(const std::string& upload_id);
  // The parts that the object does not use are dropped with the upload.
  S3Result<WriteOutcome> complete_upload(const std::string& upload_id, ObjectVersion object,
                                         const std::vector<Segment>& segments, const WriteConditions& conditions);

 private:
  using Freed = std::vector<std::string>;
  S3Index(sqlite::Database database, ObjectFiles& files) : database_(std::move(database)), files_(files) {}

  Status migrate();
  S3Result<Bucket> bucket_row(const std::string& name);
  S3Result<std::optional<ObjectVersion>> latest_row(const std::string& bucket, const std::string& key);
  S3Result<std::vector<ObjectVersion>> version_rows(sqlite::Statement statement);
  S3Result<std::vector<Segment>> segment_rows(int64_t sequence);
  S3Result<WriteOutcome> insert_version(ObjectVersion object, const std::vector<Segment>& segments,
                                        const WriteConditions& conditions, Freed& candidates);
  S3Status check_conditions(const std::string& bucket, const std::string& key, const WriteConditions& conditions);
  S3Status remove_version(const ObjectVersion& version, Freed& candidates);
  S3Status remove_null_version(const std::string& bucket, const std::string& key, Freed& candidates);
  S3Status remove_upload(const std::string& upload_id, Freed& candidates);
  // Commits; then discards those files that nothing refers to anymore.
  S3Status commit(sqlite::Transaction& transaction, const Freed& candidates);

  std::mutex mutex_;
  sqlite::Database database_;
  ObjectFiles& files_;
};

}  // namespace raudal::neighbours::s3
