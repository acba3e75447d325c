/* Writing a .dat. */
#pragma once

#include "share/profile/record.h"

/* Records gather in the buffer and reach the file in one write(2) per profile_flush, so a kill at
 * any moment leaves whole lines. The first error is kept, returned by every later call, and nothing
 * more is written: the target runs on. */
struct profile_writer {
	int fd; /* O_APPEND; the writer closes it */
	int error;
	size_t used, allocated;
	char *buffer;
	uint64_t bytes; /* written so far */
	bool created;   /* the file was not there before */
};

/* Opens `path`: a new file, or with `replace` also one that exists, whose content stays until
 * profile_clear. 0 or -errno; -EEXIST: it is there, and not to be replaced, or no recording. */
int profile_create(struct profile_writer *writer, const char *path, bool replace);
int profile_clear(
	struct profile_writer *writer); /* 0 or -errno; a device or a pipe has nothing to clear */
int profile_flush(struct profile_writer *writer);
int profile_finish(struct profile_writer *writer); /* flush, close, free; the first error of all */

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
