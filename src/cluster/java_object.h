// Steps over one object that Java's ObjectOutputStream wrote: Flink ends `_metadata` with one, and only who can step
// over it knows that the file is whole.
#pragma once

#include "cluster/byte_cursor.h"

namespace raudal::cluster {

// Plain serializable classes, strings and enums: no arrays, no classes with a writeObject of their own. Anything else
// fails the cursor.
void skip_java_object(ByteCursor& cursor);

}  // namespace raudal::cluster
