/* The recording that this process is part of, which mprof-c run names in the environment of the
 * program that it runs: others than the recorder may append whole records to it while it goes on.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "share/profile/profile.h"

#define RUNNING_FILE "MPROF_FILE" /* its absolute path */

struct running {
	struct profile_writer writer; /* fd -1: there is none */
	dev_t device;
	ino_t inode;
	int64_t base; /* ns: META base, of the recorder's clock; 0: not told yet */
	unsigned tries;
};

/* The recorder holds a flock(2) as long as it records; it goes with the recorder, however that
 * ends. */
void running_hold(int fd);

/* 0; -ENOENT: there is none, or it has ended; another -errno of opening it. */
int running_open(struct running *running);

/* Does it still go on? False also when the descriptor is another file's by now: a program may close
 * those that are not its own, upon which the number is used again. Then leave it alone. */
bool running_goes_on(const struct running *running);

/* This moment as the recorder tells it, in µs of the epoch, whatever our own clock says: it may
 * have been set since, or be of another time namespace. */
int64_t running_now(struct running *running);

/* One write of what was put. 0 or -errno, upon which that is forgotten and the next is tried anew.
 */
int running_flush(struct running *running);
void running_close(struct running *running); /* in the end, of one that was opened */
