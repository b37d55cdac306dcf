// Where generated records go: a Kinesis stream, a Firehose delivery stream or an SQS queue. Each makes the request of
// a batch and reads from the answer which of its records were not taken, so that only those are sent again.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "apps/load/record_template.h"
#include "base/result.h"

namespace raudal::apps {

// How a kind of destination is asked, and how much fits into one request.
class Target {
 public:
  virtual ~Target() = default;

  virtual std::string_view service() const = 0;  // as signatures name it
  virtual std::string_view action() const = 0;   // X-Amz-Target
  virtual std::string_view content_type() const = 0;
  virtual size_t records_max() const = 0;
  virtual size_t bytes_max() const = 0;  // data and keys together

  virtual std::string request(const std::vector<GeneratedRecord>& batch) const = 0;
  // Positions in the batch that were refused, ascending. kSerialization when the answer makes no sense.
  virtual Result<std::vector<size_t>> refused(const std::string& answer, size_t batch_size) const = 0;
};

std::unique_ptr<Target> kinesis_target(std::string stream);
std::unique_ptr<Target> firehose_target(std::string delivery_stream);
std::unique_ptr<Target> sqs_target(std::string queue_url);

}  // namespace raudal::apps
