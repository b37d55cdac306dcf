#include "neighbours/protocol/router.h"

#include <algorithm>
#include <atomic>
#include <utility>

#include <fmt/core.h>

#include "base/str.h"
#include "neighbours/protocol/answers.h"
#include "net/sigv4.h"

namespace raudal::neighbours::protocol {
namespace {

constexpr std::string_view kForm = "application/x-www-form-urlencoded";
constexpr size_t kUnknownBodyBytesMax = 1 << 20;

// Services that programs of the examples call and that are not answered here, for a refusal that names them.
struct ForeignService {
  std::string_view signing_name;
  std::string_view target_prefix;
  std::string_view name;
};
constexpr ForeignService kForeign[] = {
    {"dynamodb", "DynamoDB_20120810", "DynamoDB"},
    {"dynamodb", "DynamoDBStreams_20120810", "DynamoDB Streams"},
    {"events", "AWSEvents", "EventBridge"},
    {"glue", "AWSGlue", "Glue"},
    {"kms", "TrentService", "KMS"},
    {"logs", "Logs_20140328", "CloudWatch Logs"},
    {"monitoring", "GraniteServiceVersion20100801", "CloudWatch"},
    {"ssm", "AmazonSSM", "Systems Manager"},
    {"states", "AWSStepFunctions", "Step Functions"},
    {"aps", "", "Managed Service for Prometheus"},
    {"es", "", "OpenSearch Service"},
    {"aoss", "", "OpenSearch Serverless"},
    {"iam", "", "IAM"},
    {"kafka", "", "Managed Streaming for Apache Kafka"},
    {"lambda", "", "Lambda"},
    {"rds", "", "RDS"},
    {"s3tables", "", "S3 Tables"},
    {"sns", "", "SNS"},
    {"timestream", "Timestream_20181101", "Timestream"},
};

std::string_view target_prefix(const net::HttpRequest& request) {
  const std::string_view target = request.headers.get("X-Amz-Target");
  const size_t dot = target.rfind('.');
  return dot == std::string_view::npos ? std::string_view() : target.substr(0, dot);
}

// {"Kinesis_20131202", "PutRecord"} of "/service/Kinesis_20131202/operation/PutRecord".
std::pair<std::string_view, std::string_view> smithy_path(const net::HttpRequest& request) {
  constexpr std::string_view kService = "/service/";
  constexpr std::string_view kOperation = "/operation/";
  const std::string_view path = request.path;
  const size_t at = path.find(kOperation);
  if (!path.starts_with(kService) || at == std::string_view::npos || at < kService.size()) return {};
  return {path.substr(kService.size(), at - kService.size()), path.substr(at + kOperation.size())};
}

bool is_form(const net::HttpRequest& request) {
  return request.method == "POST" && request.headers.get("Content-Type").starts_with(kForm);
}

// The service in "kinesis.us-east-1.amazonaws.com" and "000000000000.control-kinesis.us-east-1.amazonaws.com"; S3's
// names carry buckets and are S3's own business.
std::string service_of_host(std::string_view host) {
  host = host.substr(0, host.find(':'));
  const size_t suffix = host.find(".amazonaws.com");
  if (suffix == std::string_view::npos) return "";
  const std::vector<std::string> labels = split(host.substr(0, suffix), '.');
  for (const std::string& label : labels) {
    if (label == "s3" || label.starts_with("s3-")) return "s3";
    if (label == "queue") return "sqs";
    if (label == "data-kinesis" || label == "control-kinesis") return "kinesis";
  }
  return labels.front();
}

Status parse_form(std::string_view text, net::QueryPairs& form) {
  for (const std::string& pair : split(text, '&')) {
    if (pair.empty()) continue;
    const size_t equals = pair.find('=');
    auto name = net::percent_decode(std::string_view(pair).substr(0, equals), /*plus_is_blank=*/true);
    auto value = net::percent_decode(
        equals == std::string::npos ? std::string_view() : std::string_view(pair).substr(equals + 1), true);
    if (!name || !value) return Error(ErrorCode::kSerialization, "The form body has a bad percent sign: " + pair);
    form.emplace_back(*std::move(name), *std::move(value));
  }
  return {};
}

Protocol protocol_of(const net::HttpRequest& request) {
  if (!smithy_path(request).first.empty()) return Protocol::kSmithyCbor;
  if (request.headers.get("Content-Type").starts_with("application/x-amz-cbor")) return Protocol::kCbor;
  if (request.headers.has("X-Amz-Target")) return Protocol::kJson;
  return is_form(request) || request.has_query("Action") ? Protocol::kQuery : Protocol::kJson;
}

ServiceInfo foreign_info(const std::string& service, const net::HttpRequest& request) {
  ServiceInfo info{.name = service, .signing_name = service, .body_bytes_max = kUnknownBodyBytesMax};
  for (const ForeignService& foreign : kForeign) {
    if (foreign.signing_name != service) continue;
    info.name = foreign.name;
    if (foreign.target_prefix == target_prefix(request)) break;
  }
  return info;
}

}  // namespace

// A service of the list, and the running one once it is open.
struct ServiceRouter::Slot {
  ServiceEntry entry;
  std::unique_ptr<AwsService> owner;
  std::atomic<AwsService*> running = nullptr;
};

std::string_view AwsCall::form_value(std::string_view name) const {
  const auto found = std::ranges::find(form, name, [](const auto& pair) { return std::string_view(pair.first); });
  return found == form.end() ? std::string_view() : std::string_view(found->second);
}

std::string ServiceContext::arn(std::string_view service, std::string_view resource) const {
  return fmt::format("arn:aws:{}:{}:{}:{}", service, region, account, resource);
}

ServiceRouter::ServiceRouter(Fs& fs, const Clock& clock, const obs::Logger& log, RouterOptions options,
                             Authentication authentication, std::vector<ServiceEntry> entries)
    : fs_(fs),
      clock_(clock),
      log_(log),
      options_(std::move(options)),
      authentication_(std::move(authentication)),
      refusals_(log, clock) {
  for (ServiceEntry& entry : entries) {
    slots_.push_back(std::make_unique<Slot>());
    slots_.back()->entry = std::move(entry);
  }
}

ServiceRouter::~ServiceRouter() = default;

void ServiceRouter::start() {
  for (const auto& slot : slots_) {
    if (!slot->entry.works_alone) continue;
    if (!exists(fs_, join_path(options_.directory, slot->entry.info.signing_name))) continue;
    const auto opened = open(*slot);
    // The other services go on without it; its next call tries again and says why not.
    if (!opened.ok()) log_.error(fmt::format("{} cannot be opened", slot->entry.info.name), opened.error());
  }
}

void ServiceRouter::stop() {
  for (const auto& slot : slots_) {
    if (AwsService* running = slot->running.load()) running->stop();
  }
}

std::string ServiceRouter::find_service(const net::HttpRequest& request) const {
  const std::string_view prefix = target_prefix(request);
  const std::string_view smithy = smithy_path(request).first;
  const std::string_view model = prefix.empty() ? smithy : prefix;
  if (!model.empty()) {
    for (const auto& slot : slots_) {
      const ServiceInfo& info = slot->entry.info;
      if (std::ranges::find(info.target_prefixes, model) != info.target_prefixes.end()) return info.signing_name;
    }
    for (const ForeignService& foreign : kForeign) {
      if (foreign.target_prefix == model) return std::string(foreign.signing_name);
    }
    if (model.starts_with("KinesisAnalytics_")) return "kinesisanalytics";
  }
  std::string signed_for = net::signature_service(request);
  if (!signed_for.empty()) return signed_for;
  std::string named = service_of_host(request.headers.get("Host"));
  if (!named.empty()) return named;
  // Only calls that give credentials may come unsigned and say no more than their Action.
  if (is_form(request) || request.has_query("Action")) {
    for (const auto& slot : slots_) {
      if (!slot->entry.info.unsigned_operations.empty()) return slot->entry.info.signing_name;
    }
  }
  return "";
}

ServiceRouter::Slot* ServiceRouter::find_slot(std::string_view signing_name) const {
  for (const auto& slot : slots_) {
    if (slot->entry.info.signing_name == signing_name) return slot.get();
  }
  return nullptr;
}

AwsService* ServiceRouter::service(std::string_view signing_name) {
  Slot* slot = find_slot(signing_name);
  if (!slot) return nullptr;
  const auto opened = open(*slot);
  return opened.ok() ? *opened : nullptr;
}

Result<AwsService*> ServiceRouter::open(Slot& slot) {
  if (AwsService* running = slot.running.load()) return running;
  const std::lock_guard lock(mutex_);
  if (slot.owner) return slot.owner.get();
  const std::string& name = slot.entry.info.signing_name;
  slot.owner = TRY(slot.entry.open({.fs = fs_,
                                    .clock = clock_,
                                    .log = log_.named("raudal." + name),
                                    .directory = join_path(options_.directory, name),
                                    .region = options_.region,
                                    .account = options_.account,
                                    .sibling = [this](std::string_view name) { return service(name); }}));
  slot.running = slot.owner.get();
  return slot.owner.get();
}

void ServiceRouter::handle(const std::string& service, net::HttpRequest& request, net::ResponseWriter& response) {
  Slot* slot = find_slot(service);
  const ServiceInfo foreign = slot ? ServiceInfo() : foreign_info(service, request);
  AwsCall call{.http = request,
               .request_id = new_request_id(),
               .protocol = protocol_of(request),
               .content_type = std::string(request.headers.get("Content-Type")),
               .operation = "",
               .body = "",
               .form = {},
               .caller = {},
               .service = slot ? slot->entry.info : foreign};
  const AwsStatus done = run(slot, call, response);
  if (done.ok()) return;
  const AwsFailure& failure = done.error();
  answer_failure(call, response, failure);
  refusals_.write(call.service.signing_name, call.operation, failure.http_status, failure.code, failure.message,
                  claimed_key(request));
}

AwsStatus ServiceRouter::read_call(AwsCall& call, net::ResponseWriter& response) const {
  const std::string_view target = call.http.headers.get("X-Amz-Target");
  if (call.protocol == Protocol::kSmithyCbor) {
    call.operation = smithy_path(call.http).second;
  } else if (!target.empty()) {
    call.operation = target.substr(target.rfind('.') + 1);
  }
  auto body = net::read_all(*call.http.body, call.service.body_bytes_max);
  if (!body.ok()) {
    response.close_after();
    return body.error();
  }
  call.body = *std::move(body);
  if (call.protocol != Protocol::kQuery) return {};
  call.form = call.http.query;
  if (is_form(call.http)) TRY(parse_form(call.body, call.form));
  call.operation = call.form_value("Action");
  return {};
}

AwsStatus ServiceRouter::run(Slot* slot, AwsCall& call, net::ResponseWriter& response) {
  TRY(read_call(call, response));
  if (!slot) {
    return AwsFailure("UnsupportedOperationException",
                      fmt::format("{} is not answered by Raudal; set this client's endpoint to a service that answers "
                                  "it, or leave AWS's own name to AWS: {} {}",
                                  call.service.name, call.service.signing_name, call.operation));
  }
  const ServiceInfo& info = call.service;
  const bool needs_signature =
      std::ranges::find(info.unsigned_operations, call.operation) == info.unsigned_operations.end();
  if (needs_signature)
    call.caller = TRY(authentication_.verify(call.http, call.body, info.signing_name, info.any_region));
  return TRY(open(*slot))->handle(call, response);
}

}  // namespace raudal::neighbours::protocol
