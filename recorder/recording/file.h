/* The file of a recording: where it lies, and what befalls it while it is written. The run goes on
 * whatever that is, and whoever watches is told when it happens. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct recording;

/* What is known of the file under way. */
struct file {
	dev_t device;
	ino_t inode;
	bool named;     /* a regular file, whose path should lead to it */
	bool lost;      /* it does so no more, which has been told */
	bool told;      /* so has that it cannot be written */
	int troubles;   /* how often that was told */
	int64_t looked; /* monotonic ns, at its path */
};

/* Opens it by its name (in which %p is `pid`), or by one of our own. -1 to go on, else the exit
 * status after a sentence. */
int file_open(struct recording *recording, pid_t pid, char *const words[]);

/* Forgets it again, when nothing came to run. */
void file_abandon(struct recording *recording);

/* After a write: says what has befallen it, once. Its path is looked at now and then. */
void file_watch(struct recording *recording, int64_t now);

/* Closes it. False, after a sentence now or then, when it does not hold all that was put. */
bool file_finish(struct recording *recording);
