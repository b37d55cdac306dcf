// The operator `sample`: what it makes of its input, what it keeps per key, and what a restore must find again.
#pragma once

#include <memory>

#include "operators/operator.h"

namespace raudal::operators {

std::unique_ptr<Operator> make_sample();

}  // namespace raudal::operators
