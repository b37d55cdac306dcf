#include "sql/session.h"

#include <fmt/core.h>

#include "base/str.h"
#include "sql/bind_ddl.h"
#include "sql/explain.h"
#include "sql/lower_plan.h"
#include "sql/not_null.h"
#include "sql/parser.h"
#include "sql/properties.h"
#include "sql/rewrite.h"
#include "sql/show.h"
#include "sql/sql_error.h"

namespace raudal::sql {

struct Session::State {
  explicit State(SessionContext given) : context(std::move(given)), settings(context.settings) {}

  BindContext bind_context() const { return {catalog, context.registry, settings}; }
  LowerContext lower_context() const;
  std::string time_zone() const;

  Outcome run(StatementAst statement);
  Outcome create_table(const CreateTableAst& create);
  Outcome create_view(const CreateViewAst& create);
  Outcome drop(const DropAst& drop);
  Outcome query(const QueryAst& query);
  Outcome insert(const std::vector<InsertAst>& inserts);
  Outcome insert_or_collect(const InsertAst& insert);
  Outcome end_statement_set();
  Outcome explain(const ExplainAst& explain);
  Outcome describe(const DescribeAst& describe);
  Outcome set(const SetAst& set);
  Outcome reset(const ResetAst& reset);
  Outcome use(const UseAst& use);
  SinkPlan plan_insert(const InsertAst& insert) const;
  // What is decided when all sinks of a job are known; a query has none.
  std::vector<SinkPlan> finish(std::vector<SinkPlan> plans) const;
  // One job of them all.
  Insert merge(std::vector<SinkPlan> plans) const;
  void check_free(const std::string& name, const NameAst& ast) const;
  std::string local_name(const NameAst& name) const;
  void run_program_statement(const Statement& statement, std::vector<SinkPlan>* plans);

  SessionContext context;
  std::map<std::string, std::string> settings;
  Catalog catalog;
  std::optional<std::vector<InsertAst>> statement_set;  // between BEGIN STATEMENT SET and END
};

std::string Session::State::time_zone() const {
  const auto it = settings.find("table.local-time-zone");
  return it == settings.end() ? "UTC" : it->second;
}

LowerContext Session::State::lower_context() const {
  LowerContext lower{context.registry, context.environment, 0};
  lower.environment.session_time_zone = time_zone();
  const auto ttl = settings.find("table.exec.state.ttl");
  if (ttl != settings.end()) {
    const auto ms = parse_duration_ms(ttl->second);
    if (!ms) fail_option(fmt::format("Could not parse value '{}' for key 'table.exec.state.ttl'", ttl->second));
    lower.state_ttl_ms = *ms;
  }
  return lower;
}

std::string Session::State::local_name(const NameAst& name) const {
  const auto local = Catalog::local_name(name);
  if (!local) {
    fail_validation(fmt::format("Catalog or database of '{}' does not exist: there is {}.{} only",
                                join(name.parts, "."), kDefaultCatalog, kDefaultDatabase),
                    name.span());
  }
  return *local;
}

void Session::State::check_free(const std::string& name, const NameAst& ast) const {
  if (!catalog.contains(name)) return;
  fail_validation(
      fmt::format("Table (or view) {}.{} already exists in Catalog {}", kDefaultDatabase, name, kDefaultCatalog),
      ast.span());
}

Outcome Session::State::create_table(const CreateTableAst& create) {
  const std::string name = local_name(create.name);
  if (create.if_not_exists && catalog.contains(name)) return Done{};
  CatalogTable table = bind_table(create, name, bind_context());
  check_free(name, create.name);
  catalog.add_table(name, std::move(table));
  return Done{};
}

Outcome Session::State::create_view(const CreateViewAst& create) {
  const std::string name = local_name(create.name);
  if (create.if_not_exists && catalog.contains(name)) return Done{};
  CatalogView view = bind_view(create, bind_context());
  check_free(name, create.name);
  catalog.add_view(name, std::move(view));
  return Done{};
}

Outcome Session::State::drop(const DropAst& drop) {
  const std::string name = local_name(drop.name);
  const CatalogTable* table = drop.view ? nullptr : catalog.find_table(name);
  const CatalogView* view = drop.view ? catalog.find_view(name) : nullptr;
  const std::string kind = drop.view ? "view" : "table";
  if (!drop.temporary && ((table && table->temporary) || (view && view->temporary))) {
    fail_validation(fmt::format("Temporary {} with identifier '{}' exists. Drop it first before removing the permanent "
                                "{}: write DROP TEMPORARY",
                                kind, Catalog::quoted_name(name), kind),
                    drop.name.span());
  }
  if (drop.temporary && ((table && !table->temporary) || (view && !view->temporary))) {
    fail_validation(fmt::format("Temporary {} with identifier '{}' does not exist", kind, Catalog::full_name(name)),
                    drop.name.span());
  }
  const bool dropped = drop.view ? catalog.drop_view(name) : catalog.drop_table(name);
  if (!dropped && !drop.if_exists) {
    fail_validation(
        fmt::format("{} with identifier '{}' does not exist", drop.view ? "View" : "Table", Catalog::full_name(name)),
        drop.name.span());
  }
  return Done{};
}

Outcome Session::State::query(const QueryAst& query) {
  const BindContext bind = bind_context();
  PlanPtr plan = rewrite(QueryBinder(bind).bind(query), time_zone());
  Query result;
  result.schema = plan->output;
  result.graph = lower(finish({{plan, nullptr}}), lower_context());
  result.append_only = result.graph.nodes.back().append_only;
  return result;
}

SinkPlan Session::State::plan_insert(const InsertAst& insert) const {
  const BindContext bind = bind_context();
  auto sink = std::make_shared<CatalogTable>(find_sink(insert, catalog));
  return {rewrite(bind_insert(insert, *sink, bind), time_zone()), std::move(sink)};
}

std::vector<SinkPlan> Session::State::finish(std::vector<SinkPlan> plans) const {
  std::vector<PlanPtr> queries;
  for (const SinkPlan& plan : plans) queries.push_back(plan.plan);
  if (queries.size() > 1) align_sources(&queries);
  for (size_t i = 0; i < plans.size(); ++i) {
    plans[i].plan = merge_calcs(queries[i], time_zone());
    const column::Schema columns = plans[i].sink ? plans[i].sink->table.columns : plans[i].plan->output;
    plans[i].plan = enforce_not_null(plans[i].plan, columns, settings);
  }
  return plans;
}

Insert Session::State::merge(std::vector<SinkPlan> plans) const {
  Insert result;
  for (const SinkPlan& plan : plans) result.sinks.push_back(Catalog::full_name(plan.sink->table.name));
  result.graph = lower(finish(std::move(plans)), lower_context());
  return result;
}

Outcome Session::State::insert(const std::vector<InsertAst>& inserts) {
  std::vector<SinkPlan> plans;
  for (const InsertAst& insert : inserts) plans.push_back(plan_insert(insert));
  return merge(std::move(plans));
}

// Between BEGIN STATEMENT SET and END an INSERT waits for END.
Outcome Session::State::insert_or_collect(const InsertAst& ast) {
  if (!statement_set) return insert({ast});
  statement_set->push_back(ast);
  return Done{};
}

Outcome Session::State::end_statement_set() {
  if (!statement_set) fail_validation("END without BEGIN STATEMENT SET");
  const std::vector<InsertAst> inserts = std::move(*statement_set);
  statement_set.reset();
  if (inserts.empty()) fail_validation("No statement in the statement set, skip submit");
  return insert(inserts);
}

Outcome Session::State::explain(const ExplainAst& explain) {
  std::vector<SinkPlan> plans;
  std::string logical;
  const BindContext bind = bind_context();
  if (const auto* select = std::get_if<SelectStatementAst>(&explain.what)) {
    logical = print_logical(*QueryBinder(bind).bind(*select->query));
    plans.push_back({rewrite(QueryBinder(bind).bind(*select->query), time_zone()), nullptr});
  } else {
    std::vector<InsertAst> inserts;
    if (const auto* one = std::get_if<InsertAst>(&explain.what)) inserts.push_back(*one);
    if (const auto* set = std::get_if<StatementSetAst>(&explain.what)) inserts = set->inserts;
    for (const InsertAst& insert : inserts) {
      if (!logical.empty()) logical += "\n";
      logical += print_logical(*bind_insert(insert, find_sink(insert, catalog), bind));
      plans.push_back(plan_insert(insert));
    }
  }
  const LowerContext lower_with = lower_context();
  const graph::JobGraph graph = lower(finish(std::move(plans)), lower_with);
  const std::string text = fmt::format(
      "== Abstract Syntax Tree ==\n{}\n== Optimized Physical Plan ==\n{}\n"
      "== Optimized Execution Plan ==\n{}",
      logical, print_graph(graph, explain.changelog_mode, lower_with), print_graph(graph, false, lower_with));
  return Listing{{"result"}, {{text}}};
}

Outcome Session::State::describe(const DescribeAst& describe) {
  const auto name = Catalog::local_name(describe.name);
  if (name) {
    if (const CatalogTable* table = catalog.find_table(*name)) return describe_table(*table);
    if (const CatalogView* view = catalog.find_view(*name)) {
      const BindContext bind = bind_context();
      column::Schema schema = QueryBinder(bind).bind(*view->query)->output;
      for (size_t i = 0; i < view->columns.size(); ++i) schema[i].name = view->columns[i];
      return describe_view(schema);
    }
  }
  fail_validation(fmt::format("Tables or views with the identifier '{}' doesn't exist",
                              name ? Catalog::full_name(*name) : join(describe.name.parts, ".")),
                  describe.name.span());
}

Outcome Session::State::set(const SetAst& set) {
  if (!set.key.empty()) {
    settings[set.key] = set.value;
    return Done{};
  }
  Listing listing{{"key", "value"}, {}};
  for (const auto& [key, value] : settings) listing.rows.push_back({key, value});
  return listing;
}

Outcome Session::State::reset(const ResetAst& reset) {
  if (reset.key.empty()) {
    settings = context.settings;
    return Done{};
  }
  const auto initial = context.settings.find(reset.key);
  if (initial == context.settings.end()) {
    settings.erase(reset.key);
  } else {
    settings[reset.key] = initial->second;
  }
  return Done{};
}

Outcome Session::State::use(const UseAst& use) {
  const std::string& last = use.name.last();
  if (use.catalog && last != kDefaultCatalog) {
    fail_validation(fmt::format("A catalog with name [{}] does not exist", last), use.name.span());
  }
  if (!use.catalog && last != kDefaultDatabase) {
    fail_validation(fmt::format("A database with name [{}] does not exist in the catalog: [{}]", last, kDefaultCatalog),
                    use.name.span());
  }
  return Done{};
}

Outcome Session::State::run(StatementAst statement) {
  struct Runner {
    State& state;
    Outcome operator()(const CreateTableAst& ast) { return state.create_table(ast); }
    Outcome operator()(const CreateViewAst& ast) { return state.create_view(ast); }
    Outcome operator()(const DropAst& ast) { return state.drop(ast); }
    Outcome operator()(const InsertAst& ast) { return state.insert_or_collect(ast); }
    Outcome operator()(const StatementSetAst& ast) { return state.insert(ast.inserts); }
    Outcome operator()(const BeginStatementSetAst&) {
      if (state.statement_set) fail_validation("A statement set is open already: end it with END");
      state.statement_set.emplace();
      return Done{};
    }
    Outcome operator()(const EndStatementSetAst&) { return state.end_statement_set(); }
    Outcome operator()(const SelectStatementAst& ast) { return state.query(*ast.query); }
    Outcome operator()(const ExplainAst& ast) { return state.explain(ast); }
    Outcome operator()(const DescribeAst& ast) { return state.describe(ast); }
    Outcome operator()(const ShowAst& ast) { return show(ast, state.catalog); }
    Outcome operator()(const SetAst& ast) { return state.set(ast); }
    Outcome operator()(const ResetAst& ast) { return state.reset(ast); }
    Outcome operator()(const UseAst& ast) { return state.use(ast); }
  };
  const bool allowed = std::holds_alternative<InsertAst>(statement) ||
                       std::holds_alternative<EndStatementSetAst>(statement) ||
                       std::holds_alternative<BeginStatementSetAst>(statement);
  if (statement_set && !allowed)
    fail_validation("Only INSERT statements are allowed in a statement set: end it with END");
  return std::visit(Runner{*this}, statement);
}

void Session::State::run_program_statement(const Statement& text, std::vector<SinkPlan>* plans) {
  StatementAst statement = parse_statement(text.text, text.position);
  if (const auto* insert = std::get_if<InsertAst>(&statement)) {
    plans->push_back(plan_insert(*insert));
  } else if (const auto* set = std::get_if<StatementSetAst>(&statement)) {
    for (const InsertAst& insert : set->inserts) plans->push_back(plan_insert(insert));
  } else if (const auto* select = std::get_if<SelectStatementAst>(&statement)) {
    fail_validation(
        "A SELECT in an application has nobody to show its rows to: write INSERT INTO a table "
        "(connector 'print' shows them in the log)",
        select->query->span);
  } else if (std::holds_alternative<BeginStatementSetAst>(statement) ||
             std::holds_alternative<EndStatementSetAst>(statement)) {
    // All INSERTs of a program are one job anyway.
  } else {
    run(std::move(statement));
  }
}

Session::Session(SessionContext context) : state_(std::make_unique<State>(std::move(context))) {}
Session::~Session() = default;
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;

const std::map<std::string, std::string>& Session::settings() const { return state_->settings; }

Result<Outcome> Session::execute(const Statement& statement) {
  try {
    return state_->run(parse_statement(statement.text));
  } catch (const SqlError& error) { return error.to_error(); }
}

Result<graph::JobGraph> Session::compile_script(std::string_view script, const PropertyGroups& properties) {
  ReplacedText replaced;
  try {
    replaced = replace_properties(script, properties);
  } catch (const SqlError& error) { return error.to_error(); }
  try {
    std::vector<SinkPlan> plans;
    for (const Statement& statement : split_script(replaced.text())) {
      state_->run_program_statement(statement, &plans);
    }
    if (plans.empty()) fail_validation("The program has no INSERT, so there is no job to run");
    return state_->merge(std::move(plans)).graph;
  } catch (SqlError& error) {
    if (error.span) error.span = Span{replaced.original(error.span->begin), replaced.original(error.span->end)};
    return error.to_error();
  }
}

}  // namespace raudal::sql
