/* The name of the recording. */
#pragma once

#include <stddef.h>
#include <sys/types.h>
#include <time.h>

struct profile_writer;

/* Expands %p (pid), %h (host), %r (rank), %j (job), %t (YYYYMMDDhhmmss) and %%. The caller frees
 * *name. 0; -EINVAL: another letter behind a %, which *bad then is; -ENOENT: no rank or job in the
 * environment, *bad being r or j; -ENOMEM. */
int naming_expand(const char *template, pid_t pid, time_t now, char **name, char *bad);

/* Creates mprofile_<YYYYMMDDhhmmss>.dat here, for the first free second from `now` on, as
 * profile_create does with `how`. 0 or -errno; the caller frees *name. */
int naming_create(struct profile_writer *writer, time_t now, int how, char **name);
