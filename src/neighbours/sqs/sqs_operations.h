// The operations of SQS, one member function each. Included by this module's .cc files alone: sqs_service.cc has the
// table and what all share, queue_operations.cc and message_operations.cc the operations.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "neighbours/protocol/answers.h"
#include "neighbours/protocol/aws_service.h"
#include "neighbours/sqs/queue_store.h"

namespace raudal::neighbours::sqs {

using protocol::AwsCall;
using protocol::AwsFailure;
using protocol::AwsResult;
using protocol::AwsStatus;

// Refusals in the words of SQS, with the code of both protocols.
AwsFailure invalid_value(std::string message);
AwsFailure missing_parameter(std::string_view name);
AwsFailure queue_does_not_exist();

// Members of a request, which the query protocol gives as texts.
std::string text_of(const codec::JsonObject& request, std::string_view member);
// Otherwise when it is absent; refused when it is no number or out of range.
AwsResult<int64_t> number_of(const codec::JsonObject& request, std::string_view member, int64_t otherwise,
                             int64_t least, int64_t most);

// All calls hold one lock, but those that wait for messages let go of it meanwhile.
class SqsService final : public protocol::AwsService {
 public:
  SqsService(const protocol::ServiceContext& context, std::unique_ptr<QueueStore> store)
      : context_(context), store_(std::move(store)) {}

  AwsStatus handle(AwsCall& call, net::ResponseWriter& response) override;
  void stop() override;

 private:
  using Lock = std::unique_lock<std::mutex>;
  using Request = codec::JsonObject;
  using Answer = AwsResult<codec::JsonObject>;
  struct Operation;
  static const Operation kOperations[];

  // queue_operations.cc
  Answer create_queue(const AwsCall& call, const Request& request);
  Answer delete_queue(const AwsCall& call, const Request& request);
  Answer get_queue_attributes(const AwsCall& call, const Request& request);
  Answer get_queue_url(const AwsCall& call, const Request& request);
  Answer list_dead_letter_source_queues(const AwsCall& call, const Request& request);
  Answer list_queues(const AwsCall& call, const Request& request);
  Answer list_queue_tags(const AwsCall& call, const Request& request);
  Answer purge_queue(const AwsCall& call, const Request& request);
  Answer set_queue_attributes(const AwsCall& call, const Request& request);
  Answer tag_queue(const AwsCall& call, const Request& request);
  Answer untag_queue(const AwsCall& call, const Request& request);

  // message_operations.cc
  Answer change_message_visibility(const AwsCall& call, const Request& request);
  Answer change_message_visibility_batch(const AwsCall& call, const Request& request);
  Answer delete_message(const AwsCall& call, const Request& request);
  Answer delete_message_batch(const AwsCall& call, const Request& request);
  Answer receive_message(const AwsCall& call, const Request& request);
  Answer send_message(const AwsCall& call, const Request& request);
  Answer send_message_batch(const AwsCall& call, const Request& request);

  Answer run(const AwsCall& call);
  // The queue of QueueUrl, or of the path of an old client.
  AwsResult<Queue> find_queue(const AwsCall& call, const Request& request);
  std::string queue_url(const AwsCall& call, std::string_view name) const;
  std::string queue_arn(std::string_view name) const { return context_.arn("sqs", name); }
  int64_t now_ms() const { return context_.clock.wall_us() / 1000; }

  Answer send_one(const AwsCall& call, const Queue& queue, const Request& entry);
  AwsStatus delete_one(const Queue& queue, const Request& entry);
  AwsStatus change_visibility_of_one(const Queue& queue, const Request& entry);
  // The message of a receipt handle; nothing when it is gone or was received again since.
  AwsResult<std::optional<Message>> find_received(const Queue& queue, const Request& entry);
  // Each entry of a batch by itself, in one transaction.
  Answer run_batch(const Request& request, const std::function<Answer(const Request& entry)>& run_entry);
  AwsResult<std::vector<Message>> receive(const Queue& queue, int64_t limit, int64_t visibility_s);
  // False: the message has been received too often and went to the dead letters.
  AwsResult<bool> may_be_received(const Queue& queue, Message& message);

  const protocol::ServiceContext context_;
  std::mutex mutex_;
  std::condition_variable changed_;  // a message may be receivable, or the service stops
  bool stopping_ = false;
  const std::unique_ptr<QueueStore> store_;
};

}  // namespace raudal::neighbours::sqs
