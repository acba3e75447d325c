/* A recording that is read while it is written. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "plotter/live/recent.h"
#include "share/profile/profile.h"

struct follow {
	const char *path; /* the caller's */
	int fd;           /* to see what becomes of the file; -1: there is none */
	dev_t device;
	ino_t inode;
	off_t seen; /* bytes of it that have been read */
	char head[256];
	size_t n_head; /* so it began */
	struct profile_input input;
	struct profile_loader *loader;
	struct recent recent;
	const struct profile *profile; /* good until the next follow_read; NULL: not yet read */
};

#define FOLLOW_NOTHING               \
	{                            \
		.path = "", .fd = -1 \
	}

/* Opens it; nothing is read. What is no regular file is -EINVAL. 0 or -errno; follow_close in any
 * case. */
int follow_open(struct follow *follow, const char *path);

/* Takes what has come since, and looks at all of it anew. 0 or -errno. */
int follow_read(struct follow *follow);

enum follow_change {
	FOLLOW_SAME,
	FOLLOW_MORE,
	FOLLOW_CUT,   /* it is shorter than what was read, or begins in another way */
	FOLLOW_OTHER, /* another file has its name */
	FOLLOW_LOST,  /* nothing has its name any more; what was opened can still be read */
};

enum follow_change follow_look(struct follow *follow);

/* Starts again, with what has the name now. As follow_open. */
int follow_again(struct follow *follow);
void follow_close(struct follow *follow);
