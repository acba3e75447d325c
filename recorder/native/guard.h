/* Files of the target may be broken or made to be so, and libraries that read them have faults:
 * what is done under guard may crash, or take too long, and is then given up. */
#pragma once

#include <stdbool.h>

/* Once, at the beginning. */
void guard_open(void);

/* Calls it. false: it was given up, and what it had under its hands is not to be touched again. */
bool guard_run(void (*call)(void *context), void *context);
