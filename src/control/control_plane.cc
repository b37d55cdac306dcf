#include "control/control_plane.h"

#include <fmt/core.h>

#include "api/protocol.h"
#include "api/validate.h"
#include "control/actions/actions.h"

namespace raudal::control {
namespace {

using codec::JsonObject;

constexpr size_t kBodyBytesMax = 72 << 20;  // an inline ZIP of 50 MiB in base64, and the rest of a request

class ControlPlaneImpl final : public ControlPlane {
 public:
  ControlPlaneImpl(Fs& fs, const Clock& clock, engine::Engine& engine, lifecycle::ObjectSource& objects,
                   const obs::Logger& log, lifecycle::LifecycleOptions options, std::unique_ptr<metadata::Store> store)
      : store_(std::move(store)),
        log_(log),
        context_{.fs = fs,
                 .clock = clock,
                 .store = *store_,
                 .engine = engine,
                 .objects = objects,
                 .log = log_,
                 .options = std::move(options)},
        lifecycle_(context_),
        dashboards_(clock),
        services_{.context = context_, .lifecycle = lifecycle_, .dashboards = dashboards_} {}

  Status start() override { return lifecycle_.start(); }
  bool stop(int64_t timeout_ms) override { return lifecycle_.stop(timeout_ms); }

  ApiResponse handle(const ApiCall& call) override {
    const auto answer = execute(call);
    if (answer.ok()) return {.status = 200, .error_type = "", .body = codec::write_json(*answer)};
    const Error& error = answer.error();
    if (error_info(error.code()).http_status >= 500) log_.error(fmt::format("{} failed", call.target), error);
    return error_response(error);
  }

  Result<DashboardTarget> dashboard(std::string_view token) override {
    const metadata::ApplicationId id = TRY(dashboards_.find(token));
    auto tx = TRY(store_->begin());
    const auto application = TRY(tx.find_application(id));
    if (!application) return Error(ErrorCode::kAccessDenied, "The application was deleted");
    TRY(tx.commit());
    DashboardTarget target;
    target.run_directory = lifecycle::run_directory(context_.options, *application, application->run);
    if (!TRY(context_.engine.alive(target.run_directory))) {
      return Error(ErrorCode::kResourceInUse, fmt::format("The application does not run: {}", application->name));
    }
    const auto launch = TRY(engine::read_launch_file(context_.fs, target.run_directory));
    if (launch.engine == engine::EngineKind::kFlinkRemote) target.remote_address = launch.flink.remote_address;
    return target;
  }

 private:
  Result<JsonObject> execute(const ApiCall& call) {
    const api::Operation* operation = TRY(api::find_target(api::service_model(), call.target));
    const actions::Action* action = actions::find_action(operation->name);
    if (action == nullptr) {
      return Error(ErrorCode::kUnsupportedOperation, fmt::format("{} is not available here", operation->name));
    }
    const std::string_view text = call.body.empty() ? std::string_view("{}") : std::string_view(call.body);
    const JsonObject body = TRY(codec::parse_json_object(text, {.bytes_max = kBodyBytesMax}));
    const JsonObject request = TRY(api::validate(*operation->input, body));
    const actions::Caller caller{
        .access_key = call.access_key, .request_id = call.request_id, .host = call.host, .over_tls = call.over_tls};
    return action->run(services_, caller, request);
  }

  std::unique_ptr<metadata::Store> store_;
  const obs::Logger log_;
  lifecycle::Context context_;
  lifecycle::Lifecycle lifecycle_;
  actions::DashboardSessions dashboards_;
  actions::Services services_;
};

}  // namespace

ApiResponse error_response(const Error& error) {
  api::ErrorResponse response = api::error_response(error);
  return {.status = response.status, .error_type = std::move(response.type), .body = std::move(response.body)};
}

Result<std::unique_ptr<ControlPlane>> ControlPlane::open(Fs& fs, const Clock& clock, engine::Engine& engine,
                                                         lifecycle::ObjectSource& objects, const obs::Logger& log,
                                                         lifecycle::LifecycleOptions options) {
  auto store = TRY(metadata::Store::open(join_path(options.data_directory, "metadata.db"), clock));
  return std::unique_ptr<ControlPlane>(
      new ControlPlaneImpl(fs, clock, engine, objects, log, std::move(options), std::move(store)));
}

}  // namespace raudal::control
