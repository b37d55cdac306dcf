#include "api/pattern.h"

#include <map>
#include <memory>
#include <string>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/check.h"

namespace raudal::api {
namespace {

constexpr uint32_t kMatchSteps = 1'000'000;

struct FreeCode {
  void operator()(pcre2_code* code) const { pcre2_code_free(code); }
};
struct FreeData {
  void operator()(pcre2_match_data* data) const { pcre2_match_data_free(data); }
};
struct FreeContext {
  void operator()(pcre2_match_context* context) const { pcre2_match_context_free(context); }
};

const pcre2_code* compiled(std::string_view pattern) {
  thread_local std::map<std::string, std::unique_ptr<pcre2_code, FreeCode>, std::less<>> cache;
  const auto found = cache.find(pattern);
  if (found != cache.end()) return found->second.get();
  int error = 0;
  PCRE2_SIZE offset = 0;
  pcre2_code* code = pcre2_compile(
      reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(),
      PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_DOLLAR_ENDONLY | PCRE2_UTF | PCRE2_ALT_BSUX | PCRE2_DOTALL, &error,
      &offset, nullptr);
  CHECK(code != nullptr);
  cache.emplace(std::string(pattern), std::unique_ptr<pcre2_code, FreeCode>(code));
  return code;
}

}  // namespace

bool matches_whole(std::string_view pattern, std::string_view text) {
  const pcre2_code* code = compiled(pattern);
  std::unique_ptr<pcre2_match_data, FreeData> data(pcre2_match_data_create(1, nullptr));
  std::unique_ptr<pcre2_match_context, FreeContext> context(pcre2_match_context_create(nullptr));
  pcre2_set_match_limit(context.get(), kMatchSteps);
  const auto* subject = reinterpret_cast<PCRE2_SPTR>(text.data());
  return pcre2_match(code, subject, text.size(), 0, 0, data.get(), context.get()) >= 0;
}

}  // namespace raudal::api
