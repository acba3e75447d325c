#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "share/profile/foot.h"
#include "share/profile/quiet_write.h"
#include "share/profile/reserve.h"
#include "share/profile/writer.h"
#include "share/replace.h"

enum {
	MOST_KEPT = 1 << 20, /* bytes that wait for a reader, or for room on the disk */
	GAP_SIZE = 64,       /* "META dropped=N unwritten=reader\n" */
	PATIENCE = 100,      /* ms that a reader may hold us up, once until it has caught up */
	LAST_PATIENCE = 1000,
	RETRY = 100, /* ms: a full disk may take its time to say so */
};

/* ---- the buffer ---- */

char *writer_reserve(struct profile_writer *w, size_t n)
{
	if (w->used + n > w->allocated) {
		size_t wanted = w->allocated ? w->allocated : 4096;
		while (wanted < w->used + n)
			wanted *= 2;
		char *buffer = realloc(w->buffer, wanted);
		if (!buffer)
			return NULL;
		w->buffer = buffer;
		w->allocated = wanted;
	}
	return w->buffer + w->used;
}

static void count_dropped(struct profile_writer *w, uint64_t records, int error)
{
	if (records == 0)
		return;
	w->dropped += records;
	w->untold += records;
	w->error = w->error ? w->error : error;
}

int writer_give_up(struct profile_writer *w, size_t start)
{
	w->used = start;
	count_dropped(w, 1, -ENOMEM);
	return -ENOMEM;
}

/* Bytes of the buffer's start that end in a whole line. */
static size_t whole_lines(const struct profile_writer *w, size_t n)
{
	while (n > 0 && w->buffer[n - 1] != '\n')
		n--;
	return n;
}

/* Leaves the first `n` bytes, which end in a whole line. */
static void drop_behind(struct profile_writer *w, size_t n, int error)
{
	uint64_t records = 0;
	for (size_t i = n; i < w->used; i++)
		records += w->buffer[i] == '\n';
	w->used = n;
	w->end = w->end > n ? n : w->end;
	count_dropped(w, records, error);
}

/* A line whose beginning has been written is none to drop: its end comes first, however long. */
static void drop_what_is_too_much(struct profile_writer *w, int error)
{
	size_t n = whole_lines(w, MOST_KEPT);
	if (n == 0 && w->cut)
		n = (size_t)((char *)memchr(w->buffer, '\n', w->used) - w->buffer) + 1;
	drop_behind(w, n, error);
}

static size_t write_gap(char gap[GAP_SIZE], const struct profile_writer *w)
{
	static const struct {
		int error;
		const char *word;
	} words[] = { { ENOSPC, "full" },   { EDQUOT, "quota" },  { EFBIG, "size" },
		      { EAGAIN, "reader" }, { ENOMEM, "memory" }, { 0, "error" } };
	size_t i = 0;
	while (words[i].error && words[i].error != -w->error)
		i++;
	return (size_t)snprintf(gap, GAP_SIZE, "META dropped=%llu unwritten=%s\n",
				(unsigned long long)w->dropped, words[i].word);
}

/* Where records are missing, the file says so, before what comes behind them. */
static void tell_gap(struct profile_writer *w)
{
	char gap[GAP_SIZE];
	size_t n = write_gap(gap, w);
	if (!writer_reserve(w, n))
		return;
	memmove(w->buffer + w->kept + n, w->buffer + w->kept, w->used - w->kept);
	memcpy(w->buffer + w->kept, gap, n);
	w->used += n;
	w->end += w->end >= w->kept ? n : 0;
	w->untold = 0;
}

/* ---- the file ---- */

/* Not blocking: a pipe whose reader sleeps would hold us, and with us the signals that are meant
 * for the program. The descriptor is our own, so that nobody else's is changed. */
int profile_create(struct profile_writer *w, const char *path, int how)
{
	const int flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
	const mode_t mode = how & PROFILE_PUBLIC ? 0644 : 0600;
	*w = (struct profile_writer){ .patience = PATIENCE };
	w->fd = open(path, flags | O_EXCL, mode);
	w->created = w->fd >= 0;
	if (w->fd < 0 && errno == EEXIST && how & PROFILE_REPLACE)
		w->fd = open(path, flags & ~O_CREAT, mode);
	if (w->fd < 0)
		return w->error = -errno;
	if (!w->created)
		w->error = replace_allows(path, REPLACE_RECORDING, w->fd);
	if (w->error) {
		close(w->fd);
		w->fd = -1;
	}
	return w->error;
}

int profile_clear(struct profile_writer *w)
{
	struct stat status;
	if (w->fd < 0)
		return w->error;
	if (!w->created && fstat(w->fd, &status) == 0 && S_ISREG(status.st_mode) &&
	    ftruncate(w->fd, 0) < 0)
		w->error = -errno;
	return w->error;
}

/* The disk is full in the middle of a line: what is left of it would only look like damage. False:
 * it is a device or a pipe, or another has written behind it. */
static bool take_back(const struct profile_writer *w, size_t n)
{
	struct stat status;
	off_t end = lseek(w->fd, 0, SEEK_CUR);
	return end >= (off_t)n && fstat(w->fd, &status) == 0 && status.st_size == end &&
	       ftruncate(w->fd, end - (off_t)n) == 0;
}

static int64_t now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Waits until a pipe takes more; false: not any longer. */
static bool wait_for_reader(struct profile_writer *w)
{
	struct pollfd reader = { .fd = w->fd, .events = POLLOUT };
	int64_t before = now_ms();
	int ready = w->patience != 0 ? poll(&reader, 1, w->patience) : 0;
	if (w->patience > 0) {
		int64_t waited = now_ms() - before;
		w->patience = waited < w->patience ? w->patience - (int)waited : 0;
	}
	return ready > 0 || (ready < 0 && errno == EINTR && w->patience != 0);
}

/* Writes on from *done. 0, or the -errno that it ended with. */
static int write_on(struct profile_writer *w, size_t *done, size_t most_kept)
{
	while (*done < w->used) {
		ssize_t n =
			(w->guest ? quiet_write : write)(w->fd, w->buffer + *done, w->used - *done);
		if (n > 0)
			*done += (size_t)n;
		else if (n == 0)
			return -EIO;
		else if (errno == EAGAIN && (w->used - *done <= most_kept || !wait_for_reader(w)))
			return -EAGAIN;
		else if (errno != EAGAIN && errno != EINTR)
			return -errno;
	}
	return 0;
}

/* What has not been written stays, as far as there is room, for the next time. */
static void keep(struct profile_writer *w, size_t done)
{
	size_t whole = whole_lines(w, done);
	if (w->ends && whole > w->end)
		whole = w->end; /* nothing of the end, so that none of it is in its own way */
	if (done > whole && take_back(w, done - whole))
		done = whole;
	if (done > 0)
		w->cut = w->buffer[done - 1] != '\n';
	w->bytes += done;
	memmove(w->buffer, w->buffer + done, w->used - done);
	w->used -= done;
	w->kept = w->kept > done ? w->kept - done : 0;
	w->end = w->end > done ? w->end - done : 0;
}

static int flush(struct profile_writer *w, size_t most_kept)
{
	size_t done = 0;
	int e = write_on(w, &done, most_kept);
	if (e == 0) {
		w->bytes += done;
		w->used = w->kept = w->end = 0;
		w->cut = false;
		w->patience = w->patience < 0 ? -1 : PATIENCE;
	} else {
		keep(w, done);
		w->retry = now_ms() + (e == -EAGAIN ? 0 : RETRY);
	}
	w->trouble = e;
	return e;
}

int profile_flush(struct profile_writer *w)
{
	int e = w->trouble;
	if (w->used == 0)
		return 0;
	if (w->untold > 0 && w->kept > MOST_KEPT / 2)
		drop_behind(w, w->kept, e);
	else if (w->untold > 0)
		tell_gap(w);
	if (!e || now_ms() >= w->retry)
		e = flush(w, MOST_KEPT);
	if (w->used > MOST_KEPT)
		drop_what_is_too_much(w, e);
	w->kept = w->used;
	return e == -EAGAIN ? 0 : e;
}

static uint64_t count_lines(const char *text, size_t n)
{
	uint64_t lines = 0;
	for (size_t i = 0; i < n; i++)
		lines += text[i] == '\n';
	return lines;
}

/* The file takes no more: how it all ended is worth more than its last samples. */
static bool put_end_in_their_place(struct profile_writer *w)
{
	struct foot foot;
	char text[GAP_SIZE];
	size_t n = w->used - w->end;
	if (!w->ends || n == 0 || w->trouble == -EAGAIN || !writer_reserve(w, GAP_SIZE) ||
	    foot_open(&foot, w->fd, n + GAP_SIZE) < 0)
		return false;
	count_dropped(w, count_lines(w->buffer, w->end) + foot.lines, w->trouble);
	size_t gap = write_gap(text, w);
	memmove(w->buffer + gap, w->buffer + w->end, n);
	memcpy(w->buffer, text, gap);
	w->used = 0;
	return foot_write(&foot, w->buffer, gap + n) == 0;
}

/* Not even in place of the last samples: as much of it as there is room for. */
static void write_what_fits(struct profile_writer *w)
{
	if (w->ends && w->trouble != -EAGAIN) {
		w->ends = false;
		flush(w, 0);
	}
	drop_behind(w, 0, w->trouble);
}

int profile_finish(struct profile_writer *w)
{
	if (w->untold > 0)
		tell_gap(w);
	w->patience = w->patience < 0 ? -1 : LAST_PATIENCE;
	if (w->used > 0 && flush(w, 0) < 0 && !put_end_in_their_place(w))
		write_what_fits(w);
	if (w->fd >= 0 && close(w->fd) < 0 && errno != EINTR && w->error == 0)
		w->error = -errno;
	free(w->buffer);
	*w = (struct profile_writer){ .fd = -1, .error = w->error, .dropped = w->dropped };
	return w->error;
}
