/* The programs and libraries that are mapped in a process, by their images: what each was made from
 * may have been deleted, replaced, or lie in another root meanwhile. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct mapped {
	uint64_t low, high;     /* of the mapping of its first byte */
	uint64_t device, inode; /* as stat has them */
	bool is_program;
	char *path; /* as we, or else the process, would see it, and perhaps " (deleted)" behind */
};

struct mappings {
	struct mapped *all; /* the program first, then what is called python, then the others */
	size_t n;
	pid_t thread; /* a living one of the process: a leader that has ended has no mappings */
	int version;  /* 0x030b, which Python's modules are among them; 0: none's */
};

/* 0, -EPERM, -ESRCH or -ENOMEM. */
int mappings_read(struct mappings *mappings, pid_t pid);
void mappings_free(struct mappings *mappings);

/* The very file, or -1: nobody can open it any more, or may. */
int mapped_open(const struct mapped *mapped, pid_t thread);
