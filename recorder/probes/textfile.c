#include "recorder/probes/textfile.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "recorder/kernel/clock.h"
#include "share/text.h"

enum { MOST_NAMES = 1000, MOST_ENTRIES = 1 << 16 };

/* ---- writing aside ---- */

/* Whatever the umask says: it is made for another user's process. */
static int create(struct textfile *f)
{
	int fd = openat(f->folder, f->aside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
			0644);
	if (fd < 0)
		return -errno;
	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		strcpy(f->line, "# mprof-c\n"); /* no locks here: nobody may conclude from that */
	fchmod(fd, 0644);
	return fd;
}

/* The file, whole and not yet seen by anybody; or -errno, and there is none. */
static int write_aside(struct textfile *f, const char *text, size_t size)
{
	int fd = create(f);
	if (fd < 0)
		return fd;
	struct iovec parts[] = { { f->line, strlen(f->line) }, { (char *)text, size } };
	ssize_t n = writev(fd, parts, 2);
	if (n == (ssize_t)(parts[0].iov_len + size))
		return fd;
	int e = n < 0 ? errno : ENOSPC;
	unlinkat(f->folder, f->aside, 0);
	close(fd);
	return -e;
}

static void hold(struct textfile *f, int fd)
{
	if (f->held >= 0)
		close(f->held);
	f->held = fd;
}

int textfile_open(struct textfile *f, const char *folder)
{
	f->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (f->folder < 0)
		return -errno;
	holder_line_write(f->line);
	/* A name that two of one number, in two containers, do not both take. */
	snprintf(f->aside, sizeof f->aside, ".mprof-%d-%llx.tmp", (int)getpid(),
		 (unsigned long long)clock_epoch());
	int fd = write_aside(f, "", 0);
	if (fd < 0)
		return fd;
	unlinkat(f->folder, f->aside, 0);
	close(fd);
	return 0;
}

/* ---- what others have left ---- */

static bool is_of_this_name(int folder, const char *name, int fd)
{
	struct stat by_name, by_fd;
	return fstatat(folder, name, &by_name, AT_SYMLINK_NOFOLLOW) == 0 &&
	       fstat(fd, &by_fd) == 0 && by_name.st_dev == by_fd.st_dev &&
	       by_name.st_ino == by_fd.st_ino;
}

/* Who has been locked out by us for a moment comes again with another file. */
static bool reap(int folder, const char *name)
{
	char line[HOLDER_LINE] = "";
	int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	bool dead =
		fd >= 0 && pread(fd, line, sizeof line - 1, 0) > 0 && strchr(line, '\n') != NULL;
	if (dead) {
		strchr(line, '\n')[1] = '\0';
		dead = holder_line_is_of_dead(line, fd) && is_of_this_name(folder, name, fd) &&
		       unlinkat(folder, name, 0) == 0;
	}
	if (fd >= 0)
		close(fd);
	return dead;
}

static bool is_name_of_ours(const char *name)
{
	return (strncmp(name, "mprof-", 6) == 0 && text_ends_in(name, ".prom")) ||
	       (strncmp(name, ".mprof-", 7) == 0 && text_ends_in(name, ".tmp"));
}

size_t textfile_reap(const struct textfile *f)
{
	int fd = openat(f->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *entries = fd >= 0 ? fdopendir(fd) : NULL;
	size_t n = 0, seen = 0;
	for (struct dirent *e; entries && seen++ < MOST_ENTRIES && (e = readdir(entries));)
		if (is_name_of_ours(e->d_name))
			n += reap(f->folder, e->d_name);
	if (entries)
		closedir(entries);
	else if (fd >= 0)
		close(fd);
	return n;
}

/* ---- what is published ---- */

/* rename(2) would replace another's; some file systems know no links. */
static int take_name(const struct textfile *f, const char *name)
{
	struct stat status;
	if (linkat(f->folder, f->aside, f->folder, name, 0) == 0) {
		unlinkat(f->folder, f->aside, 0);
		return 0;
	}
	if (errno != EPERM && errno != EOPNOTSUPP && errno != ENOSYS)
		return -errno;
	if (fstatat(f->folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0)
		return -EEXIST;
	return renameat(f->folder, f->aside, f->folder, name) == 0 ? 0 : -errno;
}

int textfile_claim(struct textfile *f, const char *name)
{
	char numbered[NAME_MAX + 1];
	int r = -EEXIST, i = 0, fd = write_aside(f, "", 0);
	if (fd < 0)
		return fd;
	while (r == -EEXIST && i++ < MOST_NAMES) {
		char number[16] = "";
		if (i > 1)
			snprintf(number, sizeof number, "-%d", i);
		int n = snprintf(numbered, sizeof numbered, "%s%s.prom", name, number);
		r = n < (int)sizeof numbered ? take_name(f, numbered) : -ENAMETOOLONG;
	}
	if (r < 0) {
		unlinkat(f->folder, f->aside, 0);
		close(fd);
		return r;
	}
	strcpy(f->name, numbered);
	hold(f, fd);
	return i;
}

int textfile_publish(struct textfile *f, const char *text, size_t size)
{
	int fd = write_aside(f, text, size);
	if (fd < 0)
		return fd;
	if (renameat(f->folder, f->aside, f->folder, f->name) == 0) {
		hold(f, fd);
		return 0;
	}
	int e = errno;
	unlinkat(f->folder, f->aside, 0);
	close(fd);
	return -e;
}

void textfile_close(struct textfile *f)
{
	if (f->held >= 0 && *f->name && is_of_this_name(f->folder, f->name, f->held))
		unlinkat(f->folder, f->name, 0);
	if (f->held >= 0)
		close(f->held);
	if (f->folder >= 0)
		close(f->folder);
	*f = (struct textfile)TEXTFILE_NONE;
}
