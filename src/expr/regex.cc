#define PCRE2_CODE_UNIT_WIDTH 8
#include "expr/regex.h"

#include <fmt/core.h>
#include <pcre2.h>

namespace raudal::expr {
namespace {

constexpr uint32_t kMatchSteps = 5'000'000;
constexpr uint32_t kHeapKib = 20'000;

pcre2_code* code_of(void* code) { return static_cast<pcre2_code*>(code); }
pcre2_match_data* match_of(void* match) { return static_cast<pcre2_match_data*>(match); }
pcre2_match_context* context_of(void* context) { return static_cast<pcre2_match_context*>(context); }

}  // namespace

Result<std::shared_ptr<Regex>> Regex::compile(std::string_view pattern) {
  int code = 0;
  PCRE2_SIZE offset = 0;
  const uint32_t options = PCRE2_UTF | PCRE2_MATCH_INVALID_UTF;
  pcre2_code* compiled =
      pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(), options, &code, &offset, nullptr);
  if (compiled == nullptr) {
    PCRE2_UCHAR text[256];
    pcre2_get_error_message(code, text, sizeof text);
    return Error(ErrorCode::kExpression, fmt::format("Malformed regular expression, {} at {}: {}",
                                                     reinterpret_cast<const char*>(text), offset, pattern));
  }
  pcre2_jit_compile(compiled, PCRE2_JIT_COMPLETE);  // without it matching is slower, not wrong
  std::shared_ptr<Regex> regex(new Regex());
  regex->pattern_ = std::string(pattern);
  regex->code_ = compiled;
  regex->match_ = pcre2_match_data_create_from_pattern(compiled, nullptr);
  pcre2_match_context* context = pcre2_match_context_create(nullptr);
  pcre2_set_match_limit(context, kMatchSteps);
  pcre2_set_heap_limit(context, kHeapKib);
  regex->context_ = context;
  return regex;
}

Regex::~Regex() {
  pcre2_match_context_free(context_of(context_));
  pcre2_match_data_free(match_of(match_));
  pcre2_code_free(code_of(code_));
}

Result<bool> Regex::find(std::string_view text, size_t offset) {
  text_ = text;
  num_found_ = pcre2_match(code_of(code_), reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), offset, 0,
                           match_of(match_), context_of(context_));
  if (num_found_ > 0) return true;
  if (num_found_ == PCRE2_ERROR_NOMATCH) return false;
  return Error(ErrorCode::kExpression, fmt::format("The regular expression needs too many steps: {}", pattern_));
}

std::string_view Regex::group(size_t index) const {
  if (num_found_ <= 0 || index >= static_cast<size_t>(num_found_)) return {};
  const PCRE2_SIZE* positions = pcre2_get_ovector_pointer(match_of(match_));
  if (positions[2 * index] == PCRE2_UNSET) return {};
  return text_.substr(positions[2 * index], positions[2 * index + 1] - positions[2 * index]);
}

size_t Regex::num_groups() const {
  uint32_t count = 0;
  pcre2_pattern_info(code_of(code_), PCRE2_INFO_CAPTURECOUNT, &count);
  return count;
}

}  // namespace raudal::expr
