// WITH options read as values. Connectors and formats use it; what does not parse is kSqlOption and names the option.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "connector/table.h"

namespace raudal::connector {

// The option's text; nullopt where it is not set.
std::optional<std::string> option(const Options& options, const std::string& name);
Result<bool> bool_option(const Options& options, const std::string& name, bool default_value);
Result<std::optional<int64_t>> int_option(const Options& options, const std::string& name);
Result<std::optional<double>> double_option(const Options& options, const std::string& name);
Result<std::optional<int64_t>> duration_option(const Options& options, const std::string& name);  // milliseconds
Result<std::optional<int64_t>> bytes_option(const Options& options, const std::string& name);
// One of the given words, whatever its case; the first is the default.
Result<std::string> word_option(const Options& options, const std::string& name,
                                const std::vector<std::string>& words);
// "Invalid value for option 'name'.": the value and what would be right.
Error option_error(const std::string& name, std::string_view value, std::string_view expected);

}  // namespace raudal::connector
