// The door of the SQL front end: a Session takes statements one by one, as a SQL client does, or a whole script, as an
// application's program. It keeps the catalog and the settings, and answers with text or with a job graph; running
// the graph is the caller's. Errors carry line and column, as Flink's do.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "connector/registry.h"
#include "graph/job_graph.h"
#include "sql/position.h"

namespace raudal::sql {

// One statement of a script, without comments before it and without its semicolon.
struct Statement {
  std::string text;
  Position position;  // of its first character in the script
};

// Splits at semicolons outside of literals, comments and EXECUTE STATEMENT SET BEGIN … END. Never fails: what is
// malformed is the parser's to report.
std::vector<Statement> split_script(std::string_view script);

// Runtime properties: group → key → value.
using PropertyGroups = std::map<std::string, std::map<std::string, std::string>>;

// A statement that answers only that it was done: DDL, SET.
struct Done {};

// SHOW, DESCRIBE, EXPLAIN: cells of text; an absent value is "".
struct Listing {
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;
};

// SELECT: a graph whose last node is a CollectSpec.
struct Query {
  graph::JobGraph graph;
  column::Schema schema;
  bool append_only = true;
};

// INSERT or a statement set: a graph that ends in sinks.
struct Insert {
  graph::JobGraph graph;
  std::vector<std::string> sinks;  // full names, "default_catalog.default_database.t"
};

using Outcome = std::variant<Done, Listing, Query, Insert>;

// What the planner asks outside of the SQL text.
struct SessionContext {
  const connector::Registry* registry = nullptr;  // must outlive the session
  connector::Environment environment;             // to ask a connector what its sink or source can do
  std::map<std::string, std::string> settings;    // initial settings: what RESET returns to
};

class Session {
 public:
  explicit Session(SessionContext context);
  ~Session();
  Session(Session&&) noexcept;
  Session& operator=(Session&&) noexcept;

  // Positions in errors count from the statement's own beginning, as a SQL client shows them.
  // kSqlParse, kSqlValidation, kSqlUnsupported, kSqlOption.
  Result<Outcome> execute(const Statement& statement);

  // A program: all statements in order; all INSERTs become one job. Replaces ${group:key} and ${group:key:default}
  // by runtime properties before parsing. Positions in errors are those of the script as written.
  Result<graph::JobGraph> compile_script(std::string_view script, const PropertyGroups& properties);

  // SET's values over the initial ones, for whoever runs the graph: "parallelism.default", "pipeline.name",
  // "execution.checkpointing.interval" …
  const std::map<std::string, std::string>& settings() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace raudal::sql
