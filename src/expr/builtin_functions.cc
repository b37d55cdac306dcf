// The list of everything that SQL can call.
#include "expr/function.h"
#include "expr/kernel.h"

namespace raudal::expr {

const FunctionRegistry& builtin_functions() {
  static const FunctionRegistry kRegistry = [] {
    FunctionRegistry registry;
    register_comparison(registry);
    register_arithmetic(registry);
    return registry;
  }();
  return kRegistry;
}

}  // namespace raudal::expr
