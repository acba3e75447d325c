/* The calls by which a program hands an environment on to a child, of a library that is brought in
 * by one: each such library has these of its own, in front of the C library's. */
#pragma once

#include "recorder/python/given.h"

/* What is hidden from the program, and so is put back into what its children are given: as long as
 * the library. NULL: nothing is, and the calls are passed on as they are. */
extern const struct given *given_hidden __attribute__((visibility("hidden")));
