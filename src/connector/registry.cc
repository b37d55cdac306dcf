#include "connector/registry.h"

#include <algorithm>
#include <set>

#include <fmt/core.h>

#include "base/check.h"
#include "base/str.h"
#include "connector/options.h"

namespace raudal::connector {
namespace {

std::string listed(const std::set<std::string>& names) {
  return join(std::vector<std::string>(names.begin(), names.end()), ", ");
}

Error no_factory(std::string_view kind, std::string_view name, const std::set<std::string>& known) {
  return Error(ErrorCode::kSqlOption,
               fmt::format("Could not find any factory for identifier '{}' that implements a {}. "
                           "Available factory identifiers are: {}",
                           name, kind, listed(known)));
}

// "fields.#.min" stands for "fields.<any column, also nested>.min".
bool matches(std::string_view pattern, std::string_view name) {
  const size_t hash = pattern.find('#');
  if (hash == std::string_view::npos) return pattern == name;
  const std::string_view before = pattern.substr(0, hash);
  const std::string_view after = pattern.substr(hash + 1);
  return name.size() > before.size() + after.size() && name.starts_with(before) && name.ends_with(after);
}

Error missing_options(const Connector& connector, const std::set<std::string>& missing) {
  return Error(ErrorCode::kSqlOption, fmt::format("One or more required options are missing for '{}'. "
                                                  "Missing required options are: {}",
                                                  connector.name, listed(missing)));
}

Error unknown_options(const Connector& connector, const Format* format, const std::set<std::string>& unknown) {
  std::set<std::string> supported = {"connector"};
  for (const OptionSpec& spec : connector.options) supported.insert(spec.name);
  if (format) {
    for (const std::string& name : format->option_names) supported.insert(format->name + "." + name);
  }
  return Error(ErrorCode::kSqlOption, fmt::format("Unsupported options found for '{}'. Unsupported options: {}. "
                                                  "Supported options: {}",
                                                  connector.name, listed(unknown), listed(supported)));
}

bool is_option_of(const Format* format, std::string_view name) {
  if (!format || !name.starts_with(format->name + ".")) return false;
  return std::ranges::find(format->option_names, name.substr(format->name.size() + 1)) != format->option_names.end();
}

Status check_options(const Connector& connector, const Format* format, const Table& table) {
  std::set<std::string> missing;
  for (const OptionSpec& spec : connector.options) {
    if (spec.required && !table.options.contains(spec.name)) missing.insert(spec.name);
  }
  if (!missing.empty()) return missing_options(connector, missing);
  std::set<std::string> unknown;
  for (const auto& [name, value] : table.options) {
    const auto is_spec = [&](const OptionSpec& spec) { return matches(spec.name, name); };
    if (name == "connector" || is_option_of(format, name)) continue;
    if (!std::ranges::any_of(connector.options, is_spec)) unknown.insert(name);
  }
  if (!unknown.empty()) return unknown_options(connector, format, unknown);
  return {};
}

}  // namespace

void Registry::add(Connector connector) {
  CHECK(!find_connector(connector.name));
  connectors_.push_back(std::move(connector));
}

void Registry::add(Format format) {
  CHECK(!find_format(format.name));
  formats_.push_back(std::move(format));
}

const Connector* Registry::find_connector(std::string_view name) const {
  const auto found = std::ranges::find(connectors_, name, &Connector::name);
  return found == connectors_.end() ? nullptr : &*found;
}

const Format* Registry::find_format(std::string_view name) const {
  const auto found = std::ranges::find(formats_, name, &Format::name);
  return found == formats_.end() ? nullptr : &*found;
}

std::vector<std::string> Registry::connector_names() const {
  std::vector<std::string> names;
  for (const Connector& connector : connectors_) names.push_back(connector.name);
  std::ranges::sort(names);
  return names;
}

Result<const Connector*> Registry::connector_of(const Table& table) const {
  const auto name = option(table.options, "connector");
  if (!name) {
    return Error(ErrorCode::kSqlOption,
                 fmt::format("Table options do not contain an option key 'connector' for discovering a connector. "
                             "Table: {}",
                             table.name));
  }
  const Connector* connector = find_connector(*name);
  if (!connector) {
    const std::vector<std::string> names = connector_names();
    return no_factory("connector", *name, {names.begin(), names.end()});
  }
  const Format* format = nullptr;
  const bool takes_format =
      std::ranges::find(connector->options, "format", &OptionSpec::name) != connector->options.end();
  if (takes_format && table.options.contains("format")) format = TRY(format_of(table)).first;
  TRY(check_options(*connector, format, table));
  return connector;
}

Result<std::pair<const Format*, Options>> Registry::format_of(const Table& table) const {
  const auto name = option(table.options, "format");
  if (!name) {
    return Error(ErrorCode::kSqlOption,
                 "One or more required options are missing. "
                 "Missing required options are: format");
  }
  const Format* format = find_format(*name);
  if (!format) {
    std::set<std::string> names;
    for (const Format& known : formats_) names.insert(known.name);
    return no_factory("format", *name, names);
  }
  Options options;
  const std::string prefix = format->name + ".";
  for (const auto& [key, value] : table.options) {
    if (key.starts_with(prefix)) options[key.substr(prefix.size())] = value;
  }
  return std::pair(format, std::move(options));
}

}  // namespace raudal::connector
