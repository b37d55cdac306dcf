// Code packages: from S3, an inline ZIP or a text into the folder in which a worker finds its program.
#pragma once

#include <string>

#include "control/lifecycle/context.h"

namespace raudal::control::lifecycle {

// Fills the folder, which is made anew, with the version's code and makes sure that its program is there.
// kInvalidApplicationConfiguration when the code is missing, unsafe, no ZIP, or of a kind that cannot run here.
Status stage_code(Context& context, const metadata::Application& application, const metadata::Version& version,
                  const std::string& directory);

// Where Start and Update stage code before the run that will use it exists. Safe to lose: it is staged again.
std::string staging_directory(const Context& context, const metadata::Application& application,
                              const std::string& operation_id);

}  // namespace raudal::control::lifecycle
