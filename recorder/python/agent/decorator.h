/* What the program sees: `profile`. */
#pragma once

void decorator_open(void);               /* builtins.profile */
void decorator_import(const char *name); /* memory_profiler is about to be imported */
