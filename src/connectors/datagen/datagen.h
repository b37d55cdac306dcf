// The connector `datagen`: rows made up on the spot, random or in sequence. Row i of a column is a pure function of
// the column's name and i, so a row is the same whoever makes it, and reading resumes at any row.
#pragma once

#include "connector/registry.h"

namespace raudal::connectors::datagen {

void register_connector(connector::Registry& registry);

}  // namespace raudal::connectors::datagen
