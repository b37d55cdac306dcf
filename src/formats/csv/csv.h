// The format `csv`: values in the order of the table's columns, with Flink's quoting, null literals and leniencies.
#pragma once

#include "connector/registry.h"

namespace raudal::formats::csv {

void register_format(connector::Registry& registry);

}  // namespace raudal::formats::csv
