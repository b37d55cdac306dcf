// A format for the tests of this connector: one BIGINT a line, blanks around it. Its one option is
// ignore-parse-errors.
#pragma once

#include "connector/format.h"

namespace raudal::connectors::filesystem {

connector::Format number_lines();

}  // namespace raudal::connectors::filesystem
