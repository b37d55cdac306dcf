// Rows per CPU-second of sources and formats alone, one core: the parts of which the gates of `./x bench core` are
// made. Usage: source_bench [BIDS.ndjson], the file being what tools/flink/gates/bids.py writes.
#include <ctime>

#include <cstdio>

#include "base/check.h"
#include "base/fs.h"
#include "column/type.h"
#include "connector/registry.h"
#include "connectors/datagen/datagen.h"
#include "connectors/filesystem/filesystem.h"
#include "formats/csv/csv.h"
#include "formats/json/json.h"

namespace raudal {
namespace {

using column::Schema;
using column::Type;
using column::TypeKind;
using connector::Table;

const Type kBigInt(TypeKind::kBigInt);

int64_t cpu_ns() {
  timespec time{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return time.tv_sec * 1'000'000'000 + time.tv_nsec;
}

// Reads a bounded table to its end; with a format name, encodes its rows too.
void measure(const char* what, connector::Registry& registry, const Table& table, const Schema& produced,
             const char* encode_as = nullptr) {
  const auto fs = posix_fs();
  const SystemClock clock;
  const auto connector = registry.connector_of(table);
  CHECK(connector.ok());
  const auto source =
      (*connector)->make_source(table, produced, {.fs = fs.get(), .clock = &clock, .registry = &registry});
  CHECK(source.ok());
  const auto reader = (*source)->make_reader();
  CHECK(reader->open({.clock = &clock}).ok());
  std::unique_ptr<connector::Encoder> encoder;
  if (encode_as) encoder = *registry.find_format(encode_as)->make_encoder(table, produced, {});
  std::string out;
  int64_t rows = 0;
  int64_t begin = cpu_ns();
  while (true) {
    const auto result = reader->read();
    CHECK(result.ok());
    if (result->state == connector::ReadState::kEnd) break;
    rows += static_cast<int64_t>(result->batch.num_rows);
    if (!encoder) continue;
    out.clear();
    CHECK(encoder->encode(result->batch, &out).ok());
  }
  const double seconds = static_cast<double>(cpu_ns() - begin) * 1e-9;
  std::printf("%-44s %8.2f M rows per CPU-second (%lld rows)\n", what, static_cast<double>(rows) / seconds * 1e-6,
              static_cast<long long>(rows));
}

Table numbers() {
  return {.name = "numbers",
          .columns = {{"k", kBigInt}, {"v", kBigInt}, {"p", kBigInt}},
          .options = {{"connector", "datagen"}, {"number-of-rows", "200000000"}, {"rows-per-second", "1000000000"},
                      {"fields.k.min", "0"}, {"fields.k.max", "999999"}, {"fields.v.min", "0"},
                      {"fields.v.max", "1000"}, {"fields.p.min", "0"}, {"fields.p.max", "1000"}}};
}

Table bids(const char* path) {
  return {.name = "bids",
          .columns = {{"auction", kBigInt}, {"bidder", kBigInt}, {"price", kBigInt}, {"channel", Type::string()},
                      {"url", Type::string()}, {"dateTime", Type::timestamp(3)}, {"extra", Type::string()}},
          .options = {{"connector", "filesystem"}, {"path", path}, {"format", "json"}}};
}

void run(int argc, char** argv) {
  connector::Registry registry;
  connectors::datagen::register_connector(registry);
  connectors::filesystem::register_connector(registry);
  formats::csv::register_format(registry);
  formats::json::register_format(registry);
  const Table generated = numbers();
  measure("datagen, 3 BIGINT", registry, generated, generated.columns);
  Table fewer = generated;
  fewer.options["number-of-rows"] = "5000000";
  measure("datagen, 3 BIGINT, written as json", registry, fewer, fewer.columns, "json");
  measure("datagen, 3 BIGINT, written as csv", registry, fewer, fewer.columns, "csv");
  if (argc < 2) return;
  const Table table = bids(argv[1]);
  measure("bids: nothing of 7 columns", registry, table, {});
  measure("bids: auction", registry, table, {table.columns[0]});
  measure("bids: auction, dateTime", registry, table, {table.columns[0], table.columns[5]});
  measure("bids: all 7 columns", registry, table, table.columns);
}

}  // namespace
}  // namespace raudal

int main(int argc, char** argv) { raudal::run(argc, argv); }
