#pragma once
#include <stdint.h>

/// How often this program has asked for memory, and for how many bytes, since it started.
uint64_t allocation_count(void);
uint64_t allocation_bytes(void);
