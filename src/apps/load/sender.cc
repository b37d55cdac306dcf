#include "apps/load/sender.h"

#include <algorithm>

#include <fmt/core.h>

#include "base/str.h"
#include "codec/json.h"

namespace raudal::apps {
namespace {

constexpr int64_t kShortestPauseMs = 50;
constexpr int64_t kLongestPauseMs = 2'000;
constexpr int64_t kBatchesPerSecondMax = 20;  // at a low rate: what is due is sent together

// "ResourceNotFoundException: Stream x not found" out of an error's body.
std::string error_of(const TargetAnswer& answer) {
  const auto object = codec::parse_json_object(answer.body);
  if (!object.ok()) return fmt::format("status {}", answer.status);
  const std::string_view type = codec::find_string(*object, "__type").value_or("error");
  const auto lower = codec::find_string(*object, "message");
  const std::string_view message = lower ? *lower : codec::find_string(*object, "Message").value_or("");
  return fmt::format("{}{}{}", type.substr(type.find('#') + 1), message.empty() ? "" : ": ", message);
}

bool worth_retrying(const TargetAnswer& answer) {
  if (answer.status >= 500 || answer.status == 429) return true;
  for (const char* name : {"ProvisionedThroughputExceeded", "Throttling", "LimitExceeded", "ServiceUnavailable"}) {
    if (answer.body.find(name) != std::string::npos) return true;
  }
  return false;
}

// One run of the loop.
class Load {
 public:
  Load(const LoadPlan& plan, const RecordTemplate& records, const Target& target, const LoadWorld& world,
       LoadCounts& counts)
      : plan_(plan), records_(records), target_(target), world_(world), counts_(counts) {}

  Status run() {
    begin_ns_ = world_.clock->monotonic_ns();
    while (!world_.stopping() && (plan_.count == 0 || next_ < plan_.count)) {
      const uint64_t due = due_now();
      if (due == 0) {
        world_.pause(until_next_batch_ms());
        continue;
      }
      TRY(deliver(make_batch(due)));
    }
    return {};
  }

 private:
  int64_t elapsed_ns() const { return world_.clock->monotonic_ns() - begin_ns_; }

  // How many records may be sent at this moment and are not yet.
  uint64_t due_now() const {
    uint64_t left = plan_.count == 0 ? UINT64_MAX : plan_.count - next_;
    if (plan_.rate > 0) {
      const auto allowed = static_cast<uint64_t>(static_cast<double>(elapsed_ns()) * plan_.rate / 1e9) + 1;
      left = std::min(left, allowed > next_ ? allowed - next_ : 0);
    }
    return left;
  }

  int64_t until_next_batch_ms() const {
    const double next_due_ms = static_cast<double>(next_) * 1000.0 / plan_.rate;
    const int64_t wait = static_cast<int64_t>(next_due_ms) - elapsed_ns() / 1'000'000 + 1;
    return std::clamp<int64_t>(wait, 1000 / kBatchesPerSecondMax, 1000);
  }

  std::vector<GeneratedRecord> make_batch(uint64_t due) {
    const size_t records_max =
        plan_.batch_records_max == 0 ? target_.records_max() : std::min(plan_.batch_records_max, target_.records_max());
    std::vector<GeneratedRecord> batch;
    size_t bytes = 0;
    while (batch.size() < records_max && batch.size() < due) {
      GeneratedRecord record = records_.render(plan_.seed, plan_.first_index + next_, time_of(next_));
      bytes += record.data.size() + record.key.size();
      if (!batch.empty() && bytes > target_.bytes_max()) break;
      batch.push_back(std::move(record));
      ++next_;
    }
    return batch;
  }

  int64_t time_of(uint64_t number) const {
    if (plan_.start_time_us == 0) return world_.clock->wall_us();
    const double step_us = plan_.rate > 0 ? 1e6 / plan_.rate : 1000.0;
    return plan_.start_time_us + static_cast<int64_t>(static_cast<double>(number) * step_us);
  }

  // Sends a batch until all of it is accepted.
  Status deliver(std::vector<GeneratedRecord> batch) {
    const int64_t give_up_ns = world_.clock->monotonic_ns() + plan_.patience_ms * 1'000'000;
    int64_t pause_ms = kShortestPauseMs;
    while (true) {
      TRY(attempt(batch));
      counts_.elapsed_ms = elapsed_ns() / 1'000'000;
      world_.report(counts_);
      if (batch.empty() || world_.stopping()) return {};
      if (world_.clock->monotonic_ns() >= give_up_ns) {
        return Error(ErrorCode::kTimeout, fmt::format("{} records were not accepted within {} s: {}", batch.size(),
                                                      plan_.patience_ms / 1000, counts_.trouble));
      }
      world_.pause(pause_ms);
      pause_ms = std::min(pause_ms * 2, kLongestPauseMs);
    }
  }

  // One request; leaves in the batch what has to be sent again.
  Status attempt(std::vector<GeneratedRecord>& batch) {
    const auto answer = world_.post(target_.request(batch));
    if (!answer.ok()) {
      counts_.unanswered += batch.size();
      counts_.trouble = answer.error().message();
      return {};
    }
    if (answer->status != 200) {
      counts_.trouble = error_of(*answer);
      if (!worth_retrying(*answer)) return Error(ErrorCode::kInvalidRequest, counts_.trouble);
      counts_.sent_again += batch.size();
      return {};
    }
    const std::vector<size_t> refused = TRY(target_.refused(answer->body, batch.size()));
    accept(batch, refused);
    counts_.trouble = refused.empty() ? "" : fmt::format("{} records of a batch were refused", refused.size());
    return {};
  }

  void accept(std::vector<GeneratedRecord>& batch, const std::vector<size_t>& refused) {
    std::vector<GeneratedRecord> again;
    auto next_refused = refused.begin();
    for (size_t i = 0; i < batch.size(); ++i) {
      if (next_refused != refused.end() && *next_refused == i) {
        again.push_back(std::move(batch[i]));
        ++next_refused;
        continue;
      }
      ++counts_.accepted;
      counts_.bytes += batch[i].data.size();
    }
    counts_.sent_again += again.size();
    batch = std::move(again);
  }

  const LoadPlan& plan_;
  const RecordTemplate& records_;
  const Target& target_;
  const LoadWorld& world_;
  LoadCounts& counts_;
  int64_t begin_ns_ = 0;
  uint64_t next_ = 0;  // number of the next record that is not in a batch yet
};

}  // namespace

Status send_load(const LoadPlan& plan, const RecordTemplate& records, const Target& target, const LoadWorld& world,
                 LoadCounts& counts) {
  return Load(plan, records, target, world, counts).run();
}

}  // namespace raudal::apps
