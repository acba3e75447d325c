#include "share/output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

FILE *(*output_compress)(FILE *plain, const char *comment);

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
static int take_temporary(struct output *output, int (*take)(const char *name, int with), int with)
{
	int r = -EEXIST;
	for (unsigned i = 0; i < TRIES && r == -EEXIST; i++) {
		char *name;
		if (asprintf(&name, "%s.%d-%u.part", output->path, (int)getpid(), i) < 0)
			return -ENOMEM;
		r = take(name, with);
		if (r >= 0)
			output->temporary = name;
		else
			free(name);
	}
	return r;
}

static int take_by_create(const char *name, int mode)
{
	int made = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, (mode_t)mode);
	return made < 0 ? -errno : made;
}

static int take_by_link(const char *name, int fd)
{
	char self[64];
	snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
	return linkat(AT_FDCWD, self, AT_FDCWD, name, AT_SYMLINK_FOLLOW) < 0 ? -errno : 0;
}

/* Who may read a picture stays so when it is drawn anew. Where the old one's owner or group cannot
 * be kept, the group is another one, and gets what everybody has. */
static void keep_access(int fd, const struct stat *old)
{
	mode_t mode = old->st_mode & 0777;
	if (fchown(fd, old->st_uid, old->st_gid) < 0 && fchown(fd, (uid_t)-1, old->st_gid) < 0)
		mode = (mode & 0707) | (mode & 07) << 3;
	fchmod(fd, mode);
}

/* A file without a name vanishes by itself when we are killed half-way; not every filesystem has
 * them. `old` is what will be replaced, or NULL. */
static int open_beside(struct output *output, const struct stat *old)
{
	mode_t mode = old ? 0600 : 0666;
	char *folder = folder_of(output->path);
	if (!folder)
		return -ENOMEM;
	int fd = open(folder, O_WRONLY | O_TMPFILE | O_CLOEXEC, mode);
	free(folder);
	if (fd < 0)
		fd = take_temporary(output, take_by_create, (int)mode);
	if (fd >= 0 && old)
		keep_access(fd, old);
	return fd;
}

/* Where a picture goes: standard output, a device or pipe that is there, or a file that will be. */
static int open_place(struct output *output, const char *path)
{
	struct stat status;
	bool standard = strcmp(path, "-") == 0, exists = !standard && stat(path, &status) == 0;
	if (standard || (exists && !S_ISREG(status.st_mode))) {
		int fd = standard ? dup(STDOUT_FILENO) : open(path, O_WRONLY | O_CLOEXEC);
		return fd < 0 ? -errno : fd;
	}
	int r = replace_allows(path, output->kind, -1);
	if (r < 0)
		return r;
	output->replaces = exists && status.st_size > 0;
	/* Through a symbolic link the file that it names is replaced, not the link. */
	char *real = realpath(path, NULL);
	output->path = real ? real : strdup(path);
	return output->path ? open_beside(output, exists ? &status : NULL) : -ENOMEM;
}

int output_open(struct output *output, const char *path, enum replace_kind kind)
{
	*output = (struct output){ .kind = kind };
	int fd = open_place(output, path);
	output->stream = fd >= 0 ? fdopen(fd, "w") : NULL;
	if (output->stream)
		return 0;
	int r = fd < 0 ? fd : -errno;
	if (fd >= 0)
		close(fd);
	output_abandon(output);
	return r;
}

/* A file without a name gets one, beside its place. */
static int give_name(struct output *output)
{
	if (!output->path || output->temporary)
		return 0;
	return take_temporary(output, take_by_link, fileno(output->stream));
}

/* Some filesystems tell only now that there was no room. */
static int end_stream(struct output *output)
{
	FILE *stream = output->stream;
	output->stream = NULL;
	errno = 0;
	if (fclose(stream) == 0)
		return 0;
	return errno ? -errno : -EIO;
}

static int put_in_place(struct output *output)
{
	if (!output->path)
		return 0;
	int r = replace_allows(output->path, output->kind, -1); /* it may be another by now */
	if (r < 0)
		return r;
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
		r = give_name(output);
	if (r == 0)
		r = end_stream(output);
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
