/* Which files a path stands for. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct files {
	char **paths; /* as given, or below a folder that was; sorted in each folder; owned */
	size_t n;
	bool named;     /* what was added is a file itself, no folder */
	char *unlisted; /* the first folder inside that may not be listed; owned; NULL: none */
	int why;        /* -errno of that */
};

/* Adds `path`, or where that is a folder, the regular files in it and below that are named as
 * recordings are, .dat or .dat.gz. Hidden ones, and folders more than 8 deep, are passed over. 0,
 * or -errno: the folder cannot be listed. */
int files_add(struct files *files, const char *path);
void files_free(struct files *files);
