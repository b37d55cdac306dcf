// A table as CREATE TABLE declares it: what the planner, the connectors and SHOW CREATE TABLE read.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "column/type.h"

namespace raudal::connector {

// WITH ('key' = 'value', …); Flink's names.
using Options = std::map<std::string, std::string>;

struct Table {
  std::string name;
  column::Schema columns;                     // physical columns only, in order; for a sink: what it is given
  Options options;
  std::vector<std::string> partition_keys;    // PARTITIONED BY
  std::vector<std::string> primary_key;       // PRIMARY KEY (…) NOT ENFORCED
};

}  // namespace raudal::connector
