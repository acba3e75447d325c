#include "share/regular.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int regular_find(const char *path, int flags, struct stat *status)
{
	int fd = open(path, O_PATH | O_CLOEXEC | flags);
	if (fd < 0)
		return -errno;
	int r = fstat(fd, status) < 0 ? -errno : S_ISREG(status->st_mode) ? 0 : -EINVAL;
	if (r < 0)
		close(fd);
	return r < 0 ? r : fd;
}

int regular_read(int found)
{
	char path[32];
	snprintf(path, sizeof path, "/proc/self/fd/%d", found);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	int r = fd < 0 ? -errno : fd;
	close(found);
	return r;
}

/* Where there is no /proc to do better: what it is, is seen once it is open. */
static int open_checked(const char *path, int flags, struct stat *status)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | flags);
	if (fd < 0)
		return -errno;
	if (fstat(fd, status) == 0 && S_ISREG(status->st_mode))
		return fd;
	close(fd);
	return -EINVAL;
}

int regular_open(const char *path, int flags, struct stat *status)
{
	int found = regular_find(path, flags, status);
	int fd = found < 0 ? found : regular_read(found);
	return fd == -ENOENT && found >= 0 ? open_checked(path, flags, status) : fd;
}
