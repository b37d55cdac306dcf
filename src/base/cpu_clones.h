// RAUDAL_CLONES before a function: it is compiled for several generations of processors, and the best one is chosen
// when the program is loaded. Not under ThreadSanitizer, whose checks cannot run that early.
#pragma once

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define RAUDAL_CLONES
#endif
#endif
#ifndef RAUDAL_CLONES
#define RAUDAL_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#endif
