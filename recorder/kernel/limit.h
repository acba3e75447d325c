/* How much memory a process may have: the least limit of the control groups that it is in, or all
 * that the machine has. Bytes; 0: not told. */
#pragma once

#include <stdint.h>
#include <sys/types.h>

uint64_t limit_of(pid_t pid);
uint64_t limit_of_machine(void); /* MemTotal */
