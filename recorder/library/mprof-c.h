/* libmprof-c: the memory of this very process over time, from a thread of its own, and marks in the
 * recording of whoever records it. Manual: man 3 libmprof-c.
 *
 * Memory is in bytes, time in seconds. A function that returns an int returns 0, or -1 and sets
 * errno. All may be called from any thread. Nothing is written to standard output or error. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MPROF_API __attribute__((visibility("default")))

/* ---- a recording of this process ---- */

struct mprof_recorder;

struct mprof_sample {
	double seconds; /* since the start */
	uint64_t bytes;
};

enum mprof_bound {
	MPROF_THIN, /* half of the samples go; minima and maxima stay */
	MPROF_RING, /* the oldest go */
};

enum mprof_high_water {
	/* mprof_start resets the process' high-water mark, from which the peak is then exact. It
	 * does not when mprof-c run records this process, whose exact figures would suffer. */
	MPROF_RESET_IF_ALONE,
	MPROF_RESET,
	/* VmHWM and ru_maxrss stay what they are. The peak is exact only when it is above every
	 * earlier one. */
	MPROF_KEEP,
};

/* All zero is a good choice, as is NULL in its place. */
struct mprof_options {
	double interval;    /* seconds from 0.0001 to 86400; 0: 0.1 */
	const char *metric; /* "rss", "pss", "swap", … as mprof-c run -b has them; NULL: rss */
	const char *path;   /* a .dat that every sample is written to at once; NULL: none */
	size_t most;        /* samples kept, at least 8; 0: as many as there are */
	enum mprof_bound bound;
	enum mprof_high_water high_water;
	int tree; /* 1: the sum over this process and its descendants */
	int reserved[7];
};

struct mprof_summary {
	double start;      /* seconds since the epoch */
	double seconds;    /* from the start to the last sample */
	uint64_t baseline; /* the first sample */
	uint64_t peak;     /* the most that was held since the start */
	int peak_is_exact; /* from the kernel's high-water mark; 0: the highest sample, a lower
			      bound */
	int running;       /* 0: stopped, or in the child of a fork */
	uint64_t samples;  /* taken; a bounded buffer keeps fewer */
	uint64_t missed;   /* ticks that were slept through */
	double cpu;        /* seconds of CPU time that the thread has used */
	uint64_t reserved[4];
};

/* Starts a thread that samples until mprof_stop; returns after the first sample. NULL and errno:
 * EINVAL (an option), ENOSYS (this system does not tell that metric), EXDEV (/proc is that of
 * another PID namespace), ENOMEM, EAGAIN (no thread), or what opening the path gave. A file that
 * exists is replaced. */
MPROF_API struct mprof_recorder *mprof_start(const struct mprof_options *options);

/* Takes a last sample and ends the thread; what was recorded stays. Once stopped, it does nothing.
 * ESRCH: this process is the child of a fork and has no such thread. EIO, ENOSPC, …: the path could
 * not be written to its end. ENOMEM: no address space for more samples, the latest are missing. */
MPROF_API int mprof_stop(struct mprof_recorder *recorder);

/* How many samples there are, and where. They stay where they are until mprof_free, except those of
 * a bounded recorder that still runs, which are a copy and last until the next call. */
MPROF_API size_t mprof_samples(const struct mprof_recorder *recorder,
			       const struct mprof_sample **samples);

MPROF_API int mprof_summary(const struct mprof_recorder *recorder, struct mprof_summary *summary);

/* Writes a .dat of what was recorded so far, marks and calls included; replaces a
 * recording. EEXIST: something else stands there. ESRCH: as in mprof_stop. */
MPROF_API int mprof_save(const struct mprof_recorder *recorder, const char *path);

/* Stops and forgets it; NULL does nothing. */
MPROF_API void mprof_free(struct mprof_recorder *recorder);

/* ---- figures of this process ---- */

MPROF_API uint64_t mprof_rss(void);  /* resident set size, now */
MPROF_API uint64_t mprof_peak(void); /* high-water mark: getrusage's ru_maxrss */

/* Sets VmHWM, and with it ru_maxrss, to what is held now. EACCES, ENOENT: not on this system. */
MPROF_API int mprof_reset_peak(void);

/* Any process, and with `tree` the sum over it and its descendants: one figure by that metric, NULL
 * being rss. ESRCH: there is none; EACCES: of another user; EINVAL: no such metric; EXDEV: as
 * mprof_start. */
MPROF_API int mprof_measure(int pid, const char *metric, int tree, uint64_t *bytes);

/* ---- marks and calls ----
 *
 * They go to the recording that mprof-c run makes of this process (MPROF_FILE in the environment),
 * else to every recorder that runs in here, else nowhere, which takes a few nanoseconds and is no
 * failure. */

MPROF_API int mprof_mark(const char *label); /* blanks are welcome */

/* A call of this thread, and its end. Calls may be nested; blanks in a name become '_'. EINVAL: no
 * name, or no call is open. */
MPROF_API int mprof_enter(const char *name);
MPROF_API int mprof_leave(void);

#ifdef __cplusplus
}
#endif
