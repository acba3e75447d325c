/* Whose right it is to have a source shown. A recording names files, and so may name what its
 * program could not read, for a reader who can: only what could be read by the program's user, and
 * by whom the recording belongs to, is shown. */
#pragma once

#include <stdbool.h>
#include <sys/stat.h>

#include "share/profile/profile.h"

struct source_right {
	uid_t users[4]; /* all of them must have been able to read it */
	size_t n;
	bool more; /* than there is room for: what everybody may read */
};

/* By META's uids, and the owner of the recording. */
void source_right_of(struct source_right *right, const struct profile *profile);

/* A descriptor to read the file from; or -errno: no file, a made-up one as in /proc, a link, or not
 * theirs to read. */
int source_right_open(const struct source_right *right, const char *path, struct stat *status);
