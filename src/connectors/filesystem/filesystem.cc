#include "connectors/filesystem/filesystem.h"

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
          },
      .make_source = make_file_source});
}

}  // namespace raudal::connectors::filesystem
