#include "recorder/kernel/procfs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "recorder/kernel/descriptor.h"
#include "recorder/kernel/machine.h"

enum {
	FREE_DESCRIPTORS = 4,  /* as many are open at once, at most, beside those that are kept */
	FULL_PAGE = 4096 - 16, /* a seq_file read that ends near a page's end has more to tell */
};

bool procfs_is_guest;

static int keep(int fd)
{
	struct rlimit limit;
	/* The lowest free number is taken first: a high number means that few are free. */
	if (fd < 0 || getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur == RLIM_INFINITY ||
	    (rlim_t)fd + FREE_DESCRIPTORS < limit.rlim_cur)
		return fd;
	close(fd);
	return -1;
}

int procfs_keep(int fd)
{
	if (!procfs_is_guest || fd < 0)
		return keep(fd);
	close(fd);
	return -1;
}

static int open_file(const struct procfs *file)
{
	char path[MACHINE_PATH];
	if (file->pid == 0)
		machine_path(path, "/proc/%s", file->name);
	else if (file->thread)
		machine_path(path, "/proc/%d/task/%d/%s", (int)file->pid, (int)file->thread,
			     file->name);
	else
		machine_path(path, "/proc/%d/%s", (int)file->pid, file->name);
	int fd = open(path, (file->written ? O_WRONLY : O_RDONLY) | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	return fd;
}

static int open_kept(struct procfs *file)
{
	int fd = open_file(file);
	if (fd < 0)
		return fd;
	file->fd = keep(fd);
	if (procfs_is_guest && file->fd >= 0) {
		struct descriptor own;
		descriptor_keep(&own, file->fd);
		file->fd = own.fd;
		file->device = own.device;
		file->inode = own.inode;
	}
	return 0;
}

static bool is_kept(const struct procfs *file)
{
	const struct descriptor own = { file->fd, file->device, file->inode };
	return procfs_is_guest ? descriptor_is_own(&own) : file->fd >= 0;
}

int procfs_open(struct procfs *file, pid_t pid, pid_t thread, const char *name)
{
	*file = (struct procfs){ .pid = pid, .thread = thread, .name = name, .fd = -1 };
	return open_kept(file);
}

int procfs_open_to_write(struct procfs *file, pid_t pid, const char *name)
{
	*file = (struct procfs){ .pid = pid, .name = name, .fd = -1, .written = true };
	return open_kept(file);
}

static ssize_t read_all(int fd, char *buffer, size_t size)
{
	size_t used = 0;
	for (;;) {
		ssize_t n = pread(fd, buffer + used, size - 1 - used, (off_t)used);
		if (n < 0 && used == 0)
			return -errno;
		used += n > 0 ? (size_t)n : 0;
		buffer[used] = '\0';
		if (n < FULL_PAGE || used == size - 1)
			return (ssize_t)used;
	}
}

ssize_t procfs_read(const struct procfs *file, char *buffer, size_t size)
{
	bool kept = is_kept(file);
	int fd = kept ? file->fd : open_file(file);
	if (fd < 0)
		return fd;
	ssize_t n = read_all(fd, buffer, size);
	if (!kept)
		close(fd);
	return n;
}

int procfs_write(const struct procfs *file, const char *text)
{
	bool kept = is_kept(file);
	int fd = kept ? file->fd : open_file(file);
	if (fd < 0)
		return fd;
	int r = pwrite(fd, text, strlen(text), 0) < 0 ? -errno : 0;
	if (!kept)
		close(fd);
	return r;
}

void procfs_close(struct procfs *file)
{
	if (is_kept(file))
		close(file->fd);
	file->fd = -1;
}

static bool is_alive(pid_t pid, pid_t thread)
{
	char text[1024];
	struct procfs_stat stat;
	struct procfs file = { .pid = pid, .thread = thread, .name = "stat", .fd = -1 };
	return procfs_read(&file, text, sizeof text) > 0 && procfs_parse_stat(text, &stat) == 0 &&
	       stat.state != 'Z' && stat.state != 'X';
}

/* The folder lists the leader first. */
pid_t procfs_live_thread(pid_t pid)
{
	char path[MACHINE_PATH];
	pid_t live = 0;
	machine_path(path, "/proc/%d/task", (int)pid);
	DIR *tasks = opendir(path);
	for (struct dirent *entry; live == 0 && tasks && (entry = readdir(tasks));) {
		pid_t thread = atoi(entry->d_name);
		live = thread > 0 && is_alive(pid, thread) ? thread : 0;
	}
	if (tasks)
		closedir(tasks);
	return live;
}

/* Of a leader that has ended most files are empty, and cannot be told from those of a process that
 * has none. */
ssize_t procfs_once(pid_t pid, const char *name, char *buffer, size_t size)
{
	struct procfs file = { .pid = pid, .name = name, .fd = -1 };
	ssize_t n = procfs_read(&file, buffer, size);
	if (pid == 0 || (n != 0 && n != -ESRCH))
		return n;
	file.thread = procfs_live_thread(pid);
	return file.thread == 0 || file.thread == pid ? n : procfs_read(&file, buffer, size);
}

/* ---- another thread ---- */

int procfs_know(struct procfs *file)
{
	struct procfs_stat stat;
	int r = procfs_stat(file->pid, &stat);
	file->start = r == 0 ? stat.start : 0;
	return r;
}

/* As long as a file of the leader's is there the number is its own, if only as a zombie's: the
 * kernel gives it to nobody else. */
static bool holds_number(const struct procfs *file)
{
	char byte;
	return file->thread == 0 && is_kept(file) &&
	       (pread(file->fd, &byte, 1, 0) >= 0 || errno != ESRCH);
}

bool procfs_is_same(const struct procfs *file)
{
	struct procfs_stat stat;
	if (file->start == 0)
		return !is_kept(file) || holds_number(file);
	return procfs_stat(file->pid, &stat) == 0 && stat.start == file->start;
}

int procfs_take_thread(struct procfs *file, pid_t thread)
{
	struct procfs other = *file;
	other.thread = thread;
	int r = open_kept(&other);
	if (r < 0)
		return r;
	procfs_close(file);
	*file = other;
	return 0;
}

int procfs_change_thread(struct procfs *file)
{
	struct procfs other = *file;
	other.thread = procfs_live_thread(file->pid);
	if (other.thread == 0 || open_kept(&other) < 0)
		return -ESRCH;
	if (!procfs_is_same(file) || (other.start == 0 && procfs_know(&other) < 0)) {
		procfs_close(&other);
		return -ESRCH;
	}
	procfs_close(file);
	*file = other;
	return 0;
}

/* ---- parsers ---- */

static const char *take_digits(const char *at, uint64_t *value)
{
	*value = 0;
	for (; *at >= '0' && *at <= '9'; at++)
		*value = *value * 10 + (uint64_t)(*at - '0');
	return at;
}

int procfs_parse_statm(const char *text, uint64_t *pages)
{
	uint64_t value;
	const char *at = strchr(text, ' ');
	if (!at || take_digits(at + 1, &value) == at + 1)
		return -EINVAL;
	*pages = value;
	return 0;
}

int procfs_parse_kb(const char *text, const char *key, uint64_t *bytes)
{
	size_t n = strlen(key);
	for (const char *line = text; line && *line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, key, n) != 0)
			continue;
		*bytes = strtoull(line + n, NULL, 10) * 1024;
		return 0;
	}
	return -ENOENT;
}

int procfs_parse_newest(const char *text, pid_t *pid)
{
	uint64_t value;
	const char *at = strrchr(text, ' ');
	if (!at || take_digits(at + 1, &value) == at + 1 || value > INT_MAX)
		return -EINVAL;
	*pid = (pid_t)value;
	return 0;
}

int procfs_parse_stat(const char *text, struct procfs_stat *stat)
{
	/* The name may itself hold parentheses and blanks: it ends at the last one. */
	const char *open = strchr(text, '('), *close = strrchr(text, ')');
	if (!open || !close || close < open)
		return -EINVAL;
	size_t n = (size_t)(close - open) - 1;
	n = n < sizeof stat->name - 1 ? n : sizeof stat->name - 1;
	memcpy(stat->name, open + 1, n);
	stat->name[n] = '\0';
	int ppid;
	unsigned long long faults, start;
	/* Field 3 is the state, 4 the parent, 11 the children's minor faults, 22 the start:
	 * proc_pid_stat(5). */
	if (sscanf(close + 1,
		   " %c %d %*s %*s %*s %*s %*s %*s %llu %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s "
		   "%llu",
		   &stat->state, &ppid, &faults, &start) != 4)
		return -EINVAL;
	stat->ppid = ppid;
	stat->start = start;
	stat->child_faults = faults;
	return 0;
}

int procfs_stat(pid_t pid, struct procfs_stat *stat)
{
	char text[1024];
	ssize_t n = procfs_once(pid, "stat", text, sizeof text);
	if (n <= 0)
		return n < 0 ? (int)n : -ESRCH;
	return procfs_parse_stat(text, stat);
}

int procfs_parse_ignored(const char *text, uint64_t *signals)
{
	const char *at = strrchr(text, ')');
	for (int field = 2; field < 33 && at; field++)
		at = strchr(at + 1, ' ');
	return at && take_digits(at + 1, signals) != at + 1 ? 0 : -EINVAL;
}

bool procfs_ignores(const char *text, int signal)
{
	uint64_t ignored = 0;
	return procfs_parse_ignored(text, &ignored) == 0 && ignored >> (signal - 1) & 1;
}

static uint64_t pages_of(pid_t pid, pid_t thread)
{
	char text[256];
	uint64_t pages = 0;
	struct procfs file = { .pid = pid, .thread = thread, .name = "statm", .fd = -1 };
	return procfs_read(&file, text, sizeof text) > 0 && procfs_parse_statm(text, &pages) == 0
		       ? pages
		       : 0;
}

bool procfs_has_memory(pid_t pid)
{
	pid_t thread = 0;
	if (pages_of(pid, 0) > 0)
		return true;
	thread = procfs_live_thread(pid);
	return thread > 0 && thread != pid && pages_of(pid, thread) > 0;
}

bool procfs_lives(const struct procfs_stat *stat, pid_t pid)
{
	return (stat->state != 'Z' && stat->state != 'X') || procfs_live_thread(pid) > 0;
}
