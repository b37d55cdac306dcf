// Which connectors and formats there are: filled by explicit calls in apps/worker/builtins.cc, read by the planner.
#pragma once

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/fs.h"
#include "base/result.h"
#include "connector/format.h"
#include "connector/sink.h"
#include "connector/source.h"
#include "connector/table.h"

namespace raudal::connector {

// One WITH option, as Flink names it. From these come validation and reference pages.
struct OptionSpec {
  std::string name;             // "rows-per-second"; "fields.#.min" for one per column
  std::string default_value;    // "" with required = false: no default
  bool required = false;
  std::string doc;              // one sentence
};

class Registry;

// What a connector may use when it opens a table.
struct Environment {
  Fs* fs = nullptr;
  const Clock* clock = nullptr;
  const Registry* registry = nullptr;   // for formats
  std::string session_time_zone = "UTC";
  std::FILE* print_output = nullptr;    // where `print` writes
};

// One connector. make_source or make_sink is null where it cannot be read or written.
struct Connector {
  std::string name;
  std::vector<OptionSpec> options;
  // Columns that reading yields, in this order: a subset of table.columns (projection is pushed into the source).
  Result<std::unique_ptr<Source>> (*make_source)(const Table& table, const column::Schema& produced,
                                                 const Environment& environment) = nullptr;
  Result<std::unique_ptr<Sink>> (*make_sink)(const Table& table, const Environment& environment) = nullptr;
};

// The connectors and formats that a program is planned with: passed along, never global.
class Registry {
 public:
  void add(Connector connector);
  void add(Format format);
  const Connector* find_connector(std::string_view name) const;
  const Format* find_format(std::string_view name) const;
  std::vector<std::string> connector_names() const;
  // The table's connector; or Flink's "Could not find any factory for identifier '…'", naming those there are.
  // Checks option names and required options: kSqlOption.
  Result<const Connector*> connector_of(const Table& table) const;
  // The format named by 'format' and its options without the "json." prefix.
  Result<std::pair<const Format*, Options>> format_of(const Table& table) const;

 private:
  std::vector<Connector> connectors_;
  std::vector<Format> formats_;
};

}  // namespace raudal::connector
