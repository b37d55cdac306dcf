// The part of S3Index that knows multipart uploads.
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/failpoint.h"
#include "neighbours/s3/s3_index.h"

namespace raudal::neighbours::s3 {

using sqlite::Statement;
using sqlite::Transaction;

S3Status S3Index::create_upload(const Upload& upload) {
  std::lock_guard lock(mutex_);
  TRY(bucket_row(upload.bucket));
  return database_.run("INSERT INTO upload VALUES (?, ?, ?, ?, ?, ?, ?)", upload.id, upload.bucket, upload.key,
                       upload.created_us, upload.headers, upload.checksum_algorithm, upload.checksum_type);
}

S3Result<Upload> S3Index::find_upload(const std::string& bucket, const std::string& key, const std::string& id) {
  std::lock_guard lock(mutex_);
  TRY(bucket_row(bucket));
  Statement row = TRY(database_.query(
      "SELECT id, bucket, key, created_us, headers, checksum_algorithm, checksum_type FROM upload "
      "WHERE id = ? AND bucket = ? AND key = ?", id, bucket, key));
  if (!TRY(row.step())) return S3Failure(S3Code::kNoSuchUpload).with("UploadId", id);
  return Upload{.id = row.text_at(0), .bucket = row.text_at(1), .key = row.text_at(2), .created_us = row.int_at(3),
                .headers = row.text_at(4), .checksum_algorithm = row.text_at(5), .checksum_type = row.text_at(6)};
}

S3Result<std::vector<Upload>> S3Index::list_uploads(const std::string& bucket) {
  std::lock_guard lock(mutex_);
  TRY(bucket_row(bucket));
  std::vector<Upload> uploads;
  Statement row = TRY(database_.query(
      "SELECT id, bucket, key, created_us FROM upload WHERE bucket = ? ORDER BY key, id", bucket));
  while (TRY(row.step())) {
    uploads.push_back(
        {.id = row.text_at(0), .bucket = row.text_at(1), .key = row.text_at(2), .created_us = row.int_at(3)});
  }
  return uploads;
}

S3Status S3Index::put_part(const std::string& upload_id, const UploadPart& part) {
  std::lock_guard lock(mutex_);
  Freed candidates;
  Transaction transaction = TRY(Transaction::begin(database_));
  // Completed or aborted while the bytes came.
  Statement upload = TRY(database_.query("SELECT 1 FROM upload WHERE id = ?", upload_id));
  if (!TRY(upload.step())) return S3Failure(S3Code::kNoSuchUpload).with("UploadId", upload_id);
  Statement old = TRY(database_.query("SELECT file FROM part WHERE upload = ? AND number = ?", upload_id,
                                      int64_t{part.number}));
  if (TRY(old.step())) candidates.push_back(old.text_at(0));
  TRY(database_.run("INSERT OR REPLACE INTO part VALUES (?, ?, ?, ?, ?, ?, ?, ?)", upload_id, int64_t{part.number},
                    part.file, part.size_bytes, part.etag, part.modified_us, part.checksum.algorithm,
                    part.checksum.value));
  return commit(transaction, candidates);
}

S3Result<std::vector<UploadPart>> S3Index::list_parts(const std::string& upload_id) {
  std::lock_guard lock(mutex_);
  std::vector<UploadPart> parts;
  Statement row = TRY(database_.query(
      "SELECT number, file, size_bytes, etag, modified_us, checksum_algorithm, checksum_value FROM part "
      "WHERE upload = ? ORDER BY number", upload_id));
  while (TRY(row.step())) {
    parts.push_back({.number = static_cast<int>(row.int_at(0)), .file = row.text_at(1), .size_bytes = row.int_at(2),
                     .etag = row.text_at(3), .modified_us = row.int_at(4),
                     .checksum = {.algorithm = row.text_at(5), .value = row.text_at(6), .type = {}}});
  }
  return parts;
}

S3Status S3Index::remove_upload(const std::string& upload_id, Freed& candidates) {
  Statement row = TRY(database_.query("SELECT file FROM part WHERE upload = ?", upload_id));
  while (TRY(row.step())) candidates.push_back(row.text_at(0));
  TRY(database_.run("DELETE FROM part WHERE upload = ?", upload_id));
  return database_.run("DELETE FROM upload WHERE id = ?", upload_id);
}

S3Status S3Index::abort_upload(const std::string& upload_id) {
  std::lock_guard lock(mutex_);
  Freed candidates;
  Transaction transaction = TRY(Transaction::begin(database_));
  TRY(remove_upload(upload_id, candidates));
  return commit(transaction, candidates);
}

S3Result<WriteOutcome> S3Index::complete_upload(const std::string& upload_id, ObjectVersion object,
                                                const std::vector<Segment>& segments,
                                                const WriteConditions& conditions) {
  FAILPOINT("s3.complete_upload");
  std::lock_guard lock(mutex_);
  Freed candidates;
  Transaction transaction = TRY(Transaction::begin(database_));
  Statement upload = TRY(database_.query("SELECT 1 FROM upload WHERE id = ?", upload_id));
  if (!TRY(upload.step())) return S3Failure(S3Code::kNoSuchUpload).with("UploadId", upload_id);
  // A part that was sent again since the caller read the list has another file now.
  for (const Segment& segment : segments) {
    Statement part = TRY(database_.query("SELECT 1 FROM part WHERE upload = ? AND file = ?", upload_id, segment.file));
    if (!TRY(part.step())) return S3Code::kInvalidPart;
  }
  WriteOutcome outcome = TRY(insert_version(std::move(object), segments, conditions, candidates));
  TRY(remove_upload(upload_id, candidates));
  TRY(commit(transaction, candidates));
  return outcome;
}

}  // namespace raudal::neighbours::s3
