#ifndef TERN_ALLOCATION_COUNTER_H
#define TERN_ALLOCATION_COUNTER_H

#include <stdint.h>

/// How often this process has asked for heap memory: every malloc, calloc, realloc, aligned_alloc, posix_memalign,
/// memalign, valloc and pvalloc of all threads since it started, those of the Swift runtime included.
///
/// Linking this target into a program replaces the allocation functions of the C library by ones that count and then
/// call the originals. Count before and after the work in question; the difference is exact.
uint64_t tern_allocation_count(void);

/// The same for the calling thread alone, so that other threads of a server do not disturb the count.
uint64_t tern_thread_allocation_count(void);

/// How many bytes were asked for so far, by all threads.
uint64_t tern_allocated_bytes(void);

#endif
