// What a JSON decoder is to find: a tree of types, with what was learned of how records show it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "column/type.h"

namespace raudal::formats::json {

// A wanted value: its type and, of a ROW, its fields and the order in which records have shown them.
struct WantedValue {
  column::Type type;
  std::vector<std::string> names;
  std::vector<WantedValue> children;

  // The n-th key of the objects so far, with its closing quote, and which field it is (-1: none).
  struct LearnedKey {
    std::string quoted;
    int field = -1;
  };
  std::vector<LearnedKey> learned;

  explicit WantedValue(const column::Type& of) : type(of) {
    for (const column::Field& part : type.fields()) {
      names.push_back(part.name);
      children.emplace_back(part.type);
    }
  }

  int find(std::string_view name) const {
    for (size_t i = 0; i < names.size(); ++i) {
      if (names[i] == name) return static_cast<int>(i);
    }
    return -1;
  }
};

}  // namespace raudal::formats::json
