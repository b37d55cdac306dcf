#include "connector/options.h"

#include <fmt/core.h>

#include "base/str.h"

namespace raudal::connector {

std::optional<std::string> option(const Options& options, const std::string& name) {
  const auto found = options.find(name);
  if (found == options.end()) return std::nullopt;
  return found->second;
}

Error option_error(const std::string& name, std::string_view value, std::string_view expected) {
  return Error(ErrorCode::kSqlOption,
               fmt::format("Invalid value for option '{}': '{}' is not {}.", name, value, expected));
}

Result<bool> bool_option(const Options& options, const std::string& name, bool default_value) {
  const auto text = option(options, name);
  if (!text) return default_value;
  if (equals_ignore_case(*text, "true")) return true;
  if (equals_ignore_case(*text, "false")) return false;
  return option_error(name, *text, "true or false");
}

Result<std::optional<int64_t>> int_option(const Options& options, const std::string& name) {
  const auto text = option(options, name);
  if (!text) return std::optional<int64_t>();
  const auto value = parse_int(trim(*text));
  if (!value) return option_error(name, *text, "a whole number");
  return value;
}

Result<std::optional<double>> double_option(const Options& options, const std::string& name) {
  const auto text = option(options, name);
  if (!text) return std::optional<double>();
  const auto value = parse_double(trim(*text));
  if (!value) return option_error(name, *text, "a number");
  return value;
}

Result<std::optional<int64_t>> duration_option(const Options& options, const std::string& name) {
  const auto text = option(options, name);
  if (!text) return std::optional<int64_t>();
  const auto value = parse_duration_ms(*text);
  if (!value) return option_error(name, *text, "a duration such as '10 s'");
  return value;
}

Result<std::optional<int64_t>> bytes_option(const Options& options, const std::string& name) {
  const auto text = option(options, name);
  if (!text) return std::optional<int64_t>();
  const auto value = parse_bytes(*text);
  if (!value) return option_error(name, *text, "a size such as '128MB'");
  return value;
}

Result<std::string> word_option(const Options& options, const std::string& name,
                                const std::vector<std::string>& words) {
  const auto text = option(options, name);
  if (!text) return words.front();
  for (const std::string& word : words) {
    if (equals_ignore_case(*text, word)) return word;
  }
  return option_error(name, *text, "one of " + join(words, ", "));
}

}  // namespace raudal::connector
