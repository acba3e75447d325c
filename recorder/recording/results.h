/* What has come of a recording so far. Each has one writer; who else wants it reads it, and what a
 * probe writes in one phase is whole in the next (probe.h). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "share/known.h"

/* What MEM says: the loop's, at each tick, and in the end recording_go's where there was no tick.
 */
struct memory_result {
	uint64_t bytes;    /* of the last MEM */
	uint64_t peak;     /* bytes */
	int64_t peak_us;   /* of the epoch: when that was sampled first */
	uint64_t together; /* bytes: the program and all its descendants at most, where they are
			      measured */
	uint64_t samples;
};

/* What the kernel's high-water marks say: the peaks probe's, in `sample` and `conclude`. */
struct peaks_result {
	uint64_t most;       /* bytes: of MEM, at most since the sample before, as far as known */
	uint64_t high_water; /* bytes: the target's own mark */
	bool exact;          /* nothing of the target's own life has escaped that */
	uint64_t huge;  /* bytes: of huge pages, which no RSS counts, the target's as far as seen */
	uint64_t bound; /* bytes: where MEM is a sum, that of all marks at most; 0: unknown */
	uint64_t
		possible; /* bytes: the same, but for all that was seen of it; 0: no sign of more */
	uint64_t addresses; /* bytes: the target's own VmPeak, when last read; 0: not known */
	uint64_t ru_maxrss; /* bytes: as wait4 would have told it but for the resets; 0: not told */
	/* Of the descendants that have ended, of the RSS: */
	bool late;        /* a mark was told after its interval, or never: `bound` is none */
	uint64_t largest; /* bytes: what one of them held, as far as known */
	uint64_t sum;     /* bytes: of the marks that were told */
	uint64_t untold;  /* so many have none */
	uint64_t least;   /* bytes: what was seen of one of those, at the least */
};

/* What it all comes to, of what MEM says: recording_go's, once all have concluded (verdict.h). */
struct peak_result {
	uint64_t bytes;       /* the highest that is known; 0: nothing is */
	struct known_how how; /* that is known */
	enum known known;
	int64_t us;      /* of the epoch: when it was sampled; 0: between samples */
	uint64_t bound;  /* bytes: it was certainly no more; 0: not known */
	uint64_t waited; /* bytes: it, or one that it waited for and is not counted, held so much; 0
			  */
	unsigned lacks;  /* enum known_lack: of all that was read, whatever `how` says */
	unsigned living; /* descendants that outlived the program */
};

/* The last that found no memory left on a GPU: the oom probe's, in `sample` and `end`. */
struct failed_result {
	pid_t pid;      /* 0: none did */
	int64_t us;     /* of the epoch */
	uint64_t frame; /* that wanted it */
	unsigned round; /* of the numbers of frames (told.h) */
};

/* What is held of the GPUs: the gpu probe's, in `check`, `sample` and
 * `end`. */
enum vram_told { VRAM_NONE, VRAM_TOLD, VRAM_OFF }; /* there is no GPU; it is not wanted */
enum { VRAM_CHANGES = 64, VRAM_DEVICES = 32 };
struct vram_change { /* what a process holds of a GPU has become more or less */
	unsigned device;
	pid_t pid;
	int64_t bytes;
	int64_t us; /* of the epoch: when that was read */
};
struct vram_device {
	bool told;      /* false: not, or no more */
	bool whole;     /* all that is held of it, by whomever */
	uint64_t bytes; /* as last told */
};
struct vram_result {
	enum vram_told told;
	bool outside;   /* nobody is to look into the program for it */
	uint64_t bytes; /* where it is most, as last told */
	double share;   /* of a GPU's memory, where that is most */
	/* Of this tick, or of the end; those of one process and device are one. */
	struct vram_change changes[VRAM_CHANGES];
	size_t n_changes;
	struct vram_device devices[VRAM_DEVICES]; /* by number */
};

/* The metrics beside MEM's, in the order in which they were asked for: the values probe's, in
 * `sample`. */
enum { VALUES_MOST = 16 };
struct values_result {
	struct value_result {
		const char *metric; /* its name; NULL: there is no such one */
		bool told;          /* false: it could not be read last */
		uint64_t bytes;     /* as last read */
	} items[VALUES_MOST];
};

/* What the agent has kept of the target: the agent's probe's, in `end`. */
struct agent_result {
	uint64_t high_water; /* bytes: the mark, before the agent reset it */
};

/* How many descendants came and went without anybody seeing them, of a tree: the unseen probe's, in
 * `end`. What is not known is not none. */
struct unseen_result {
	bool known;    /* false: whoever may count was not heard, or there was no look at the end */
	uint64_t most; /* at most so many */
	uint64_t crowd; /* of the seen and the unseen, so many at most lived at once; 0: unknown */
};

/* What --at has done to the target: the act probe's, in `act` and `look`. */
struct deed_result {
	int sent; /* SIGTERM or SIGKILL, that it was sent last; 0: neither */
};

/* Of the kernel's page-fault events: what is wanted is the growth probe's, in `check`; the rest is
 * the recording's, once the target has been started. */
struct faults_result {
	bool wanted;
	int refused;     /* 0: they are told; else -errno, why they are not */
	bool kernel_too; /* those taken in system calls are told as well */
	uint64_t lost;   /* events for which there was no room; what they stood for is not known */
	int64_t not_before; /* monotonic ns: until then no event wakes us; 0: each does. The growth
			       probe's, and heeded only as long as the rings have room */
};

/* Of growth, and where: the growth probe's, at each look. */
struct growth_result {
	uint64_t steps; /* that were put */
	bool python;    /* one was found that can be looked into */
};

/* What malloc says of itself in one process, and CPython of its arenas, from inside. */
struct heap_figures {
	pid_t pid;          /* as we see it */
	int64_t asked;      /* monotonic ns: they are of then; 0: not yet told */
	unsigned allocator; /* 0: glibc's malloc, 1: jemalloc, 2: tcmalloc, 3: mimalloc, 9: another
			     */
	uint64_t malloc_used, malloc_kept; /* bytes: in use, and free but kept */
	uint64_t malloc_range;             /* bytes: of the arenas, glibc's only */
	uint64_t python_used,
		python_kept; /* bytes: the same of the arenas; both 0: none are known */
	/* By how much what is in use has changed since, as the samples have it (not told of another
	 * malloc), and how much there is of CPython's arenas; bytes. */
	int64_t malloc_moved, python_moved, python_mapped;
	unsigned malloc_whole; /* thousandths of what malloc freed since that are whole pages */
};

/* Of --heap: the heap probe's, in `check`, `sample` and `end`. */
struct heap_result {
	uint64_t mean;                  /* bytes between samples; 0: no heap is sampled */
	const struct heap_figures *all; /* valid until its next `sample`; mostly as of the last one
					 */
	size_t n;
	unsigned seen; /* processes that it was sampled in, ever */
	/* Whoever wants the figures raises this: they are asked for anew at the next `sample`, and
	 * told at one of those after it. */
	unsigned wanted;
};

/* What the target may have: memory_kill's, in `look` and `sample`. */
struct limit_result {
	uint64_t bytes;   /* 0: no less than the machine has, or not known */
	const char *kind; /* "cgroup", "cgroup.high"; NULL: nobody has looked yet */
	uint64_t used;    /* of that, by all who share it, as last read; 0: it was not read */
	bool kills; /* whoever needs more is killed, or another of the group, and not slowed */
	const struct cgroup *group; /* the target is in; NULL: not known; until the next `sample` */
	unsigned moves;             /* from one group into another */
};

/* What that group holds, as far as it cannot be taken back: the near_limit probe's, in `act`. */
struct group_result {
	uint64_t most; /* bytes: the highest that was seen; 0: it was not looked at */
	int64_t us;    /* of the epoch: when */
};

/* The last signal for the target that could end it, and who sent it: the proxy's. */
struct signal_result {
	int number;    /* 0: none came */
	pid_t pid;     /* of the sender; 0: the kernel, or none that is known here */
	bool terminal; /* it came to all of the terminal's foreground */
	char name[32]; /* of the sender; "": not known */
};

/* Who killed the target: memory_kill's, in `conclude`. */
struct kill_result {
	bool told;         /* that is known, and said */
	const char *words; /* "killed: out of memory"; NULL: not known */
	const char *other; /* the same of a process that it started; NULL: of none */
};
