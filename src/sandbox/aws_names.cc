#include "sandbox/aws_names.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace raudal::sandbox {
namespace {

// Domains of AWS, longest first where one ends with another.
constexpr std::array<std::string_view, 3> kDomains = {".amazonaws.com", ".amazonaws.com.cn", ".api.aws"};

// Machines that belong to a customer and stand under AWS's domain: brokers, databases, hosts.
constexpr std::array<std::string_view, 9> kMachines = {"kafka", "kafka-serverless", "rds",     "cache", "redshift",
                                                       "docdb", "neptune",          "compute", "elb"};

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

// "us-east-1", "us-gov-west-1", "ap-southeast-2".
bool is_region(std::string_view label) {
  const size_t first = label.find('-');
  const size_t last = label.rfind('-');
  if (first != 2 || last == first || last + 2 != label.size() || !std::isdigit(label.back())) return false;
  return std::ranges::all_of(label.substr(0, last), [](char c) { return std::islower(c) || c == '-'; });
}

std::vector<std::string> labels_of(std::string_view name) {
  std::vector<std::string> labels;
  for (size_t at = 0; at <= name.size();) {
    const size_t dot = std::min(name.find('.', at), name.size());
    labels.emplace_back(name.substr(at, dot - at));
    at = dot + 1;
  }
  return labels;
}

// "s3-us-west-2" and "s3-fips" are S3 in older spellings; "kinesis-fips" is Kinesis.
std::string without_suffix(std::string label) {
  if (label.ends_with("-fips")) label.resize(label.size() - 5);
  if (label.starts_with("s3-") && (is_region(label.substr(3)) || label == "s3-external-1")) return "s3";
  if (label == "data-kinesis" || label == "control-kinesis") return "kinesis";
  if (label.starts_with("compute-")) return "compute";
  return label;
}

}  // namespace

std::string aws_service_of(std::string_view host) {
  std::string name = lower(host);
  if (name.ends_with('.')) name.pop_back();
  for (const std::string_view domain : kDomains) {
    if (!name.ends_with(domain) || name.size() == domain.size()) continue;
    std::vector<std::string> labels = labels_of(std::string_view(name).substr(0, name.size() - domain.size()));
    while (labels.size() > 1 && (is_region(labels.back()) || labels.back() == "dualstack")) labels.pop_back();
    return without_suffix(labels.back());
  }
  return {};
}

bool is_redirected(std::string_view host, const std::vector<std::string>& direct) {
  const std::string service = aws_service_of(host);
  if (service.empty()) return false;
  // The API of MSK (kafka.REGION) is a service; its brokers (b-1.….kafka.REGION) are a customer's machines.
  const bool has_owner = !lower(host).starts_with(service);
  if (has_owner && std::ranges::find(kMachines, service) != kMachines.end()) return false;
  return std::ranges::none_of(direct, [&](const std::string& d) { return d == "*" || lower(d) == service; });
}

std::vector<std::string> plain_aws_hosts(const std::string& region, const std::vector<std::string>& direct) {
  constexpr std::array<std::string_view, 12> kServices = {"kinesis",        "s3",       "sts",        "firehose",
                                                          "secretsmanager", "sqs",      "monitoring", "logs",
                                                          "glue",           "dynamodb", "sns",        "kms"};
  std::vector<std::string> hosts;
  for (const std::string_view service : kServices) {
    hosts.push_back(std::string(service) + "." + region + ".amazonaws.com");
    if (service == "s3" || service == "sts") hosts.push_back(std::string(service) + ".amazonaws.com");
    if (service == "s3") hosts.push_back("s3.dualstack." + region + ".amazonaws.com");
  }
  std::erase_if(hosts, [&](const std::string& host) { return !is_redirected(host, direct); });
  return hosts;
}

}  // namespace raudal::sandbox
