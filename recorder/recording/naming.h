/* The name of the recording. */
#pragma once

#include <stddef.h>
#include <sys/types.h>
#include <time.h>

struct launcher;
struct profile_writer;

/* Expands %p (pid), %h (host), %r (rank), %j (job), %t (YYYYMMDDhhmmss) and %%. The caller frees
 * *name. 0; -EINVAL: another letter behind a %, which *bad then is; -ENOENT: the launcher tells no
 * rank or job, *bad being r or j; -ENOMEM. */
struct naming {
	const struct launcher *launcher;
	pid_t pid;
	time_t now;
};
int naming_expand(const char *template, const struct naming *naming, char **name, char *bad);

/* Creates a recording of a name of our own (share/default_name.h) here, as profile_create does with
 * `how`: alone for the first free second, under a launcher, whose ranks never share a file, with
 * the first free number; and of more than 256 ranks in <job>/<node>/. 0 or -errno; the caller frees
 * *name. */
int naming_create(struct profile_writer *writer, const struct naming *naming, int how, char **name);
