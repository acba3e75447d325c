/* /proc/PID/smaps, map by map as it comes: what each is of, and how much of it is resident. The
 * format: proc_pid_smaps(5). Any bytes may stand in a path. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the name of a map tells. */
enum smaps_name {
	SMAPS_NAMELESS,
	SMAPS_HEAP,   /* brk's, or named so by malloc */
	SMAPS_STACK,  /* the main thread's, or named so */
	SMAPS_KERNEL, /* [vdso] and the like */
	SMAPS_SHARED, /* memfd, System V, /dev/shm, shared anonymous memory */
	SMAPS_ARRAY,  /* a file of arrays, by its ending */
	SMAPS_FILE,
	SMAPS_OTHER, /* no file of a file system: devices, io_uring … */
};

struct smaps_map {
	uint64_t low, high;
	uint64_t device, inode;
	uint64_t resident;  /* bytes, as all figures; PSS where that is wanted */
	uint64_t anonymous; /* of it, what is no page of a file (any more) */
	uint64_t huge;      /* of that, in transparent huge pages */
	uint64_t hugetlb;   /* not of it */
	unsigned char name; /* enum smaps_name */
	bool reads, writes, runs, shared;
};

struct smaps_maps { /* sorted by address; owned by whoever has it */
	struct smaps_map *all;
	size_t n;
};

/* Texts come in pieces of any size; what is longer than any line of smaps is passed over. */
struct smaps_parser {
	struct smaps_maps *maps;
	bool pss;  /* that is wanted */
	bool full; /* there were more maps than may be */
	size_t n;  /* bytes of `line` */
	bool long_line;
	char line[4352]; /* PATH_MAX and what stands before it */
};

enum { SMAPS_MOST = 1 << 20 }; /* maps */

/* 0 or -ENOMEM. */
int smaps_feed(struct smaps_parser *parser, const char *text, size_t n);

/* The last line may have no end. 0 or -ENOMEM. */
int smaps_finish(struct smaps_parser *parser);

void smaps_free(struct smaps_maps *maps);
enum smaps_name smaps_name(const char *path);
