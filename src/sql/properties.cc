#include "sql/properties.h"

#include <algorithm>

#include <fmt/core.h>

#include "base/str.h"
#include "sql/sql_error.h"

namespace raudal::sql {
namespace {

void step_over(std::string_view text, Position* position) {
  for (const char c : text) {
    if ((c & 0xC0) == 0x80) continue;
    if (c == '\n') {
      ++position->line;
      position->column = 1;
    } else {
      position->column += static_cast<unsigned char>(c) >= 0xF0 ? 2 : 1;
    }
  }
}

std::string value_of(std::string_view reference, const PropertyGroups& properties, const Span& span) {
  const size_t colon = reference.find(':');
  const std::string group(reference.substr(0, colon));
  std::string_view rest = reference.substr(colon + 1);
  const size_t second = rest.find(':');
  const std::string key(rest.substr(0, second));
  const auto found_group = properties.find(group);
  if (found_group != properties.end()) {
    const auto found = found_group->second.find(key);
    if (found != found_group->second.end()) return found->second;
  }
  if (second != std::string_view::npos) return std::string(rest.substr(second + 1));
  const std::string cause = found_group == properties.end() ? fmt::format("there is no property group '{}'", group)
                                                            : fmt::format("group '{}' has no key '{}'", group, key);
  fail_validation(fmt::format("Runtime property ${{{}:{}}} is not set: {}; add it to the application's "
                              "EnvironmentProperties or write ${{{}:{}:default}}",
                              group, key, cause, group, key),
                  span);
}

}  // namespace

ReplacedText replace_properties(std::string_view script, const PropertyGroups& properties) {
  ReplacedText result;
  Position replaced;
  Position original;
  result.stretches_.push_back({replaced, original, false});
  size_t at = 0;
  while (at < script.size()) {
    const size_t begin = script.find("${", at);
    const size_t end = begin == std::string_view::npos ? begin : script.find('}', begin);
    const std::string_view plain = script.substr(at, begin == std::string_view::npos ? begin : begin - at);
    result.text_ += plain;
    step_over(plain, &replaced);
    step_over(plain, &original);
    if (end == std::string_view::npos) {
      if (begin != std::string_view::npos) result.text_ += script.substr(begin);
      break;
    }
    const std::string_view whole = script.substr(begin, end + 1 - begin);
    const std::string_view reference = whole.substr(2, whole.size() - 3);
    at = end + 1;
    if (reference.find(':') == std::string_view::npos) {
      result.text_ += whole;
      step_over(whole, &replaced);
      step_over(whole, &original);
      continue;
    }
    Span span{original, original};
    span.end.column += static_cast<int>(whole.size()) - 1;
    const std::string value = value_of(reference, properties, span);
    result.stretches_.push_back({replaced, original, true});
    result.text_ += value;
    step_over(value, &replaced);
    step_over(whole, &original);
    result.stretches_.push_back({replaced, original, false});
  }
  return result;
}

Position ReplacedText::original(Position place) const {
  const auto after = std::upper_bound(stretches_.begin(), stretches_.end(), place,
                                      [](const Position& p, const Stretch& stretch) { return p < stretch.replaced; });
  const Stretch& stretch = *(after - 1);
  if (stretch.frozen) return stretch.original;
  if (place.line == stretch.replaced.line) {
    return {stretch.original.line, stretch.original.column + place.column - stretch.replaced.column};
  }
  return {stretch.original.line + place.line - stretch.replaced.line, place.column};
}

}  // namespace raudal::sql
