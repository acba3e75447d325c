/* One thread at a time, and never while anything of the program is called. */
#pragma once

#include <stdbool.h>

/* false: this very thread has it, and was interrupted by a signal's handler. */
bool lock_take(void);
void lock_leave(void);
void lock_forked(void); /* in a child: nobody has it */
