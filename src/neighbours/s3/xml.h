// The XML of S3's answers, written as text, and the few questions asked of the XML of requests.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "neighbours/s3/s3_error.h"

namespace raudal::neighbours::s3 {

// Writes elements one after another: open("A"); element("B", "text"); close("A").
class XmlWriter {
 public:
  // The document's root, in S3's namespace unless it is an error.
  explicit XmlWriter(std::string_view root, bool with_namespace = true);

  void open(std::string_view name);
  void close(std::string_view name);
  void element(std::string_view name, std::string_view text);
  void element(std::string_view name, int64_t number);
  // Only for bool itself: a literal text must not become "true".
  void element(std::string_view name, std::same_as<bool> auto value) {
    element(name, std::string_view(value ? "true" : "false"));
  }
  std::string finish() &&;

 private:
  std::string root_;
  std::string out_;
};

// An element of a request's body; namespaces are ignored.
struct XmlElement {
  std::string name;
  std::string text;
  std::vector<XmlElement> children;

  const XmlElement* child(std::string_view name) const;   // the first of that name
  std::string_view child_text(std::string_view name) const;  // empty text when absent
};

// kMalformedXml unless it is XML with that root.
S3Result<XmlElement> parse_xml(std::string_view text, std::string_view root);

}  // namespace raudal::neighbours::s3
