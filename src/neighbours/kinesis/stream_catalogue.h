// All streams of the service, by name. Used by every operation; loads the store when it is made.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "neighbours/kinesis/stream.h"
#include "neighbours/protocol/aws_service.h"

namespace raudal::neighbours::kinesis {

class StreamCatalogue {
 public:
  // Opens the store below the service's folder and removes what deleted streams left.
  static Result<std::unique_ptr<StreamCatalogue>> open(const protocol::ServiceContext& service, bool has_limits);

  // Null when there is none.
  std::shared_ptr<Stream> find(const std::string& name) const;
  std::shared_ptr<Stream> find(uint64_t number) const;
  // By name.
  std::vector<std::shared_ptr<Stream>> all() const;
  // ResourceInUseException when the name is taken.
  AwsResult<std::shared_ptr<Stream>> create(StreamState state);
  AwsStatus remove(const std::shared_ptr<Stream>& stream);
  void stop_waits();

  const StreamContext& context() const { return context_; }
  const std::string& seal_key() const { return store_->seal_key(); }
  std::string stream_arn(std::string_view name) const;
  std::string consumer_arn(std::string_view stream, const Consumer& consumer) const;
  const std::string& account() const { return account_; }
  const std::string& region() const { return region_; }

 private:
  StreamCatalogue(const protocol::ServiceContext& service, std::unique_ptr<StreamStore> store, bool has_limits);
  Status load();
  std::string directory_of(uint64_t number) const;

  const std::string directory_;
  const std::string region_;
  const std::string account_;
  const std::unique_ptr<StreamStore> store_;
  const StreamContext context_;
  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Stream>> streams_;
  std::map<uint64_t, std::shared_ptr<Stream>> by_number_;
};

}  // namespace raudal::neighbours::kinesis
