/* Hides the library from a Python's os.environ, and gives its children what it was started with. */
#pragma once

/* Before a Python begins: what its posix module has copied of the environment is then without us.
 */
void environment_begin(void);
