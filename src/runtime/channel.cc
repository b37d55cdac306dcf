#include "runtime/channel.h"

namespace raudal::runtime {

void Channel::push(Element element) {
  if (element.kind == ElementKind::kBatch) {
    element.bytes = static_cast<int64_t>(column::memory_bytes(element.batch));
    bytes_pushed_ += element.bytes;
    num_batches_.fetch_add(1);
    bytes_.fetch_add(element.bytes);
  }
  if (!overflow_.empty() || !ring_.try_push(element)) {
    overflow_.push_back(std::move(element));
    return;
  }
  consumer_.wake();
}

void Channel::flush_overflow() {
  bool moved = false;
  while (!overflow_.empty() && ring_.try_push(overflow_.front())) {
    overflow_.pop_front();
    moved = true;
  }
  if (moved) consumer_.wake();
}

bool Channel::has_room() {
  if (!overflow_.empty()) flush_overflow();
  if (below_limits()) return true;
  // Said before looking again, so that a consumer that makes room in between sees it.
  producer_waits_.store(true);
  if (!overflow_.empty()) flush_overflow();
  return below_limits();
}

void Channel::pop() {
  const Element* element = ring_.front();
  if (element->kind == ElementKind::kBatch) {
    bytes_.fetch_sub(element->bytes);
    num_batches_.fetch_sub(1);
  }
  ring_.pop();
  if (producer_waits_.load() && producer_waits_.exchange(false)) producer_.wake();
}

}  // namespace raudal::runtime
