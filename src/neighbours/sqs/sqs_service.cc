#include "neighbours/sqs/sqs_service.h"

#include <fmt/core.h>

#include "base/str.h"
#include "neighbours/sqs/query_form.h"
#include "neighbours/sqs/sqs_operations.h"

namespace raudal::neighbours::sqs {

// A line of the table of operations.
struct SqsService::Operation {
  std::string_view name;
  Answer (SqsService::*run)(const AwsCall& call, const Request& request);
};

const SqsService::Operation SqsService::kOperations[] = {
    {"ChangeMessageVisibility", &SqsService::change_message_visibility},
    {"ChangeMessageVisibilityBatch", &SqsService::change_message_visibility_batch},
    {"CreateQueue", &SqsService::create_queue},
    {"DeleteMessage", &SqsService::delete_message},
    {"DeleteMessageBatch", &SqsService::delete_message_batch},
    {"DeleteQueue", &SqsService::delete_queue},
    {"GetQueueAttributes", &SqsService::get_queue_attributes},
    {"GetQueueUrl", &SqsService::get_queue_url},
    {"ListDeadLetterSourceQueues", &SqsService::list_dead_letter_source_queues},
    {"ListQueues", &SqsService::list_queues},
    {"ListQueueTags", &SqsService::list_queue_tags},
    {"PurgeQueue", &SqsService::purge_queue},
    {"ReceiveMessage", &SqsService::receive_message},
    {"SendMessage", &SqsService::send_message},
    {"SendMessageBatch", &SqsService::send_message_batch},
    {"SetQueueAttributes", &SqsService::set_queue_attributes},
    {"TagQueue", &SqsService::tag_queue},
    {"UntagQueue", &SqsService::untag_queue},
};

AwsFailure invalid_value(std::string message) {
  return AwsFailure("InvalidParameterValueException", std::move(message)).with_query_code("InvalidParameterValue");
}

AwsFailure missing_parameter(std::string_view name) {
  return AwsFailure("MissingRequiredParameterException",
                    fmt::format("The request must contain the parameter {}.", name))
      .with_query_code("MissingParameter");
}

AwsFailure queue_does_not_exist() {
  return AwsFailure("QueueDoesNotExist", "The specified queue does not exist.")
      .with_query_code("AWS.SimpleQueueService.NonExistentQueue");
}

std::string text_of(const codec::JsonObject& request, std::string_view member) {
  return std::string(codec::find_string(request, member).value_or(""));
}

AwsResult<int64_t> number_of(const codec::JsonObject& request, std::string_view member, int64_t otherwise,
                             int64_t least, int64_t most) {
  const codec::Json* value = request.if_contains(member);
  if (!value || value->is_null()) return otherwise;
  const auto number =
      value->is_string() ? parse_int(std::string_view(value->get_string())) : codec::find_int(request, member);
  if (number && *number >= least && *number <= most) return *number;
  return invalid_value(
      fmt::format("Value {} for parameter {} is invalid. Reason: Must be between {} and {}, if "
                  "provided.",
                  codec::write_json(*value), member, least, most));
}

void SqsService::stop() {
  const std::lock_guard lock(mutex_);
  stopping_ = true;
  changed_.notify_all();
}

AwsStatus SqsService::handle(AwsCall& call, net::ResponseWriter& response) {
  auto answer = run(call);
  if (!answer.ok()) {
    AwsFailure failure = answer.error();
    // The JSON protocol of SQS gives its own refusals their namespace.
    if (!failure.query_code.empty() && call.protocol == protocol::Protocol::kJson) {
      failure.code = "com.amazonaws.sqs#" + failure.code;
    }
    return failure;
  }
  if (call.protocol == protocol::Protocol::kQuery) {
    protocol::answer_query_xml(call, response, xml_of_answer(call.operation, *answer));
  } else {
    protocol::answer_json(call, response, *answer);
  }
  return {};
}

SqsService::Answer SqsService::run(const AwsCall& call) {
  for (const Operation& operation : kOperations) {
    if (operation.name != call.operation) continue;
    const bool is_form = call.protocol == protocol::Protocol::kQuery;
    const Request request = is_form ? TRY(request_of_form(call.form)) : TRY(protocol::json_request(call));
    return (this->*operation.run)(call, request);
  }
  return protocol::unknown_operation(call);
}

AwsResult<Queue> SqsService::find_queue(const AwsCall& call, const Request& request) {
  std::string url = text_of(request, "QueueUrl");
  if (url.empty() && call.protocol == protocol::Protocol::kQuery && call.http.path.size() > 1) url = call.http.path;
  if (url.empty()) return missing_parameter("QueueUrl");
  auto queue = TRY(store_->find(url.substr(url.rfind('/') + 1)));
  if (!queue) return queue_does_not_exist();
  return *std::move(queue);
}

// Below the name under which the client reaches the service, since old SDKs send messages to the queue's own URL.
std::string SqsService::queue_url(const AwsCall& call, std::string_view name) const {
  const std::string_view host = call.http.headers.get("Host");
  const bool is_aws_name = host.substr(0, host.find(':')).ends_with(".amazonaws.com");
  return fmt::format("{}://{}/{}/{}", is_aws_name ? "https" : "http", host, context_.account, name);
}

protocol::ServiceEntry sqs_service() {
  return {.info = {.name = "SQS",
                   .signing_name = "sqs",
                   .target_prefixes = {"AmazonSQS"},
                   .query_version = "2012-11-05",
                   .xml_namespace = "http://queue.amazonaws.com/doc/2012-11-05/"},
          .open = [](const protocol::ServiceContext& context) -> Result<std::unique_ptr<protocol::AwsService>> {
            auto store = TRY(QueueStore::open(context.fs, context.directory));
            return std::unique_ptr<protocol::AwsService>(new SqsService(context, std::move(store)));
          }};
}

}  // namespace raudal::neighbours::sqs
