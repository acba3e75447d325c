#include "plotter/output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TRIES = 100 };

/* The folder that a path lies in, "." when it names none. The caller frees it. */
static char *folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	if (!slash)
		return strdup(".");
	return strndup(path, slash == path ? 1 : (size_t)(slash - path));
}

/* A name beside `path` that nothing has; `take` makes it and returns a descriptor or 0, or -errno.
 */
static int take_temporary(struct output *output, int (*take)(const char *name, int fd), int fd)
{
	int r = -EEXIST;
	for (unsigned i = 0; i < TRIES && r == -EEXIST; i++) {
		char *name;
		if (asprintf(&name, "%s.%d-%u.part", output->path, (int)getpid(), i) < 0)
			return -ENOMEM;
		r = take(name, fd);
		if (r >= 0)
			output->temporary = name;
		else
			free(name);
	}
	return r;
}

static int take_by_create(const char *name, int fd)
{
	(void)fd;
	int made = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	return made < 0 ? -errno : made;
}

static int take_by_link(const char *name, int fd)
{
	char self[64];
	snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
	return linkat(AT_FDCWD, self, AT_FDCWD, name, AT_SYMLINK_FOLLOW) < 0 ? -errno : 0;
}

/* A file without a name vanishes by itself when we are killed half-way; not every filesystem has
 * them. */
static int open_beside(struct output *output)
{
	char *folder = folder_of(output->path);
	if (!folder)
		return -ENOMEM;
	int fd = open(folder, O_WRONLY | O_TMPFILE | O_CLOEXEC, 0666);
	free(folder);
	if (fd >= 0)
		return fd;
	return take_temporary(output, take_by_create, -1);
}

static bool is_written_in_place(const char *path)
{
	struct stat status;
	return stat(path, &status) == 0 && !S_ISREG(status.st_mode);
}

int output_open(struct output *output, const char *path)
{
	*output = (struct output){ 0 };
	int fd;
	if (strcmp(path, "-") == 0) {
		fd = dup(STDOUT_FILENO);
		fd = fd < 0 ? -errno : fd;
	} else if (is_written_in_place(path)) {
		fd = open(path, O_WRONLY | O_CLOEXEC);
		fd = fd < 0 ? -errno : fd;
	} else {
		/* Through a symbolic link the file that it names is replaced, not the link. */
		char *real = realpath(path, NULL);
		output->path = real ? real : strdup(path);
		fd = output->path ? open_beside(output) : -ENOMEM;
	}
	output->stream = fd >= 0 ? fdopen(fd, "w") : NULL;
	if (output->stream)
		return 0;
	int r = fd < 0 ? fd : -errno;
	if (fd >= 0)
		close(fd);
	output_abandon(output);
	return r;
}

static int put_in_place(struct output *output)
{
	if (!output->path)
		return 0;
	if (!output->temporary) {
		int r = take_temporary(output, take_by_link, fileno(output->stream));
		if (r < 0)
			return r;
	}
	if (rename(output->temporary, output->path) < 0)
		return -errno;
	free(output->temporary);
	output->temporary = NULL;
	return 0;
}

int output_commit(struct output *output)
{
	errno = 0;
	int r = 0;
	if (fflush(output->stream) != 0 || ferror(output->stream))
		r = errno ? -errno : -EIO;
	if (r == 0)
		r = put_in_place(output);
	output_abandon(output);
	return r;
}

void output_abandon(struct output *output)
{
	if (output->stream)
		fclose(output->stream);
	if (output->temporary)
		unlink(output->temporary);
	free(output->temporary);
	free(output->path);
	*output = (struct output){ 0 };
}
