// Makes one column of a generated table. Used by the reader; a pure function but for the time, which DATE, TIME and
// TIMESTAMP columns show.
#pragma once

#include "column/batch.h"
#include "connectors/datagen/field_spec.h"
#include "connectors/datagen/random_fill.h"

namespace raudal::connectors::datagen {

column::Column generate(const FieldSpec& spec, const RowNumbers& rows, int64_t now_us);

}  // namespace raudal::connectors::datagen
