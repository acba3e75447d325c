#include "recorder/recording/running.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "recorder/kernel/clock.h"
#include "recorder/kernel/descriptor.h"

enum { MOST_TRIES = 64 }; /* of finding how the recorder's clock stands */

void running_hold(int fd)
{
	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		return; /* a file system without locks: then a recording seems to go on for ever */
}

/* Where a lock can be had nobody records. */
static bool is_held(int fd)
{
	if (flock(fd, LOCK_SH | LOCK_NB) < 0)
		return true;
	flock(fd, LOCK_UN);
	return false;
}

int running_open(struct running *running)
{
	struct stat status;
	/* Not of a setuid program: the path is its caller's. */
	const char *path = secure_getenv(RUNNING_FILE);
	*running = (struct running){ .writer.fd = -1 };
	if (!path || *path != '/')
		return -ENOENT;
	int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0) /* a folder is no recording, nor is a pipe that nobody reads */
		return errno == EISDIR || errno == ENXIO || errno == ENOTDIR ? -ENOENT : -errno;
	running->writer.fd = fd;
	running->writer.guest = true;
	if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && is_held(fd)) {
		running->device = status.st_dev;
		running->inode = status.st_ino;
		return 0;
	}
	running_close(running);
	return -ENOENT;
}

bool running_goes_on(const struct running *running)
{
	return descriptor_is_of(running->writer.fd, running->device, running->inode) &&
	       is_held(running->writer.fd);
}

/* Of the recording's first META, which comes with the first sample. */
static int64_t find_base(const char *head)
{
	long long seconds = 0, ns = 0;
	const char *meta = strstr(head, "\nMETA ");
	const char *end = meta ? strchr(meta + 1, '\n') : NULL;
	const char *at = end ? strstr(meta, " base=") : NULL;
	if (!at || at > end || sscanf(at, " base=%lld.%9lld", &seconds, &ns) != 2)
		return 0;
	return seconds * 1000000000 + ns;
}

static int64_t read_base(const struct running *running)
{
	enum { HEAD = 1 << 16 };
	const char *path = secure_getenv(RUNNING_FILE);
	char *head = malloc(HEAD);
	int64_t base = 0;
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK) : -1;
	ssize_t n = -1;
	if (head && descriptor_is_of(fd, running->device, running->inode))
		n = pread(fd, head, HEAD - 1, 0);
	if (n > 0) {
		head[n] = '\0';
		base = find_base(head);
	}
	if (fd >= 0)
		close(fd);
	free(head);
	return base;
}

int64_t running_now(struct running *running)
{
	if (running->base == 0 && running->tries++ < MOST_TRIES)
		running->base = read_base(running);
	return (running->base ? running->base + clock_kernel() : clock_epoch()) / 1000;
}

int running_flush(struct running *running)
{
	int r = profile_flush(&running->writer);
	running->writer.trouble = running->writer.error = 0;
	running->writer.used = running->writer.kept = 0;
	return r;
}

void running_close(struct running *running)
{
	profile_finish(&running->writer);
}
