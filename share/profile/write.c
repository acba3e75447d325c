#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "share/profile/reserve.h"
#include "share/profile/writer.h"
#include "share/replace.h"

char *writer_reserve(struct profile_writer *w, size_t n)
{
	if (w->error)
		return NULL;
	if (w->used + n > w->allocated) {
		size_t wanted = w->allocated ? w->allocated : 4096;
		while (wanted < w->used + n)
			wanted *= 2;
		char *buffer = realloc(w->buffer, wanted);
		if (!buffer) {
			w->error = -ENOMEM;
			return NULL;
		}
		w->buffer = buffer;
		w->allocated = wanted;
	}
	return w->buffer + w->used;
}

int profile_create(struct profile_writer *w, const char *path, bool replace)
{
	const int flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY;
	*w = (struct profile_writer){ 0 };
	w->fd = open(path, flags | O_EXCL, 0666);
	w->created = w->fd >= 0;
	if (w->fd < 0 && errno == EEXIST && replace)
		w->fd = open(path, flags, 0666);
	if (w->fd < 0)
		return w->error = -errno;
	if (!w->created)
		w->error = replace_allows(path, REPLACE_RECORDING, w->fd);
	return w->error;
}

int profile_clear(struct profile_writer *w)
{
	struct stat status;
	if (!w->error && !w->created && fstat(w->fd, &status) == 0 && S_ISREG(status.st_mode) &&
	    ftruncate(w->fd, 0) < 0)
		w->error = -errno;
	return w->error;
}

/* The disk is full in the middle of a line: what is left of it would only look like damage. */
static void take_back(const struct profile_writer *w, size_t n)
{
	off_t end = lseek(w->fd, 0, SEEK_CUR);
	if (end >= (off_t)n && ftruncate(w->fd, end - (off_t)n) < 0)
		return; /* a device or a pipe; readers drop an unfinished last line */
}

/* Bytes of the buffer's start that end in a whole line. */
static size_t whole_lines(const struct profile_writer *w, size_t n)
{
	while (n > 0 && w->buffer[n - 1] != '\n')
		n--;
	return n;
}

int profile_flush(struct profile_writer *w)
{
	size_t done = 0;
	if (w->error || w->used == 0)
		return w->error;
	while (!w->error && done < w->used) {
		ssize_t n = write(w->fd, w->buffer + done, w->used - done);
		if (n >= 0)
			done += (size_t)n;
		else if (errno != EINTR)
			w->error = -errno;
	}
	if (w->error && done > whole_lines(w, done)) {
		take_back(w, done - whole_lines(w, done));
		done = whole_lines(w, done);
	}
	w->bytes += done;
	w->used = 0;
	return w->error;
}

int profile_finish(struct profile_writer *w)
{
	int r = profile_flush(w);
	if (w->fd >= 0 && close(w->fd) < 0 && errno != EINTR && r == 0)
		r = -errno;
	free(w->buffer);
	*w = (struct profile_writer){ .fd = -1, .error = r };
	return r;
}
