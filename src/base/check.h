// CHECK: a condition that only a bug can break. Always on; stops the process with message and place.
// DCHECK: the same for hot loops, on in debug builds only.
#pragma once

namespace raudal {

[[noreturn]] void check_failed(const char* condition, const char* file, int line);

}  // namespace raudal

#define CHECK(condition) \
  ((condition) ? void(0) : ::raudal::check_failed(#condition, __FILE__, __LINE__))

#ifdef NDEBUG
#define DCHECK(condition) ((void)sizeof(condition))
#else
#define DCHECK(condition) CHECK(condition)
#endif
