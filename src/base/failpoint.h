// Named places where a test can make the process die, stop, fail or skip: FAILPOINT("checkpoint.before_manifest").
// Armed by the environment variable RAUDAL_FAILPOINTS, read once, e.g.
//   RAUDAL_FAILPOINTS="checkpoint.before_manifest=kill@3;blob.put=error@1;launcher.kill=skip;sink.commit=stop"
// `@n`: at the n-th passage only (default 1; `@*`: at each). Actions: kill (SIGKILL to itself), stop (SIGSTOP to
// itself), error (the enclosing function returns kIo), skip (failpoint_skips() is true), sleep:MS.
// RAUDAL_FAILPOINT_FILE=FILE arms more, at any time and for whichever process passes first: each line of FILE holds
// `name=action` and is removed as it fires, so a restarted process does not die again.
// With RAUDAL_FAILPOINT_LOG=FILE every passage that fires appends "name\n" to FILE first, so a test can count.
#pragma once

#include <string_view>

#include "base/result.h"

namespace raudal {

// Counts the passage and acts. Returns an error only for the action `error`.
Status failpoint(std::string_view name);
// Whether the step that follows is to be left out (action `skip`).
bool failpoint_skips(std::string_view name);

}  // namespace raudal

#define FAILPOINT(name) TRY(::raudal::failpoint(name))
