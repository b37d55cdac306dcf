// Sends generated records in batches at a rate, until so many are accepted: `raudal load`'s loop. What a request's
// answer refuses is sent again, with growing pauses; a request without an answer is sent again as well, and counted,
// since its records may be there twice then.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "apps/load/record_template.h"
#include "apps/load/target.h"
#include "base/clock.h"
#include "base/result.h"

namespace raudal::apps {

// What to send.
struct LoadPlan {
  uint64_t count = 0;  // 0: until stopped
  double rate = 0;     // records a second; 0: as fast as they are accepted
  uint64_t seed = 1;
  uint64_t first_index = 0;      // of the first record
  int64_t start_time_us = 0;     // time of the first record, the others follow at the rate; 0: the clock's time
  size_t batch_records_max = 0;  // 0: the target's
  int64_t patience_ms = 60'000;  // how long one batch may be refused or unanswered before giving up
};

// What happened so far.
struct LoadCounts {
  uint64_t accepted = 0;
  uint64_t bytes = 0;       // of accepted data
  uint64_t sent_again = 0;  // records that were refused and tried again
  uint64_t unanswered = 0;  // records of requests that got no answer, and were sent again
  int64_t elapsed_ms = 0;
  std::string trouble;  // why the last request was not taken as a whole; empty: it was
};

// An answer of the service: its status and body.
struct TargetAnswer {
  int status = 0;
  std::string body;
};

// What the loop needs of the world; tests give their own.
struct LoadWorld {
  std::function<Result<TargetAnswer>(const std::string& body)> post;
  std::function<void(int64_t ms)> pause;  // may return early, when stopping
  std::function<bool()> stopping;
  std::function<void(const LoadCounts&)> report;  // after each request
  Clock* clock = nullptr;
};

// Returns when all are accepted or the world is stopping. Errors: what the service refused for good (a missing
// stream), or kTimeout when patience has run out; `counts` tells what was accepted until then.
Status send_load(const LoadPlan& plan, const RecordTemplate& records, const Target& target, const LoadWorld& world,
                 LoadCounts& counts);

}  // namespace raudal::apps
