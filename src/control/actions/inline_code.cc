#include "control/actions/inline_code.h"

#include <fmt/core.h>

#include "base/rng.h"

namespace raudal::control::actions {

Status store_inline_code(lifecycle::Context& context, const metadata::Application& application,
                         configuration::DraftVersion& draft) {
  if (!draft.zip) return {};
  const std::string folder = lifecycle::application_directory(context.options, application) + "/inline";
  const std::string path = fmt::format("{}/{}-{}.zip", folder, draft.version.number, secure_random_hex(4));
  TRY(context.fs.make_directories(folder));
  TRY(write_file_durably(context.fs, path, *draft.zip));
  draft.version.inline_code = path.substr(context.options.data_directory.size() + 1);
  return {};
}

}  // namespace raudal::control::actions
