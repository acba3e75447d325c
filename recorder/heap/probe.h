/* The heap probe for the command that starts the program. */
#pragma once

struct probes;

/* Can a heap that is wanted be sampled in `file` (as execvp finds it, or the interpreter that it
 * names)? Where it cannot, says so and wants it no longer. */
void heap_check(const struct probes *probes, const char *file);
