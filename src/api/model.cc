#include "api/model.h"

#include <utility>

#include "base/check.h"
#include "base/str.h"

namespace raudal::api {
namespace {

constexpr std::string_view kTable =
#include "api/kinesisanalyticsv2.inc"
    ;

constexpr std::pair<std::string_view, ShapeKind> kKinds[] = {
    {"string", ShapeKind::kString},       {"enum", ShapeKind::kEnum},       {"integer", ShapeKind::kInteger},
    {"long", ShapeKind::kLong},           {"boolean", ShapeKind::kBoolean}, {"timestamp", ShapeKind::kTimestamp},
    {"blob", ShapeKind::kBlob},           {"list", ShapeKind::kList},       {"map", ShapeKind::kMap},
    {"structure", ShapeKind::kStructure},
};

ShapeKind kind_of(std::string_view word) {
  for (const auto& [name, kind] : kKinds) {
    if (name == word) return kind;
  }
  check_failed("a line of the model begins with a kind", __FILE__, __LINE__);
}

// Takes the next word off a line.
std::string_view next_word(std::string_view& line) {
  const size_t end = line.find(' ');
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(end == std::string_view::npos ? line.size() : end + 1);
  return word;
}

// Takes "1..128", "..50" or "1.." off a line, if it stands there.
void take_limits(std::string_view& line, Shape& shape) {
  const std::string_view word = line.substr(0, line.find(' '));
  const size_t dots = word.find("..");
  if (dots == std::string_view::npos || word.front() == '/') return;
  shape.min = parse_int(word.substr(0, dots));
  shape.max = parse_int(word.substr(dots + 2));
  next_word(line);
}

std::string_view next_line(std::string_view& text) {
  const size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

}  // namespace

Model::Model(std::string_view table) {
  Shape* structure = nullptr;  // the one whose members are being read
  while (!table.empty()) {
    std::string_view line = next_line(table);
    if (line.empty() || line.front() == '#') continue;
    if (line.starts_with("  ")) {
      CHECK(structure != nullptr);
      line.remove_prefix(2);
      std::string_view name = next_word(line);
      const bool required = name.ends_with('!');
      if (required) name.remove_suffix(1);
      structure->members.push_back({.name = name, .required = required, .shape = shape(line)});
      continue;
    }
    const std::string_view kind = next_word(line);
    const std::string_view name = next_word(line);
    if (kind == "operation") {
      Operation& operation = operations_[name];
      operation.name = name;
      operation.input = shape(next_word(line));
      operation.output = shape(next_word(line));
      while (!line.empty()) operation.errors.push_back(next_word(line));
      continue;
    }
    Shape& read = *shape(name);
    read.kind = kind_of(kind);
    structure = &read;
    take_limits(line, read);
    if (read.kind == ShapeKind::kEnum) {
      while (!line.empty()) read.values.push_back(next_word(line));
    } else if (read.kind == ShapeKind::kMap) {
      read.key = shape(next_word(line));
      read.item = shape(next_word(line));
    } else if (read.kind == ShapeKind::kList) {
      read.item = shape(next_word(line));
    } else if (line.starts_with('/')) {
      read.pattern = line.substr(1, line.size() - 2);
    }
  }
}

Shape* Model::shape(std::string_view name) {
  Shape& shape = shapes_[name];
  shape.name = name;
  return &shape;
}

const Shape* Model::find_shape(std::string_view name) const {
  const auto found = shapes_.find(name);
  return found == shapes_.end() ? nullptr : &found->second;
}

const Operation* Model::find_operation(std::string_view name) const {
  const auto found = operations_.find(name);
  return found == operations_.end() ? nullptr : &found->second;
}

const Model& service_model() {
  static const Model model(kTable);
  return model;
}

}  // namespace raudal::api
