// Code packages: from S3, an inline ZIP or a text into the folder in which an engine finds its program. A JAR stays
// one, as application.jar; any other ZIP is unpacked.
#pragma once

#include <string>

#include "control/lifecycle/context.h"

namespace raudal::control::lifecycle {

// Fills the folder, which is made anew, with the version's code and makes sure that its program is there.
// kInvalidApplicationConfiguration when the code is missing, unsafe, no ZIP, or of a kind that cannot run here.
Status stage_code(Context& context, const metadata::Application& application, const metadata::Version& version,
                  const std::string& directory);

// What kind of program stands in a folder that stage_code has filled for this version.
engine::ProgramKind staged_program(Fs& fs, const metadata::Version& version, const std::string& directory);

// Where Start and Update stage code before the run that will use it exists: a run directory to be, with the code in its
// folder for it. Safe to lose: it is staged again.
std::string staging_directory(const Context& context, const metadata::Application& application,
                              const std::string& operation_id);

}  // namespace raudal::control::lifecycle
