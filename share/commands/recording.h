/* What the commands have in common to say of a recording. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct profile;
struct profile_near;

/* Warns of what was wrong with the file, a line for each kind of flaw. */
void recording_warn(const struct profile *profile);

/* Warns of files among many that hold no recording: so many, the first, and why (-errno, or 0). */
void recording_warn_unread(size_t n, const char *first, int why);

/* Names the first of the files that lack their end; of none it says nothing. */
void recording_warn_cut(size_t n, const char *first);

/* Of one without a sample: that it holds none, and how to be rid of it; returns the exit status. */
int recording_say_empty(const struct profile *profile);

/* Why it cannot be read, of -errno of opening and reading. */
const char *recording_reason(int error);

/* A regular file: what can be opened without waiting, and read a second time. */
bool recording_is_file(const char *path);

/* The member near_limit of an object of JSON, with the comma before it; NULL: it is null. */
void recording_put_near(const struct profile_near *near);

/* Does the file begin as a recording does? 1, 0, or -errno (-ENOTSUP: it is compressed, and this
 * program cannot tell). One of no length counts as such when it is named .dat: memory_profiler
 * leaves them. What is no file is none. */
int recording_is_one(const char *path);
