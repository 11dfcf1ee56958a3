#ifndef TERN_CALLOCATOR_SHIM_H
#define TERN_CALLOCATOR_SHIM_H

#if defined(__GLIBC__) || defined(__linux__)
#include <malloc.h>

/* Arenas are glibc's; other systems have none to limit. */
static inline int tern_limit_arenas(int count) { return mallopt(M_ARENA_MAX, count); }
#else
static inline int tern_limit_arenas(int count) { return 0; }
#endif

#endif
