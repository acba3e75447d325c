#include "recorder/tree/children.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "recorder/kernel/machine.h"
#include "share/array.h"

enum { SINGLE = 3, REAPED = 2 }; /* st_nlink of task/: its own two, and one a thread */

void pids_free(struct pids *pids)
{
	free(pids->items);
	free(pids->text);
	*pids = (struct pids){ 0 };
}

int pids_add(struct pids *pids, pid_t pid)
{
	if (pids->n == pids->allocated) {
		size_t wanted = pids->allocated ? 2 * pids->allocated : 64;
		pid_t *items = realloc(pids->items, wanted * sizeof *items);
		if (!items)
			return -ENOMEM;
		pids->items = items;
		pids->allocated = wanted;
	}
	pids->items[pids->n++] = pid;
	return 0;
}

/* Takes a list of pids, each followed by a blank. */
static int add_list(struct pids *pids, const char *text)
{
	int r = 0;
	while (*text && r == 0) {
		pid_t pid = 0;
		for (; *text >= '0' && *text <= '9'; text++)
			pid = pid * 10 + (*text - '0');
		text += *text != '\0';
		r = pid > 0 ? pids_add(pids, pid) : 0;
	}
	return r;
}

static int list_one(const struct procfs *file, struct pids *into)
{
	for (;;) {
		ssize_t n = into->text ? procfs_read(file, into->text, into->text_size) : 0;
		if (n < 0)
			return (int)n;
		if (into->text && (size_t)n < into->text_size - 1)
			return n > 0 ? add_list(into, into->text) : 0;
		size_t wanted = into->text ? 2 * into->text_size : 8192;
		char *text = realloc(into->text, wanted);
		if (!text)
			return -ENOMEM;
		into->text = text;
		into->text_size = wanted;
	}
}

bool children_can_be_listed(void)
{
	struct procfs own;
	int r = procfs_open(&own, getpid(), getpid(), "children");
	if (r == 0)
		procfs_close(&own);
	return r == 0;
}

static int open_tasks(pid_t pid)
{
	char path[MACHINE_PATH];
	machine_path(path, "/proc/%d/task", (int)pid);
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? (errno == ENOENT ? -ESRCH : -errno) : fd;
}

int children_open(struct children *c, pid_t pid)
{
	*c = (struct children){ .pid = pid, .tasks = -1 };
	int r = procfs_open(&c->leader, pid, pid, "children");
	if (r < 0)
		return r;
	int fd = open_tasks(pid);
	if (fd < 0) {
		procfs_close(&c->leader);
		return fd;
	}
	c->tasks = procfs_keep(fd);
	return 0;
}

/* ---- threads ---- */

/* The folder lists the threads in the order in which we came to know them, so `at` is a good guess.
 */
static struct thread_children *find_thread(struct children *c, pid_t thread, size_t at)
{
	if (at < c->n_threads && c->threads[at].file.thread == thread)
		return &c->threads[at];
	for (size_t i = 0; i < c->n_threads; i++)
		if (c->threads[i].file.thread == thread)
			return &c->threads[i];
	struct procfs file;
	if (procfs_open(&file, c->pid, thread, "children") < 0)
		return NULL;
	struct thread_children *made = array_more(&c->threads, &c->n_threads, sizeof *made);
	if (made)
		made->file = file;
	else
		procfs_close(&file);
	return made;
}

/* A thread that has ended must not stand for a later one of the same number. */
static void forget_threads(struct children *c, bool all)
{
	size_t kept = 0;
	for (size_t i = 0; i < c->n_threads; i++) {
		struct thread_children thread = c->threads[i];
		if (all || !thread.listed) {
			procfs_close(&thread.file);
			continue;
		}
		thread.listed = false;
		c->threads[kept++] = thread;
	}
	c->n_threads = kept;
}

static DIR *open_folder(const struct children *c)
{
	int fd = c->tasks >= 0 ? fcntl(c->tasks, F_DUPFD_CLOEXEC, 0) : open_tasks(c->pid);
	DIR *folder = fd >= 0 ? fdopendir(fd) : NULL;
	if (folder)
		rewinddir(folder); /* a duplicate shares its position */
	else if (fd >= 0)
		close(fd);
	return folder;
}

static int list_other_threads(struct children *c, struct pids *into)
{
	DIR *folder = open_folder(c);
	size_t at = 0;
	int r = 0;
	if (!folder)
		return -errno;
	for (struct dirent *entry; r == 0 && (entry = readdir(folder));) {
		pid_t number = atoi(entry->d_name);
		struct thread_children *thread =
			number > 0 && number != c->pid ? find_thread(c, number, at++) : NULL;
		if (!thread)
			continue;
		thread->listed = true;
		r = list_one(&thread->file, into);
		r = r == -ESRCH ? 0 : r; /* it has just ended */
	}
	closedir(folder);
	return r;
}

/* ---- the list ---- */

static long links(const struct children *c)
{
	char path[MACHINE_PATH];
	struct stat status;
	if (c->tasks >= 0)
		return fstat(c->tasks, &status) < 0 ? 0 : (long)status.st_nlink;
	machine_path(path, "/proc/%d/task", (int)c->pid);
	return stat(path, &status) < 0 ? 0 : (long)status.st_nlink;
}

int children_list(struct children *c, struct pids *into)
{
	long n = links(c);
	if (n <= REAPED)
		return -ESRCH;
	int r = list_one(&c->leader, into);
	if (r == 0 && n > SINGLE)
		r = list_other_threads(c, into);
	if (c->n_threads > 0)
		forget_threads(c, n <= SINGLE);
	return r;
}

bool children_has_parent(const struct children *c)
{
	return links(c) > REAPED;
}

bool children_is_kept(const struct children *c)
{
	return c->tasks >= 0;
}

void children_close(struct children *c)
{
	procfs_close(&c->leader);
	forget_threads(c, true);
	free(c->threads);
	c->threads = NULL;
	if (c->tasks >= 0)
		close(c->tasks);
	c->tasks = -1;
}
