/* Writing a .dat. */
#pragma once

#include "share/profile/record.h"

/* Records gather in the buffer and reach the file in one write(2) per profile_flush, so a kill at
 * any moment leaves whole lines. A file that cannot be written, or a pipe whose reader sleeps,
 * holds nobody up: what it does not take is kept, as far as there is room, and tried again; beyond
 * that, whole records are dropped and counted, and once there is room again the file tells of the
 * gap (META dropped=N, and why). */
struct profile_writer {
	int fd;    /* O_APPEND, O_NONBLOCK; the writer closes it */
	int error; /* that the first record was dropped for, or that the file could not be opened */
	int trouble; /* of the last flush; -EAGAIN: a reader that is behind. 0: it is all written */
	size_t used, allocated;
	size_t kept; /* of `used`: what a flush has left */
	size_t end;  /* of `used`: from there on stands the end, if `ends` */
	char *buffer;
	uint64_t bytes;   /* written so far */
	uint64_t dropped; /* records, in all */
	uint64_t untold;  /* of them, those of which the file does not tell yet */
	int64_t retry;    /* monotonic ms, before which a file that failed is not tried again */
	int patience;     /* ms that a reader who is behind may hold us up; below 0: for ever */
	bool cut;         /* the file ends in the middle of the line that the buffer goes on with */
	bool ends;        /* profile_end_here was called */
	bool created;     /* the file was not there before */
	bool guest;       /* in a program that is not ours: no signal may come of a write */
};

enum { PROFILE_REPLACE = 1, PROFILE_PUBLIC = 2 };

/* Opens `path`: a new file for its owner alone, or with PROFILE_PUBLIC for all to read (less what
 * the umask takes); with PROFILE_REPLACE also one that exists, whose content stays until
 * profile_clear, as does its mode. 0 or -errno; -ENXIO: a pipe that nobody reads;
 * -EEXIST: it is there, and not to be replaced, or no recording. */
int profile_create(struct profile_writer *writer, const char *path, int how);
int profile_clear(
	struct profile_writer *writer); /* 0 or -errno; a device or a pipe has nothing to clear */
/* 0, or the -errno that keeps the file from being written; a reader who is behind is none. */
int profile_flush(struct profile_writer *writer);
/* What is put from here on must be in the file: if it takes no more, in place of its last lines. */
static inline void profile_end_here(struct profile_writer *writer)
{
	writer->ends = true;
	writer->end = writer->used;
}

/* Flush (waiting a second for a reader), close, free. 0, or -errno when a record is missing;
 * -EAGAIN: its reader slept. `dropped` and `error` stay. */
int profile_finish(struct profile_writer *writer);

/* The mirror of profile_read: one line. Blanks in words become '_', as memory_profiler's readers
 * need them; other texts are written as one printable line. */
int profile_put(struct profile_writer *writer, const struct profile_record *record);

int profile_put_cmdline(struct profile_writer *writer, char *const argv[]);
struct profile_pair {
	const char *key, *value;
};
int profile_put_meta(struct profile_writer *writer, const struct profile_pair *pairs, size_t n);
/* Whole lines, as they are. */
int profile_put_lines(struct profile_writer *writer, const char *text, size_t n);

/* The same, for what is written at every tick. Of a record only what its kind has is read, so that
 * the rest need not be cleared. */
int profile_put_memory(struct profile_writer *writer, int64_t us, uint64_t bytes);

static inline int profile_put_child(struct profile_writer *writer, pid_t pid, int64_t us,
				    uint64_t bytes)
{
	struct profile_record record;
	record.kind = PROFILE_CHLD;
	record.pid = pid;
	record.at = (struct sample){ us, sample_umib(bytes) };
	return profile_put(writer, &record);
}

/* `metric` and `device` are words without a blank. */
static inline int profile_put_value(struct profile_writer *writer, const char *metric, int64_t us,
				    uint64_t bytes)
{
	struct profile_record record;
	record.kind = PROFILE_VAL;
	record.text = metric;
	record.at = (struct sample){ us, sample_umib(bytes) };
	return profile_put(writer, &record);
}

static inline int profile_put_gpu(struct profile_writer *writer, const char *device, int64_t us,
				  uint64_t bytes, bool whole_device)
{
	struct profile_record record;
	record.kind = PROFILE_GPU;
	record.text = device;
	record.at = (struct sample){ us, sample_umib(bytes) };
	record.whole_device = whole_device;
	return profile_put(writer, &record);
}
