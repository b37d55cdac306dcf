#include "apps/worker/builtins.h"

#include "connectors/blackhole/blackhole.h"
#include "connectors/datagen/datagen.h"
#include "connectors/filesystem/filesystem.h"
#include "connectors/print/print.h"
#include "formats/csv/csv.h"
#include "formats/json/json.h"

namespace raudal::apps {

void register_builtins(connector::Registry& registry) {
  connectors::blackhole::register_connector(registry);
  connectors::datagen::register_connector(registry);
  connectors::filesystem::register_connector(registry);
  connectors::print::register_connector(registry);
  formats::csv::register_format(registry);
  formats::json::register_format(registry);
}

}  // namespace raudal::apps
