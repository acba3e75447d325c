/* Hides the library from a Python's os.environ, and gives its children what it was started with. */
#pragma once

/* Before a Python begins: while its posix module copies the environment, ours does not stand there.
 */
void environment_begin(void);
