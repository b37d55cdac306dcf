// Decides which AWS service a request is for, opens that service when it is first needed, authenticates the call and
// hands it over. A request for a service that is not there is refused by name, in the protocol it came in.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "neighbours/protocol/authentication.h"
#include "neighbours/protocol/aws_service.h"
#include "neighbours/protocol/refusal_log.h"
#include "net/http.h"

namespace raudal::neighbours::protocol {

// What all services are made of; the router adds each one's folder and logger.
struct RouterOptions {
  std::string directory;  // <data>/neighbours
  std::string region;
  std::string account;
};

// The services beside S3 and the control plane. Any thread; what it is given must outlive it.
class ServiceRouter {
 public:
  ServiceRouter(Fs& fs, const Clock& clock, const obs::Logger& log, RouterOptions options,
                Authentication authentication, std::vector<ServiceEntry> entries);
  ~ServiceRouter();

  // Opens the services that have work of their own left from before.
  void start();
  void stop();

  // The signing name of the service that a request is for: by X-Amz-Target, signature, Smithy path or host.
  // It may be one that is not there. Empty: by none of them. The body is not read for it.
  std::string find_service(const net::HttpRequest& request) const;
  // Answers a request for that service, which may be one that is not there.
  void handle(const std::string& service, net::HttpRequest& request, net::ResponseWriter& response);
  // Where refused calls of the front door's other services are told as well.
  RefusalLog& refusals() { return refusals_; }
  // For calls inside the process; null when there is no such service or it cannot be opened.
  AwsService* service(std::string_view signing_name);

 private:
  struct Slot;
  Slot* find_slot(std::string_view signing_name) const;
  Result<AwsService*> open(Slot& slot);
  AwsStatus run(Slot* slot, AwsCall& call, net::ResponseWriter& response);
  AwsStatus read_call(AwsCall& call, net::ResponseWriter& response) const;

  Fs& fs_;
  const Clock& clock_;
  const obs::Logger log_;
  const RouterOptions options_;
  const Authentication authentication_;
  RefusalLog refusals_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Slot>> slots_;
};

}  // namespace raudal::neighbours::protocol
