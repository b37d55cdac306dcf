// What an HTTP handler sees: the request with a body that is read as a stream, and a writer for the response. Used by
// the AWS front door, the engine's REST server and S3; the server behind it is net/http_server.h.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/fs.h"
#include "base/result.h"

namespace raudal::net {

// Header fields in their order; names compare without case.
class HttpHeaders {
 public:
  using Field = std::pair<std::string, std::string>;

  HttpHeaders() = default;
  HttpHeaders(std::initializer_list<Field> fields) : fields_(fields) {}

  void add(std::string name, std::string value) { fields_.emplace_back(std::move(name), std::move(value)); }
  void set(std::string_view name, std::string value);  // replaces all of that name
  void remove(std::string_view name);
  bool has(std::string_view name) const { return find(name) != nullptr; }
  // The first of that name; empty text when absent.
  std::string_view get(std::string_view name) const;
  const std::string* find(std::string_view name) const;

  auto begin() const { return fields_.begin(); }
  auto end() const { return fields_.end(); }

 private:
  std::vector<Field> fields_;
};

// Bytes that arrive in pieces. After an error or the end it stays there.
class BodyReader {
 public:
  virtual ~BodyReader() = default;
  // Some bytes, at most buffer.size(); 0 at the end. kRequestTooLarge beyond the limit, kIo when the peer is gone,
  // kTimeout when it is silent.
  virtual Result<size_t> read(std::span<char> buffer) = 0;
};

// A body that is in memory already.
class StringBodyReader final : public BodyReader {
 public:
  explicit StringBodyReader(std::string bytes) : bytes_(std::move(bytes)) {}
  Result<size_t> read(std::span<char> buffer) override;

 private:
  std::string bytes_;
  size_t position_ = 0;
};

// All of a body; kRequestTooLarge when it is longer than bytes_max.
Result<std::string> read_all(BodyReader& body, size_t bytes_max);

using QueryPairs = std::vector<std::pair<std::string, std::string>>;

// A request as received, or as it is to be sent and signed.
struct HttpRequest {
  std::string method;
  std::string target;    // as sent: "/jobs/1?mode=cancel"
  std::string raw_path;  // the target up to '?'
  std::string path;      // percent-decoded
  QueryPairs query;      // decoded, in order
  HttpHeaders headers;
  std::string peer;  // "127.0.0.1" or "unix"
  bool over_tls = false;
  BodyReader* body = nullptr;  // never null in a handler; may be replaced by a decoding one
  std::optional<int64_t> content_length;

  bool has_query(std::string_view name) const;
  std::string_view query_value(std::string_view name) const;  // empty text when absent
};

// Splits request.target into raw_path, path and query. kInvalidRequest for a bad percent sign or no leading '/'.
Status split_target(HttpRequest& request);
// '+' is a plus sign unless plus_is_blank.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_blank = false);
// Encodes all but A-Z a-z 0-9 - _ . ~ (and '/' when keep_slash): what AWS's signatures need.
std::string percent_encode(std::string_view text, bool keep_slash = false);
std::string_view http_reason(int status);

// Answers one request: either send(), or begin() and write() and finish(). Content-Length, chunks, Date and the
// missing body of HEAD, 204 and 304 are its business. Errors mean that the client is gone.
class ResponseWriter {
 public:
  virtual ~ResponseWriter() = default;
  virtual bool started() const = 0;
  // False once the client is known to be gone, or the server ends: for handlers that wait for more to say.
  virtual bool is_open() const { return true; }
  // Starts a streamed answer; without a length it is sent in chunks.
  virtual Status begin(int status, const HttpHeaders& headers, std::optional<int64_t> content_length) = 0;
  virtual Status write(std::string_view bytes) = 0;
  virtual Status finish() = 0;
  // Closes the connection after this answer.
  virtual void close_after() = 0;

  Status send(int status, const HttpHeaders& headers, std::string_view body);
  Status send_json(int status, std::string_view body);
  // `length` bytes of a file from `offset`; the headers name the type.
  Status send_file(int status, const HttpHeaders& headers, File& file, int64_t offset, int64_t length);
};

// Runs on a thread of its own and may block. It must answer; if it returns without, the client sees 500.
using HttpHandler = std::function<void(HttpRequest&, ResponseWriter&)>;

}  // namespace raudal::net
