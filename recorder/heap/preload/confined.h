/* Has the program forbidden itself calls of the kernel (seccomp(2))? One of ours might end it then:
 * from that moment on no sample is taken, and what was sampled is only given back. */
#pragma once

#include <stdbool.h>

bool confined_is(void);
