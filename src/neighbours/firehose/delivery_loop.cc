#include "neighbours/firehose/delivery_loop.h"

#include <algorithm>
#include <chrono>

#include <fmt/core.h>

#include "codec/gzip.h"
#include "neighbours/firehose/object_name.h"

namespace raudal::neighbours::firehose {
namespace {

constexpr int64_t kBackoffMsMin = 500;
constexpr int64_t kBackoffMsMax = 30'000;
constexpr int64_t kNapMsMax = 10'000;  // the clock may jump

}  // namespace

Status DeliveryLoop::start() {
  const Lock held = lock();
  for (const DeliveryStream& stream : TRY(store_.list())) {
    set(stream);
    waiting_[stream.id].buffered = TRY(store_.buffered(stream.id));
  }
  thread_ = std::thread([this] { run(); });
  return {};
}

void DeliveryLoop::stop() {
  {
    const Lock held = lock();
    stopping_ = true;
    changed_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

void DeliveryLoop::set(const DeliveryStream& stream) {
  Waiting& waiting = waiting_[stream.id];
  waiting.name = stream.name;
  waiting.settings = delivery_settings(stream.destination);
  waiting.is_deleting = stream.is_deleting;
  waiting.retry_ms = 0;
  changed_.notify_all();
}

void DeliveryLoop::added(int64_t stream, const Buffered& more) {
  const auto found = waiting_.find(stream);
  if (found == waiting_.end()) return;  // deleted, though it could not be removed; the next service goes on with it
  Buffered& buffered = found->second.buffered;
  if (buffered.records == 0) buffered.oldest_ms = more.oldest_ms;
  buffered.records += more.records;
  buffered.bytes += more.bytes;
  changed_.notify_all();
}

int64_t DeliveryLoop::buffered_bytes(int64_t stream) const {
  const auto found = waiting_.find(stream);
  return found == waiting_.end() ? 0 : found->second.buffered.bytes;
}

std::optional<int64_t> DeliveryLoop::due_in_ms(const Waiting& waiting) const {
  if (waiting.is_deleting) return 0;
  if (waiting.buffered.records == 0) return std::nullopt;
  int64_t due_ms = waiting.buffered.oldest_ms + waiting.settings.interval_ms;
  if (waiting.buffered.bytes >= waiting.settings.buffer_bytes) due_ms = now_ms();
  return std::max<int64_t>(0, std::max(due_ms, waiting.retry_ms) - now_ms());
}

void DeliveryLoop::run() {
  obs::set_thread_name("firehose");
  Lock held = lock();
  while (!stopping_) {
    int64_t nap_ms = kNapMsMax;
    std::optional<int64_t> next;
    for (const auto& [id, waiting] : waiting_) {
      const auto due = due_in_ms(waiting);
      if (!due || *due >= nap_ms) continue;
      nap_ms = *due;
      next = id;
    }
    if (next && nap_ms == 0) {
      serve(held, *next);
    } else {
      changed_.wait_for(held, std::chrono::milliseconds(nap_ms));
    }
  }
}

void DeliveryLoop::serve(Lock& lock, int64_t id) {
  if (waiting_[id].buffered.records > 0) {
    const Status delivered = deliver(lock, id);
    Waiting& waiting = waiting_[id];
    if (delivered.ok()) {
      waiting.backoff_ms = 0;
      return;
    }
    waiting.backoff_ms = std::clamp(waiting.backoff_ms * 2, kBackoffMsMin, kBackoffMsMax);
    waiting.retry_ms = now_ms() + waiting.backoff_ms;
    log_.error(fmt::format("The delivery stream {} cannot be delivered; its {} records wait", waiting.name,
                           waiting.buffered.records),
               delivered.error());
    if (!waiting.is_deleting) return;
  }
  if (waiting_[id].is_deleting) drop(id);
}

// What cannot be delivered goes with a stream that is deleted, as the caller was told.
void DeliveryLoop::drop(int64_t id) {
  const Waiting& waiting = waiting_[id];
  if (waiting.buffered.records > 0) {
    log_.warn(fmt::format("The delivery stream {} is deleted with {} records that could not be delivered", waiting.name,
                          waiting.buffered.records));
  }
  const Status removed = store_.remove(id);
  if (!removed.ok()) log_.error("A deleted delivery stream cannot be removed", removed.error());
  waiting_.erase(id);
}

Status DeliveryLoop::deliver(Lock& lock, int64_t id) {
  const DeliverySettings settings = waiting_[id].settings;
  const auto stream = TRY(store_.find(waiting_[id].name));
  if (!stream) return Error(ErrorCode::kNotFound, "The delivery stream is gone: " + waiting_[id].name);
  auto delivery = TRY(store_.delivery(id));
  const auto records = TRY(
      store_.first_records(id, settings.buffer_bytes, delivery ? std::optional(delivery->last_record) : std::nullopt));
  if (records.empty()) return Error(ErrorCode::kInternal, "A delivery stream counts records that are not there");
  if (!delivery) {
    delivery = Delivery{.key = object_name({.prefix = settings.prefix,
                                            .stream = stream->name,
                                            .version = stream->version,
                                            .arrived_ms = records.front().arrived_ms,
                                            .extension = settings.extension}),
                        .last_record = records.back().id};
    TRY(store_.begin_delivery(id, *delivery));
  }
  TRY(put_object(lock, settings, delivery->key, records));
  TRY(store_.finish_delivery(id, *delivery));
  waiting_[id].buffered = TRY(store_.buffered(id));
  return {};
}

Status DeliveryLoop::put_object(Lock& lock, const DeliverySettings& settings, const std::string& key,
                                const std::vector<BufferedRecord>& records) {
  // Others store records meanwhile.
  lock.unlock();
  std::string body;
  for (const BufferedRecord& record : records) {
    body += record.data;
    if (settings.append_newline) body += '\n';
  }
  net::HttpHeaders headers{{"Content-Type", "application/octet-stream"}};
  if (settings.gzip) {
    body = codec::gzip(body);
    headers.add("Content-Encoding", "gzip");
  }
  const auto put = s3_.put_object(settings.bucket, key, headers, body);
  lock.lock();
  if (!put.ok()) return put.error();
  return {};
}

}  // namespace raudal::neighbours::firehose
