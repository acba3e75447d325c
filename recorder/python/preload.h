/* Brings a library of ours into the target and all that it starts: LD_PRELOAD and a variable of its
 * own stand in our environment while the target is started, which inherits it. */
#pragma once

#include <limits.h>
#include <stdbool.h>

struct preload {
	const char *library, *variable; /* the caller's; NULL: nothing is announced */
	bool announced;                 /* to the target, by our environment … */
	bool taken_back;                /* … which is as it was */
};

/* A library of ours, wherever it is: 0, -ENOENT or the like, or -EINVAL: its path cannot stand in
 * LD_PRELOAD, which takes blanks and colons for separators. */
int preload_find(const char *name, char path[PATH_MAX]);

/* Why it cannot be brought into `file`, which would not even start: the end of a sentence; NULL:
 * nothing stands against it that can be seen. Takes the time of starting a program. */
const char *preload_obstacle(const char *file, const char *library);

/* Puts it before all that is there; both texts live as long. 0 or -ENOMEM. */
int preload_bring(struct preload *preload, const char *library, const char *variable,
		  const char *setting);

/* The target has its environment: ours is as before. Whoever was brought meanwhile stays. */
void preload_take_back(struct preload *preload);
void preload_free(struct preload *preload); /* the same, whatever was called before */
