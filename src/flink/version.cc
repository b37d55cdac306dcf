#include "flink/version.h"

#include <algorithm>
#include <array>
#include <string>

#include <fmt/core.h>

#include "base/str.h"

namespace raudal::flink {
namespace {

constexpr std::string_view kNoLongerOnAws =
    "AWS takes no new applications of this runtime since November 2024; use FLINK-1_20 or later";
constexpr std::string_view kTooOld = "it needs Java 8 or 11 and is not served here; use FLINK-1_15 or later";

FlinkVersion refused(std::string_view runtime, Support support, std::string_view reason) {
  return {.runtime = runtime,
          .release = "",
          .support = support,
          .reason = reason,
          .configuration_file = "",
          .java_majors = {}};
}

// Java 17 before 11: it runs what was compiled for either. Later Javas than a release's own tests know are not taken.
const std::array<FlinkVersion, 10>& table() {
  static const std::array<FlinkVersion, 10> rows{{
      refused("1.6", Support::kRefusedAtCreate, kNoLongerOnAws),
      refused("1.8", Support::kRefusedAtCreate, kNoLongerOnAws),
      refused("1.11", Support::kRefusedAtCreate, kNoLongerOnAws),
      refused("1.13", Support::kRefusedAtStart, kTooOld),
      {.runtime = "1.15",
       .release = "1.15.4",
       .reason = "",
       .configuration_file = "flink-conf.yaml",
       .java_majors = {11, 17},
       .python_minor_min = 6,
       .python_minor_max = 8},
      {.runtime = "1.18",
       .release = "1.18.1",
       .reason = "",
       .configuration_file = "flink-conf.yaml",
       .java_majors = {17, 11},
       .python_minor_min = 7,
       .python_minor_max = 10,
       .rescales_in_place = true},
      {.runtime = "1.19",
       .release = "1.19.1",
       .reason = "",
       .configuration_file = "config.yaml",
       .java_majors = {17, 11},
       .python_minor_min = 8,
       .python_minor_max = 11,
       .rescales_in_place = true},
      {.runtime = "1.20",
       .release = "1.20.3",
       .reason = "",
       .configuration_file = "config.yaml",
       .java_majors = {17, 11, 21},
       .python_minor_min = 8,
       .python_minor_max = 11,
       .rescales_in_place = true},
      {.runtime = "2.2",
       .release = "2.2.0",
       .reason = "",
       .configuration_file = "config.yaml",
       .java_majors = {17, 21, 11},
       .python_minor_min = 9,
       .python_minor_max = 12,
       .rescales_in_place = true},
      {.runtime = "2.3",
       .release = "2.3.0",
       .reason = "",
       .configuration_file = "config.yaml",
       .java_majors = {17, 21, 11},
       .python_minor_min = 9,
       .python_minor_max = 12,
       .rescales_in_place = true},
  }};
  return rows;
}

// "FLINK-1_20", "1.20.3" and "1.20" are all "1.20".
std::string runtime_of(std::string_view name) {
  if (name.starts_with("FLINK-")) name.remove_prefix(6);
  std::string dotted(name);
  std::replace(dotted.begin(), dotted.end(), '_', '.');
  const auto parts = split(dotted, '.');
  return parts.size() < 2 ? dotted : parts[0] + "." + parts[1];
}

}  // namespace

std::span<const FlinkVersion> flink_versions() { return table(); }

const FlinkVersion* find_flink_version(std::string_view name) {
  const std::string runtime = runtime_of(name);
  const auto& rows = table();
  const auto row = std::find_if(rows.begin(), rows.end(), [&](const FlinkVersion& v) { return v.runtime == runtime; });
  return row == rows.end() ? nullptr : &*row;
}

Result<const FlinkVersion*> require_flink_version(std::string_view name) {
  const FlinkVersion* version = find_flink_version(name);
  if (version && version->support == Support::kInstallable) return version;
  if (version)
    return Error(ErrorCode::kInvalidArgument, fmt::format("Flink {}: {}", version->runtime, version->reason));
  std::vector<std::string> known;
  for (const FlinkVersion& row : table()) {
    if (row.support == Support::kInstallable) known.emplace_back(row.runtime);
  }
  return Error(ErrorCode::kInvalidArgument,
               fmt::format("Not a Flink version that is served here ({}): {}", join(known, ", "), name));
}

}  // namespace raudal::flink
