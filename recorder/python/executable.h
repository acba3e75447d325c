/* What is executed, before it is: files on disk, read to see what they are. */
#pragma once

#include <limits.h>
#include <stdbool.h>

/* Why LD_PRELOAD cannot bring a library into `file`, as execvp finds it, or into the interpreter
 * that its first line names: an end of a sentence; NULL: nothing stands against it that can be
 * seen. */
const char *executable_obstacle(const char *file);

/* The loader that the same asks for. False: it asks for none, or that cannot be told. */
bool executable_loader(const char *file, char loader[PATH_MAX]);

/* Is that PyPy, which no agent of ours can look into? */
bool executable_is_pypy(const char *file);

/* May `file`, as execvp finds it, run a Python: is it one, a script, or what starts others? */
bool executable_may_run_python(const char *file);

/* Does the script mark functions with @profile, and have it from nowhere? As mprof's scripts do. */
bool executable_asks_for_profile(const char *script);

/* Does a line of the script import memory_profiler? */
bool executable_imports_memory_profiler(const char *script);
