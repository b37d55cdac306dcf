#include "sql/catalog.h"

#include <algorithm>

#include <fmt/core.h>

namespace raudal::sql {

std::optional<std::string> Catalog::local_name(const NameAst& name) {
  const auto& parts = name.parts;
  if (parts.size() == 1) return parts[0];
  if (parts.size() == 2 && parts[0] == kDefaultDatabase) return parts[1];
  if (parts.size() == 3 && parts[0] == kDefaultCatalog && parts[1] == kDefaultDatabase) return parts[2];
  return std::nullopt;
}

std::string Catalog::full_name(const std::string& name) {
  return fmt::format("{}.{}.{}", kDefaultCatalog, kDefaultDatabase, name);
}

std::string Catalog::quoted_name(const std::string& name) {
  return fmt::format("`{}`.`{}`.`{}`", kDefaultCatalog, kDefaultDatabase, name);
}

const CatalogTable* Catalog::find_table(const std::string& name) const {
  const auto it = tables_.find(name);
  return it == tables_.end() ? nullptr : &it->second;
}

const CatalogView* Catalog::find_view(const std::string& name) const {
  const auto it = views_.find(name);
  return it == views_.end() ? nullptr : &it->second;
}

void Catalog::add_table(const std::string& name, CatalogTable table) { tables_[name] = std::move(table); }
void Catalog::add_view(const std::string& name, CatalogView view) { views_[name] = std::move(view); }
bool Catalog::drop_table(const std::string& name) { return tables_.erase(name) > 0; }
bool Catalog::drop_view(const std::string& name) { return views_.erase(name) > 0; }

std::vector<std::string> Catalog::table_names() const {
  std::vector<std::string> names = view_names();
  for (const auto& [name, table] : tables_) names.push_back(name);
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string> Catalog::view_names() const {
  std::vector<std::string> names;
  for (const auto& [name, view] : views_) names.push_back(name);
  return names;
}

}  // namespace raudal::sql
