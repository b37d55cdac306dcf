#include "control/actions/request.h"

#include <algorithm>
#include <cmath>

#include <fmt/core.h>

#include "base/str.h"

namespace raudal::control::actions {
namespace {

constexpr int64_t kPageLimit = 50;
constexpr std::string_view kCodeMembers[] = {"TextContent", "ZipFileContent", "TextContentUpdate",
                                             "ZipFileContentUpdate"};

void remove_code(codec::Json& value) {
  if (value.is_array()) {
    for (codec::Json& element : value.get_array()) remove_code(element);
  }
  if (!value.is_object()) return;
  for (auto& [name, member] : value.get_object()) {
    if (std::find(std::begin(kCodeMembers), std::end(kCodeMembers), std::string_view(name)) != std::end(kCodeMembers)) {
      member = "(code)";
    } else {
      remove_code(member);
    }
  }
}

}  // namespace

std::string_view application_name(const Request& request) {
  const auto name = codec::find_string(request, "ApplicationName");
  CHECK(name.has_value());
  return *name;
}

Result<metadata::PageRequest> read_page(const Request& request) {
  metadata::PageRequest page{.before = 0, .limit = codec::find_int(request, "Limit").value_or(kPageLimit)};
  if (const auto token = codec::find_string(request, "NextToken")) {
    const auto position = parse_int(*token);
    if (!position || *position < 1) {
      return Error(ErrorCode::kInvalidArgument, fmt::format("NextToken is not one that was given: {}", *token));
    }
    page.before = *position;
  }
  return page;
}

void write_next_token(codec::JsonObject& answer, const metadata::PageRequest& page, size_t num_items, int64_t last) {
  if (static_cast<int64_t>(num_items) == page.limit && last > 1) answer["NextToken"] = std::to_string(last);
}

double to_seconds(int64_t ms) { return static_cast<double>(ms) / 1000; }

bool same_second(int64_t ms, double seconds) { return std::floor(to_seconds(ms)) == std::floor(seconds); }

Status audit(metadata::Transaction& tx, const Services& services, const Caller& caller, std::string_view action,
             const Request& request) {
  codec::Json shown = request;
  remove_code(shown);
  return tx.append_audit({.action = std::string(action),
                          .application = std::string(application_name(request)),
                          .access_key = caller.access_key,
                          .request_id = caller.request_id,
                          .request = codec::write_json(shown)},
                         services.context.now_ms());
}

Error in_use(std::string_view what, const metadata::Application& application) {
  return Error(ErrorCode::kResourceInUse, fmt::format("{} while the application is {}: {}", what,
                                                      to_string(application.status), application.name));
}

}  // namespace raudal::control::actions
