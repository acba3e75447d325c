#include "share/profile/foot.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST = 8192, LONGEST = 4096 }; /* bytes: of a foot, of a line before it */

/* With O_APPEND all would be written behind the end, pwrite(2) or not; our own descriptor may do
 * nothing but that. */
static int open_again(int fd)
{
	char path[32];
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	int again = open(path, O_RDWR | O_CLOEXEC | O_NOCTTY);
	return again < 0 ? -errno : again;
}

static bool begins(const char *line, const char *end, const char *with)
{
	size_t n = strlen(with);
	return (size_t)(end - line) >= n && memcmp(line, with, n) == 0;
}

/* What tells of a gap may go: who writes the foot tells of them all. */
static bool is_gap(const char *line, const char *end)
{
	return begins(line, end, "META dropped=");
}

static bool is_head(const char *line, const char *end)
{
	return begins(line, end, "CMDLINE ") || (begins(line, end, "META ") && !is_gap(line, end));
}

/* Where whole lines begin that are `n` bytes and more, at the end of the text; NULL: nowhere. */
static const char *find_lines(const char *text, size_t size, size_t n, bool from_start,
			      uint64_t *lines)
{
	const char *end = text + size, *at = end - n;
	while (at > text && at[-1] != '\n')
		at--;
	if (at == text && !from_start)
		return NULL;
	*lines = 0;
	for (const char *line = at; line < end;) {
		const char *next = memchr(line, '\n', (size_t)(end - line));
		if (is_head(line, end))
			return NULL;
		*lines += !is_gap(line, end);
		line = next ? next + 1 : end;
	}
	return at;
}

static int find_room(struct foot *foot, size_t n)
{
	char text[MOST + LONGEST];
	struct stat status;
	if (n > MOST || fstat(foot->fd, &status) < 0 || !S_ISREG(status.st_mode))
		return -EINVAL;
	size_t all = n + LONGEST, size = status.st_size < (off_t)all ? (size_t)status.st_size : all;
	off_t from = status.st_size - (off_t)size;
	if (size < n)
		return -ENOSPC;
	if (pread(foot->fd, text, size, from) != (ssize_t)size)
		return -EIO;
	const char *at = find_lines(text, size, n, from == 0, &foot->lines);
	foot->start = at ? from + (at - text) : 0;
	return at ? 0 : -ENOSPC;
}

int foot_open(struct foot *foot, int fd, size_t n)
{
	struct stat status;
	if (fstat(fd, &status) < 0 || !S_ISREG(status.st_mode))
		return -EINVAL;
	*foot = (struct foot){ .fd = open_again(fd) };
	if (foot->fd < 0)
		return foot->fd;
	int r = find_room(foot, n);
	if (r < 0)
		close(foot->fd);
	return r;
}

/* In the pages that the file has, so that no new ones are needed; then what is left behind goes. */
int foot_write(struct foot *foot, const char *text, size_t n)
{
	ssize_t written = pwrite(foot->fd, text, n, foot->start);
	int r = written == (ssize_t)n ? 0 : written < 0 ? -errno : -ENOSPC;
	if (ftruncate(foot->fd, foot->start + (r == 0 ? (off_t)n : 0)) < 0 && r == 0)
		r = -errno;
	close(foot->fd);
	return r;
}
