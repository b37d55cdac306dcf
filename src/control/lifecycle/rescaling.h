// An Update of a running application that changes its parallelism alone: the same run goes on at the new one, where its
// engine can do that. Whatever does not come to that ends the way of every other Update (updating.cc).
#pragma once

#include <string>

#include "control/lifecycle/context.h"
#include "control/lifecycle/restore.h"

namespace raudal::control::lifecycle {

// Steps of the plan before the one that stops the run.
inline constexpr std::string_view kRescale = "rescale";  // the snapshot is to be made, if the engine can rescale
inline constexpr std::string_view kScale = "scale";      // it is; the engine is being asked
inline constexpr std::string_view kSave = "save";        // the run is stopped with the snapshot

// Where the Update of a running application begins.
std::string first_step_of_update(const metadata::Version& running, const metadata::Version& next,
                                 const RestoreChoice& choice);

// Goes through both steps. Afterwards the operation stands at kSave, with a snapshot that was not asked for yet, when
// the run has to be stopped; else it has ended, or goes on later.
Status drive_rescaling(Context& context, const metadata::Application& application, metadata::Operation& operation);

}  // namespace raudal::control::lifecycle
