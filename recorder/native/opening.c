#include "recorder/native/opening.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "recorder/kernel/exe_link.h"

static const int READING = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;

static bool is_regular(int fd, struct stat *is)
{
	return fstat(fd, is) == 0 && S_ISREG(is->st_mode);
}

static int only_regular(int fd)
{
	struct stat is;
	if (fd < 0)
		return -errno;
	if (is_regular(fd, &is))
		return fd;
	close(fd);
	return -EINVAL;
}

static int open_root(pid_t pid)
{
	char path[32];
	snprintf(path, sizeof path, "/proc/%d/root", (int)pid);
	int fd = open(pid ? path : "/", O_PATH | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* openat2(2), from 5.6 on. An absolute link leads below that root as well. */
static int open_below(int root, const char *path, uint64_t resolve, int flags)
{
	struct open_how how = { .flags = (uint64_t)(READING | flags), .resolve = resolve };
	return (int)syscall(SYS_openat2, root, path, &how, sizeof how);
}

int opening_below(pid_t pid, const char *path)
{
	int root = open_root(pid);
	if (root < 0)
		return root;
	int fd = open_below(root, path, RESOLVE_IN_ROOT, 0);
	if (fd < 0 && (errno == ENOSYS || errno == EPERM))
		fd = openat(root, path + strspn(path, "/"), READING);
	int r = only_regular(fd);
	close(root);
	return r;
}

static bool ends_deleted(const char *path)
{
	static const char mark[] = " (deleted)";
	size_t n = strlen(path);
	return n >= sizeof mark && strcmp(path + n - (sizeof mark - 1), mark) == 0;
}

/* The program itself, where it is that. */
static int open_program(pid_t pid, const char *path)
{
	char link[32], is[PATH_MAX];
	int r = exe_link(pid, is);
	snprintf(link, sizeof link, "/proc/%d/exe", (int)pid);
	if (r < 0)
		return r;
	return strcmp(is, path) == 0 ? only_regular(open(link, READING)) : -ENOENT;
}

int opening_mapped(pid_t pid, uint64_t start, uint64_t end, const char *path)
{
	char link[80];
	snprintf(link, sizeof link, "/proc/%d/map_files/%lx-%lx", (int)pid, (unsigned long)start,
		 (unsigned long)end);
	int fd = only_regular(open(link, READING));
	if (fd < 0)
		fd = open_program(pid, path);
	if (fd < 0 && !ends_deleted(path))
		fd = opening_below(pid, path);
	/* It has ended: what has its path in our own eyes is taken for it. */
	if (fd < 0 && !ends_deleted(path) && kill(pid, 0) < 0 && errno == ESRCH)
		fd = opening_below(0, path);
	return fd;
}

/* "NSpid:\t4242\t17": as it is known in its own namespace. */
static int own_number(pid_t pid, uid_t *user)
{
	char path[32], text[4096], *at;
	snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
	int fd = open(path, READING);
	if (fd < 0)
		return -errno;
	ssize_t n = read(fd, text, sizeof text - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	if (!(at = strstr(text, "\nUid:\t")))
		return -EINVAL;
	at = strchr(at + 6, '\t'); /* real, effective */
	*user = at ? (uid_t)strtoul(at, NULL, 10) : (uid_t)-1;
	if (!(at = strstr(text, "\nNSpid:")))
		return pid;
	char *end = strchr(at + 1, '\n');
	if (end)
		*end = '\0';
	return (int)strtol(strrchr(at, '\t') ? strrchr(at, '\t') : "0", NULL, 10);
}

int opening_names(pid_t pid)
{
	char path[48];
	uid_t user;
	struct stat is;
	int number = own_number(pid, &user);
	int root = number > 0 ? open_root(pid) : -ESRCH;
	if (root < 0)
		return root;
	snprintf(path, sizeof path, "tmp/perf-%d.map", number);
	int fd = open_below(root, path, RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH, O_NOFOLLOW);
	int r = only_regular(fd);
	close(root);
	if (r < 0 || (is_regular(r, &is) && is.st_uid == user))
		return r;
	close(r);
	return -EPERM;
}
