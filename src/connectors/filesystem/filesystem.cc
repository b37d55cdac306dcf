#include "connectors/filesystem/filesystem.h"

#include "connectors/filesystem/file_sink.h"
#include "connectors/filesystem/file_source.h"

namespace raudal::connectors::filesystem {

void register_connector(connector::Registry& registry) {
  registry.add(connector::Connector{
      .name = "filesystem",
      .options =
          {
              {.name = "path", .required = true, .doc = "A file, or a folder with the table's files."},
              {.name = "format", .required = true, .doc = "How rows stand in the files."},
              {.name = "partition.default-name", .default_value = "__DEFAULT_PARTITION__",
               .doc = "Folder of rows whose partition column is NULL or empty."},
              {.name = "source.monitor-interval", .doc = "How often to look for new files; unset: the table ends."},
              {.name = "source.path.regex-pattern", .doc = "Which files to read: matched with the whole path."},
              {.name = "source.report-statistics", .default_value = "ALL", .doc = "Accepted; no statistics are read."},
              {.name = "sink.parallelism", .doc = "Parallelism of the sink, if not the job's."},
              {.name = "sink.rolling-policy.file-size", .default_value = "128MB",
               .doc = "A part is at most about so long."},
              {.name = "sink.rolling-policy.rollover-interval", .default_value = "30 min",
               .doc = "How long a part takes rows at most."},
              {.name = "sink.rolling-policy.inactivity-interval", .default_value = "30 min",
               .doc = "A part that got no row for so long is finished."},
              {.name = "sink.rolling-policy.check-interval", .default_value = "1 min",
               .doc = "How often the intervals are looked at."},
              {.name = "sink.partition-commit.policy.kind", .doc = "Only success-file."},
              {.name = "sink.partition-commit.success-file.name", .default_value = "_SUCCESS",
               .doc = "Written into a partition's folder with its first part."},
              {.name = "sink.partition-commit.trigger", .default_value = "process-time", .doc = "Only process-time."},
              {.name = "sink.partition-commit.delay", .default_value = "0 s", .doc = "Only 0 s."},
              {.name = "sink.shuffle-by-partition.enable", .default_value = "false", .doc = "Only false."},
              {.name = "auto-compaction", .default_value = "false", .doc = "Only false."},
          },
      .make_source = make_file_source,
      .make_sink = make_file_sink});
}

}  // namespace raudal::connectors::filesystem
