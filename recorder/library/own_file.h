/* A file that is written inside a program which does not know of us, and may close its descriptor.
 */
#pragma once

#include "recorder/kernel/descriptor.h"
#include "share/profile/profile.h"

struct own_file {
	struct profile_writer writer; /* fd -1: there is none, or no more */
	struct descriptor descriptor;
};

/* As profile_create, which replaces the file, profile_flush and profile_finish; the latter two give
 * -EBADF once the descriptor is not ours any more, and leave it alone. */
int own_file_create(struct own_file *file, const char *path);
int own_file_flush(struct own_file *file);
int own_file_finish(struct own_file *file);
