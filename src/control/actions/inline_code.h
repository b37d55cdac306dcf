// ZIP files that come inside requests: kept as files, named by the version's row.
#pragma once

#include "control/configuration/versions.h"
#include "control/lifecycle/context.h"

namespace raudal::control::actions {

// Writes the draft's ZIP, if it has one, and puts its path into the version. A file without a row is removed with its
// application.
Status store_inline_code(lifecycle::Context& context, const metadata::Application& application,
                         configuration::DraftVersion& draft);

}  // namespace raudal::control::actions
