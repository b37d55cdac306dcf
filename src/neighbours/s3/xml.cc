#include "neighbours/s3/xml.h"

#include <utility>

#include <fmt/core.h>
#include <pugixml.hpp>

#include "base/str.h"

namespace raudal::neighbours::s3 {
namespace {

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\r': out += "&#13;"; break;
      default:
        if (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') {
          out += fmt::format("&#{};", static_cast<int>(c));
        } else {
          out += c;
        }
    }
  }
  return out;
}

std::string_view local_name(std::string_view name) {
  const size_t colon = name.find(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

XmlElement element_of(const pugi::xml_node& node) {
  XmlElement element{.name = std::string(local_name(node.name())), .text = node.child_value(), .children = {}};
  for (const pugi::xml_node& child : node.children()) {
    if (child.type() == pugi::node_element) element.children.push_back(element_of(child));
  }
  return element;
}

}  // namespace

XmlWriter::XmlWriter(std::string_view root, bool with_namespace) : root_(root) {
  out_ = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<" + root_;
  if (with_namespace) out_ += " xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"";
  out_ += ">";
}

void XmlWriter::open(std::string_view name) { out_ += fmt::format("<{}>", name); }
void XmlWriter::close(std::string_view name) { out_ += fmt::format("</{}>", name); }
void XmlWriter::element(std::string_view name, std::string_view text) {
  out_ += fmt::format("<{}>{}</{}>", name, escaped(text), name);
}
void XmlWriter::element(std::string_view name, int64_t number) {
  out_ += fmt::format("<{}>{}</{}>", name, number, name);
}

std::string XmlWriter::finish() && { return std::move(out_) + "</" + root_ + ">"; }

const XmlElement* XmlElement::child(std::string_view wanted) const {
  for (const XmlElement& element : children) {
    if (element.name == wanted) return &element;
  }
  return nullptr;
}

std::string_view XmlElement::child_text(std::string_view wanted) const {
  const XmlElement* found = child(wanted);
  return found ? std::string_view(found->text) : std::string_view();
}

S3Result<XmlElement> parse_xml(std::string_view text, std::string_view root) {
  // Entities of a DTD are never expanded here: pugixml knows only the five built-in ones.
  pugi::xml_document document;
  if (!document.load_buffer(text.data(), text.size(), pugi::parse_default, pugi::encoding_utf8)) {
    return S3Code::kMalformedXml;
  }
  XmlElement element = element_of(document.document_element());
  if (element.name != root) return S3Code::kMalformedXml;
  return element;
}

}  // namespace raudal::neighbours::s3
