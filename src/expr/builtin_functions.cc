// The list of everything that SQL can call.
#include "expr/function.h"
#include "expr/kernel.h"

namespace raudal::expr {

const FunctionRegistry& builtin_functions() {
  static const FunctionRegistry kRegistry = [] {
    FunctionRegistry registry;
    register_comparison(registry);
    register_arithmetic(registry);
    register_conditional(registry);
    register_rounding(registry);
    register_math(registry);
    register_strings(registry);
    register_string_search(registry);
    register_string_codecs(registry);
    register_patterns(registry);
    register_temporal(registry);
    register_temporal_text(registry);
    register_collections(registry);
    register_json(registry);
    return registry;
  }();
  return kRegistry;
}

}  // namespace raudal::expr
