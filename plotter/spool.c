#include "plotter/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_standard_input(const char *path)
{
	return strcmp(path, "-") == 0;
}

bool spool_is_needed(const char *path)
{
	struct stat status;
	if (is_standard_input(path))
		return true;
	return stat(path, &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode);
}

/* Until the end of `fd`. 0 or -errno. */
static int copy_all(int fd, FILE *file)
{
	char block[65536];
	for (;;) {
		ssize_t n = read(fd, block, sizeof block);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			return fflush(file) == 0 ? 0 : -errno;
		if (fwrite(block, 1, (size_t)n, file) != (size_t)n)
			return -errno;
	}
}

int spool(const char *path, char **copy)
{
	int fd = is_standard_input(path) ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	FILE *file = tmpfile();
	int r = file ? copy_all(fd, file) : -errno;
	close(fd);
	if (r == 0 && asprintf(copy, "/proc/self/fd/%d", fileno(file)) < 0)
		r = -ENOMEM;
	if (r < 0 && file)
		fclose(file);
	return r; /* the stream stays open: it is what holds the copy */
}
