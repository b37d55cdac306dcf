// What is written down before a room is made: files for its /etc, its environment, and which port leads where. It
// depends on what the machine allows, so it is made for each attempt. Used by room.cc only.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/fs.h"
#include "base/result.h"
#include "sandbox/room.h"
#include "sandbox/root_files.h"
#include "sandbox/steward.h"
#include "sandbox/switchboard.h"

namespace raudal::sandbox {

struct RoomSetting {
  std::string address;
  RootPlan root;
  std::vector<ForwardTarget> doors;  // the first listeners lead to these, one by one
  std::vector<Listener> listeners;   // then, with a network of the room's own: the resolver's UDP and TCP
  NameRules names;
  std::optional<Listener> tunnel;  // an HTTPS proxy, where the room has no network of its own
  TunnelRules tunnel_rules;
  std::vector<std::pair<std::string, std::string>> environment;
  std::vector<std::string> jvm_options;
};

Result<RoomSetting> make_setting(Fs& fs, const RoomOptions& options, bool has_mounts, bool has_network);

// The room's scratch folder below the run directory: emptied, and made with what a RootPlan wants.
Status prepare_scratch(Fs& fs, const RoomOptions& options);
std::string scratch_of(const RoomOptions& options);

}  // namespace raudal::sandbox
