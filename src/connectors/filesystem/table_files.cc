#include "connectors/filesystem/table_files.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <algorithm>
#include <memory>
#include <tuple>

#include <fmt/core.h>

#include "connector/options.h"

namespace raudal::connectors::filesystem {
namespace {

constexpr uint32_t kMatchStepsMax = 1'000'000;

struct FreePattern {
  void operator()(pcre2_code* code) const { pcre2_code_free(code); }
  void operator()(pcre2_match_data* data) const { pcre2_match_data_free(data); }
  void operator()(pcre2_match_context* context) const { pcre2_match_context_free(context); }
};

// A compiled pattern; one without text matches everything.
class PathPattern {
 public:
  static Result<PathPattern> compile(const std::string& text) {
    PathPattern pattern;
    if (text.empty()) return pattern;
    int error = 0;
    PCRE2_SIZE at = 0;
    pattern.code_.reset(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(),
                                      PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_UTF, &error, &at, nullptr));
    if (!pattern.code_) {
      return connector::option_error("source.path.regex-pattern", text, "a regular expression");
    }
    pattern.data_.reset(pcre2_match_data_create(1, nullptr));
    pattern.limits_.reset(pcre2_match_context_create(nullptr));
    pcre2_set_match_limit(pattern.limits_.get(), kMatchStepsMax);
    return pattern;
  }

  bool matches(const std::string& path) const {
    if (!code_) return true;
    return pcre2_match(code_.get(), reinterpret_cast<PCRE2_SPTR>(path.data()), path.size(), 0, 0, data_.get(),
                       limits_.get()) >= 0;
  }

 private:
  std::unique_ptr<pcre2_code, FreePattern> code_;
  std::unique_ptr<pcre2_match_data, FreePattern> data_;
  std::unique_ptr<pcre2_match_context, FreePattern> limits_;
};

Status add_files(Fs& fs, const std::string& folder, const PathPattern& pattern, std::vector<FoundFile>& found) {
  for (const FileInfo& info : TRY(fs.list(folder))) {
    if (is_hidden(info.name)) continue;
    const std::string path = join_path(folder, info.name);
    if (info.is_directory) {
      const Status added = add_files(fs, path, pattern, found);
      // A folder that was removed since its parent was listed holds no files.
      if (!added.ok() && added.error().code() != ErrorCode::kNotFound) return added;
    } else if (pattern.matches(path)) {
      found.push_back({.path = path, .size_bytes = info.size_bytes, .modified_us = info.modified_us});
    }
  }
  return {};
}

}  // namespace

Result<std::string> local_path(const connector::Table& table) {
  std::string path = connector::option(table.options, "path").value_or("");
  const size_t scheme = path.find(":/");
  if (scheme != std::string::npos && path.find('/') > scheme) {
    if (path.substr(0, scheme) != "file") {
      return Error(ErrorCode::kSqlUnsupported,
                   fmt::format("The filesystem connector reads and writes paths of this machine (file:// or without "
                               "a scheme). Table '{}', path: {}", table.name, path));
    }
    path.erase(0, scheme + 1);
    if (path.starts_with("//")) path.erase(0, 2);
  }
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  if (path.empty()) return connector::option_error("path", path, "a path");
  return path;
}

bool is_hidden(std::string_view name) { return name.starts_with('.') || name.starts_with('_'); }

Result<std::vector<FoundFile>> find_files(Fs& fs, const std::string& root, const std::string& pattern,
                                          const std::string& table_name) {
  const PathPattern compiled = TRY(PathPattern::compile(pattern));
  const Result<FileInfo> info = fs.info(root);
  if (!info.ok()) {
    if (info.error().code() != ErrorCode::kNotFound) return info.error();
    return Error(ErrorCode::kSourceMissing,
                 fmt::format("The path of table '{}' does not exist. Create it, or correct the option 'path': {}",
                             table_name, root));
  }
  std::vector<FoundFile> found;
  if (info->is_directory) {
    TRY(add_files(fs, root, compiled, found));
  } else {
    found.push_back({.path = root, .size_bytes = info->size_bytes, .modified_us = info->modified_us});
  }
  std::ranges::sort(found, {}, [](const FoundFile& file) { return std::tie(file.modified_us, file.path); });
  return found;
}

Status check_pattern(const std::string& pattern) {
  TRY(PathPattern::compile(pattern));
  return {};
}

}  // namespace raudal::connectors::filesystem
