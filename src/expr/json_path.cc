#include "expr/json_path.h"

#include <fmt/core.h>

#include <boost/json.hpp>

#include "base/str.h"

namespace raudal::expr {
namespace {

Error malformed(std::string_view text) {
  return Error(ErrorCode::kExpression, fmt::format("Malformed JSON path: {}", text));
}

// Takes "lax " or "strict " from the front.
bool take_word(std::string_view* text, std::string_view word) {
  if (text->size() <= word.size() || !equals_ignore_case(text->substr(0, word.size()), word) ||
      (*text)[word.size()] != ' ') {
    return false;
  }
  *text = trim(text->substr(word.size()));
  return true;
}

}  // namespace

Result<JsonPath> JsonPath::compile(std::string_view text) {
  JsonPath path;
  std::string_view rest = trim(text);
  path.strict_ = take_word(&rest, "strict");
  if (!path.strict_) take_word(&rest, "lax");
  if (!rest.starts_with('$')) return malformed(text);
  rest.remove_prefix(1);
  while (!rest.empty()) {
    if (rest.starts_with(".*")) {
      path.steps_.push_back({Step::Kind::kAnyMember, "", 0});
      rest.remove_prefix(2);
    } else if (rest[0] == '.') {
      const size_t end = rest.find_first_of(".[", 1);
      const std::string_view name = rest.substr(1, end == std::string_view::npos ? end : end - 1);
      if (name.empty()) return malformed(text);
      path.steps_.push_back({Step::Kind::kMember, std::string(name), 0});
      rest = end == std::string_view::npos ? std::string_view() : rest.substr(end);
    } else if (rest[0] == '[') {
      const size_t end = rest.find(']');
      if (end == std::string_view::npos) return malformed(text);
      const std::string_view inside = trim(rest.substr(1, end - 1));
      rest.remove_prefix(end + 1);
      const bool quoted = inside.size() >= 2 && (inside[0] == '\'' || inside[0] == '"') && inside.back() == inside[0];
      const std::optional<int64_t> index = parse_int(inside);
      if (inside == "*")
        path.steps_.push_back({Step::Kind::kAnyElement, "", 0});
      else if (quoted)
        path.steps_.push_back({Step::Kind::kMember, std::string(inside.substr(1, inside.size() - 2)), 0});
      else if (index && *index >= 0)
        path.steps_.push_back({Step::Kind::kElement, "", static_cast<size_t>(*index)});
      else
        return malformed(text);
    } else {
      return malformed(text);
    }
  }
  return path;
}

void JsonPath::follow(const codec::Json& value, size_t step, std::vector<const codec::Json*>* found) const {
  if (step == steps_.size()) {
    found->push_back(&value);
    return;
  }
  const Step& next = steps_[step];
  switch (next.kind) {
    case Step::Kind::kMember:
      if (const codec::JsonObject* object = value.if_object()) {
        if (const codec::Json* member = object->if_contains(next.name)) follow(*member, step + 1, found);
      }
      break;
    case Step::Kind::kAnyMember:
      if (const codec::JsonObject* object = value.if_object()) {
        for (const auto& member : *object) follow(member.value(), step + 1, found);
      }
      break;
    case Step::Kind::kElement:
      if (const codec::JsonArray* array = value.if_array()) {
        if (next.index < array->size()) follow((*array)[next.index], step + 1, found);
      }
      break;
    case Step::Kind::kAnyElement:
      if (const codec::JsonArray* array = value.if_array()) {
        for (const codec::Json& element : *array) follow(element, step + 1, found);
      }
      break;
  }
}

std::vector<const codec::Json*> JsonPath::find(const codec::Json& root) const {
  std::vector<const codec::Json*> found;
  follow(root, 0, &found);
  return found;
}

}  // namespace raudal::expr
