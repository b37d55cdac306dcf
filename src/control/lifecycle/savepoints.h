// Taking savepoints of a run, for snapshots and for stopping. Each attempt has a trigger id and a folder of its own,
// stored before the engine is asked, so that a control plane that comes after a crash asks for the same one again and
// never counts a part of another attempt as its own.
#pragma once

#include "control/lifecycle/context.h"

namespace raudal::control::lifecycle {

enum class SavepointOutcome {
  kComplete,     // stored in the snapshot: directory, size
  kJobFinished,  // the bounded job has ended by itself; there is nothing to save
  kWorkerGone,   // the worker died before it was complete
  kFailed,       // the engine says no, or it took too long
  kInterrupted,  // the service stops, or the operation was superseded
};

// How an attempt ended, and why where it failed.
struct SavepointResult {
  SavepointOutcome outcome = SavepointOutcome::kFailed;
  std::string failure;
};

// Whether the newest attempt's savepoint stands complete on disk, though perhaps nobody was there to hear of it; fills
// in its size. An error: it could not be found out, and nobody may go on from anything older.
Result<bool> complete_on_disk(Context& context, metadata::Snapshot& snapshot);

// Asks the living worker for a savepoint and waits for it. With `stop` the job ends with it. `operation` may be null.
Result<SavepointResult> take_savepoint(Context& context, const metadata::Application& application,
                                       const metadata::Run& run, metadata::Snapshot& snapshot, bool stop,
                                       const metadata::Operation* operation);

// Stops a run with a savepoint, whatever happens to its worker meanwhile: a dead one is launched again from its own
// checkpoints until the savepoint is complete; one that takes too long is killed, lest it stops the job later. Never
// kWorkerGone. Afterwards no process of the run is left, but perhaps on kFailed and kInterrupted.
Result<SavepointResult> stop_with_savepoint(Context& context, const metadata::Application& application,
                                            metadata::Run& run, metadata::Snapshot& snapshot,
                                            const metadata::Operation& operation);

}  // namespace raudal::control::lifecycle
