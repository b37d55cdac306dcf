// A room's /etc: a copy of what anybody may read of the machine's, with files of the room's own upon it. A copy and not
// an overlay, so that a program of user 0 finds no shadow file and no private key, at any depth of containers.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "sandbox/room.h"

namespace raudal::sandbox {

// Copies files, folders and links that are readable for all. Longer files than 4 MiB are data bases of the system's
// services, and stay out.
void copy_readable(const std::string& from, const std::string& to);

// The files with their text read from `source`: while the machine's files can still be named.
Result<std::vector<OverlayFile>> with_contents(std::vector<OverlayFile> files);

// Writes a file at its path in the room, in place of whatever is there.
Status write_over(const OverlayFile& file);

}  // namespace raudal::sandbox
