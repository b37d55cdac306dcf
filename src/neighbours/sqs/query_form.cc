#include "neighbours/sqs/query_form.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "base/str.h"
#include "neighbours/protocol/answers.h"

namespace raudal::neighbours::sqs {
namespace {

using codec::Json;
using codec::JsonArray;
using codec::JsonObject;
using protocol::xml_escaped;

constexpr int64_t kIndexMax = 1000;
constexpr size_t kDepthMax = 8;

// A parameter's name cut at its dots, as a tree; leaves hold the value.
struct Node {
  std::string value;
  std::map<std::string, Node> children;
};

// Lists {Name, Value} of forms that are maps of JSON.
constexpr std::pair<std::string_view, std::string_view> kMaps[] = {
    {"Attribute", "Attributes"},
    {"MessageAttribute", "MessageAttributes"},
    {"MessageSystemAttribute", "MessageSystemAttributes"},
    {"Tag", "Tags"},
};
// Lists under the names that JSON has for them.
constexpr std::pair<std::string_view, std::string_view> kLists[] = {
    {"AttributeName", "AttributeNames"},
    {"MessageAttributeName", "MessageAttributeNames"},
    {"MessageSystemAttributeName", "MessageSystemAttributeNames"},
    {"TagKey", "TagKeys"},
    {"SendMessageBatchRequestEntry", "Entries"},
    {"DeleteMessageBatchRequestEntry", "Entries"},
    {"ChangeMessageVisibilityBatchRequestEntry", "Entries"},
};

template <size_t N>
std::string_view renamed(const std::pair<std::string_view, std::string_view> (&table)[N], std::string_view name) {
  for (const auto& [form, json] : table) {
    if (form == name) return json;
  }
  return "";
}

JsonObject object_of(const Node& node);

// The items of a list, by their numbers.
std::vector<const Node*> items_of(const Node& node) {
  std::map<int64_t, const Node*> sorted;
  for (const auto& [name, child] : node.children) {
    if (const auto number = parse_int(name)) sorted[*number] = &child;
  }
  std::vector<const Node*> items;
  for (const auto& [number, child] : sorted) items.push_back(child);
  return items;
}

Json value_of(const Node& node) {
  if (node.children.empty()) return Json(node.value);
  return object_of(node);
}

JsonObject object_of(const Node& node) {
  JsonObject object;
  for (const auto& [name, child] : node.children) {
    if (const std::string_view map = renamed(kMaps, name); !map.empty()) {
      JsonObject members;
      for (const Node* item : items_of(child)) {
        const auto key = item->children.find(item->children.contains("Name") ? "Name" : "Key");
        const auto value = item->children.find("Value");
        if (key == item->children.end()) continue;
        members[key->second.value] = value == item->children.end() ? Json("") : value_of(value->second);
      }
      object[map] = std::move(members);
    } else if (const std::string_view list = renamed(kLists, name); !list.empty()) {
      JsonArray items;
      for (const Node* item : items_of(child)) items.push_back(value_of(*item));
      object[list] = std::move(items);
    } else {
      object[name] = value_of(child);
    }
  }
  return object;
}

std::string text_of(const Json& value) {
  return value.is_string() ? std::string(value.get_string()) : codec::write_json(value);
}

std::string element(std::string_view name, const Json& value);

std::string members_of(std::string_view operation, const JsonObject& object) {
  std::string out;
  for (const auto& member : object) {
    const std::string_view name = member.key();
    const Json& value = member.value();
    if (value.is_object()) {
      // A map: one element a member.
      const std::string_view single = name == "Tags" ? "Tag" : name.substr(0, name.size() - 1);
      const std::string_view key = name == "Tags" ? "Key" : "Name";
      for (const auto& item : value.get_object()) {
        out += fmt::format("<{0}><{1}>{2}</{1}>{3}</{0}>", single, key, xml_escaped(item.key()),
                           element("Value", item.value()));
      }
    } else if (value.is_array()) {
      std::string single = "QueueUrl";
      if (name == "Messages") single = "Message";
      if (name == "Successful") single = fmt::format("{}ResultEntry", operation);
      if (name == "Failed") single = "BatchResultErrorEntry";
      for (const Json& item : value.get_array()) {
        const std::string content =
            item.is_object() ? members_of(operation, item.get_object()) : xml_escaped(text_of(item));
        out += fmt::format("<{0}>{1}</{0}>", single, content);
      }
    } else {
      out += element(name, value);
    }
  }
  return out;
}

std::string element(std::string_view name, const Json& value) {
  const std::string content = value.is_object() ? members_of("", value.get_object()) : xml_escaped(text_of(value));
  return fmt::format("<{0}>{1}</{0}>", name, content);
}

}  // namespace

protocol::AwsResult<JsonObject> request_of_form(const net::QueryPairs& form) {
  Node root;
  for (const auto& [name, value] : form) {
    if (name == "Action" || name == "Version" || name.starts_with("X-Amz-")) continue;
    const std::vector<std::string> parts = split(name, '.');
    Node* node = &root;
    for (const std::string& part : parts) {
      const auto number = parse_int(part);
      if (parts.size() > kDepthMax || (number && (*number < 1 || *number > kIndexMax))) {
        return protocol::AwsFailure("InvalidParameterValueException", "The parameter's name is malformed: " + name)
            .with_query_code("MalformedInput");
      }
      node = &node->children[part];
    }
    node->value = value;
  }
  return object_of(root);
}

std::string xml_of_answer(std::string_view operation, const JsonObject& answer) {
  return members_of(operation, answer);
}

}  // namespace raudal::neighbours::sqs
