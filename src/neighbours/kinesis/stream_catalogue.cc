#include "neighbours/kinesis/stream_catalogue.h"

#include <set>

#include <fmt/core.h>

namespace raudal::neighbours::kinesis {

StreamCatalogue::StreamCatalogue(const protocol::ServiceContext& service, std::unique_ptr<StreamStore> store,
                                 bool has_limits)
    : directory_(join_path(service.directory, "streams")),
      region_(service.region),
      account_(service.account),
      store_(std::move(store)),
      context_{service.fs, service.clock, service.log, *store_, has_limits} {}

Result<std::unique_ptr<StreamCatalogue>> StreamCatalogue::open(const protocol::ServiceContext& service,
                                                               bool has_limits) {
  TRY(service.fs.make_directories(service.directory));
  auto store = TRY(StreamStore::open(join_path(service.directory, "streams.sqlite")));
  std::unique_ptr<StreamCatalogue> catalogue(new StreamCatalogue(service, std::move(store), has_limits));
  TRY(catalogue->load());
  return catalogue;
}

Status StreamCatalogue::load() {
  TRY(context_.fs.make_directories(directory_));
  std::set<std::string> known;
  for (StreamState& state : TRY(store_->load())) {
    const std::string directory = directory_of(state.number);
    known.insert(base_name(directory));
    const auto stream = std::make_shared<Stream>(context_, directory, std::move(state));
    by_number_[stream->state()->number] = stream;
    streams_[stream->state()->name] = stream;
  }
  for (const FileInfo& info : TRY(context_.fs.list(directory_))) {
    if (!known.contains(info.name)) TRY(context_.fs.remove_all(join_path(directory_, info.name)));
  }
  return {};
}

std::string StreamCatalogue::directory_of(uint64_t number) const {
  return join_path(directory_, fmt::format("{:010}", number));
}

std::shared_ptr<Stream> StreamCatalogue::find(const std::string& name) const {
  std::lock_guard lock(mutex_);
  const auto found = streams_.find(name);
  return found == streams_.end() ? nullptr : found->second;
}

std::shared_ptr<Stream> StreamCatalogue::find(uint64_t number) const {
  std::lock_guard lock(mutex_);
  const auto found = by_number_.find(number);
  return found == by_number_.end() ? nullptr : found->second;
}

std::vector<std::shared_ptr<Stream>> StreamCatalogue::all() const {
  std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<Stream>> streams;
  for (const auto& [name, stream] : streams_) streams.push_back(stream);
  return streams;
}

AwsResult<std::shared_ptr<Stream>> StreamCatalogue::create(StreamState state) {
  std::lock_guard lock(mutex_);
  if (streams_.contains(state.name)) {
    return AwsFailure("ResourceInUseException",
                      fmt::format("Stream {} under account {} already exists.", state.name, account_));
  }
  TRY(store_->add(state));
  const std::string directory = directory_of(state.number);
  const auto stream = std::make_shared<Stream>(context_, directory, std::move(state));
  by_number_[stream->state()->number] = stream;
  streams_[stream->state()->name] = stream;
  return stream;
}

AwsStatus StreamCatalogue::remove(const std::shared_ptr<Stream>& stream) {
  const auto state = stream->state();
  {
    std::lock_guard lock(mutex_);
    if (!by_number_.contains(state->number)) return {};
    TRY(store_->remove(state->number));
    by_number_.erase(state->number);
    streams_.erase(state->name);
  }
  stream->close_deleted();
  // What cannot be removed now goes at the next start.
  const Status removed = context_.fs.remove_all(stream->directory());
  if (!removed.ok()) context_.log.warn("Log of a deleted stream remains for now", removed.error());
  return {};
}

void StreamCatalogue::stop_waits() {
  for (const auto& stream : all()) stream->stop_waits();
}

std::string StreamCatalogue::stream_arn(std::string_view name) const {
  return fmt::format("arn:aws:kinesis:{}:{}:stream/{}", region_, account_, name);
}

std::string StreamCatalogue::consumer_arn(std::string_view stream, const Consumer& consumer) const {
  return fmt::format("{}/consumer/{}:{}", stream_arn(stream), consumer.name, consumer.created_ms / 1000);
}

}  // namespace raudal::neighbours::kinesis
