// Scalars that come as text in a record: what the fast paths of the decoder do not take. Flink's leniencies are here.
#pragma once

#include <string>
#include <string_view>

#include "column/builder.h"
#include "formats/json/json_options.h"

namespace raudal::formats::json {

// Appends the value of a scalar token to the builder. `is_number`: the token is a JSON number; else it was a string
// (unescaped) or true or false. False, and nothing appended, where the text is no value of the type.
bool append_scalar(std::string_view text, bool is_number, const JsonOptions& options, column::ColumnBuilder& builder);

// Whether a token is a number as JSON writes them.
bool is_json_number(std::string_view token);
// Whether the bytes are UTF-8: no overlong forms, no surrogates.
bool is_utf8(std::string_view text);
// The characters of a JSON string's inside; surrogates without a partner become '?'. False: a malformed escape.
bool unescape(std::string_view inside, std::string* out);
// A JSON value without the blanks between its tokens, its fractions without trailing zeros: as Jackson prints a tree.
std::string compact(std::string_view json);
// Where the object that begins the line ends, for lines that go on after it; npos if it does not end.
size_t end_of_object(std::string_view line);

}  // namespace raudal::formats::json
