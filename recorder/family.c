#include "recorder/family.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "recorder/target.h"
#include "share/array.h"
#include "share/profile.h"

enum { LIST_SIZE = 64 << 10 }; /* of children: some 9000 pids of one thread */

/* ---- members ---- */

static struct member **slot_of(struct family *f, pid_t pid)
{
	return &f->slots[(unsigned)pid % FAMILY_SLOTS];
}

static struct member *find(struct family *f, pid_t pid)
{
	struct member *m = *slot_of(f, pid);
	while (m && m->pid != pid)
		m = m->next;
	return m;
}

static void free_member(struct member *m)
{
	if (m->open)
		m->source->close(m->state);
	procfs_close(&m->children);
	procfs_close(&m->task);
	free(m->state);
	free(m);
}

static int make_member(struct family *f, pid_t pid, pid_t ppid, struct member **made)
{
	char name[32];
	struct member *m = calloc(1, sizeof *m);
	if (!m)
		return -ENOMEM;
	m->pid = pid;
	m->ppid = ppid;
	m->source = f->source;
	m->status = PROFILE_STATUS_UNKNOWN;
	m->children.fd = m->task.fd = -1;
	m->state = calloc(1, f->source->state_size);
	int r = m->state ? f->source->open(m->state, pid) : -ENOMEM;
	m->open = r == 0;
	if (r == 0 && f->descend && !f->scanning) {
		snprintf(name, sizeof name, "task/%d/children", (int)pid);
		r = procfs_open(&m->children, pid, name);
		r = r < 0 ? r : procfs_open(&m->task, pid, "task");
	}
	if (r == 0 && !array_more(&f->members, &f->n, sizeof *f->members))
		r = -ENOMEM;
	if (r < 0) {
		free_member(m);
		return r;
	}
	f->members[f->n - 1] = m;
	m->next = *slot_of(f, pid);
	*slot_of(f, pid) = m;
	*made = m;
	return 0;
}

static void forget(struct family *f, size_t at)
{
	struct member *m = f->members[at], **link = slot_of(f, m->pid);
	while (*link != m)
		link = &(*link)->next;
	*link = m->next;
	free_member(m);
	memmove(&f->members[at], &f->members[at + 1], (--f->n - at) * sizeof *f->members);
}

static void mark_dead(struct family *f, struct member *m)
{
	if (m->dead)
		return;
	m->dead = true;
	if (f->watcher.gone && m != f->members[0])
		f->watcher.gone(f->watcher.context, m);
}

/* ---- newcomers ---- */

/* A process may end at any point in here: then it was too short to be one of us, and is left to the
 * next sweep. */
static void welcome(struct family *f, pid_t pid, pid_t ppid)
{
	char text[1024];
	struct procfs_stat stat;
	struct member *m;
	if (find(f, pid) || pid == getpid())
		return;
	if (procfs_once(pid, "stat", text, sizeof text) <= 0 ||
	    procfs_parse_stat(text, &stat) < 0 || stat.state == 'Z')
		return;
	if (make_member(f, pid, ppid, &m) == 0 && f->watcher.born)
		f->watcher.born(f->watcher.context, m, stat.name);
}

/* Takes the pids of a children file. */
static void welcome_list(struct family *f, pid_t parent, const char *text)
{
	for (char *end; *text; text = end) {
		long pid = strtol(text, &end, 10);
		if (end == text)
			return;
		if (pid > 0)
			welcome(f, (pid_t)pid, parent);
		while (*end == ' ')
			end++;
	}
}

/* The leading thread's children, from the file that is kept open. */
static void look_under(struct family *f, struct member *m, char *list)
{
	if (procfs_read(&m->children, list, LIST_SIZE) > 0)
		welcome_list(f, m->pid, list);
}

/* The other threads' children, where there are other threads: st_nlink of task/ is their number and
 * two. */
static void look_under_threads(struct family *f, struct member *m, char *list)
{
	char path[64], name[32];
	pid_t pid = m->pid;
	if (procfs_links(&m->task) <= 3)
		return;
	snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
	DIR *folder = opendir(path);
	if (!folder)
		return;
	for (struct dirent *entry; (entry = readdir(folder));) {
		int tid = atoi(entry->d_name);
		if (tid <= 0 || tid == pid)
			continue;
		snprintf(name, sizeof name, "task/%d/children", tid);
		if (procfs_once(pid, name, list, LIST_SIZE) > 0)
			welcome_list(f, pid, list);
	}
	closedir(folder);
}

/* Kernels without CONFIG_PROC_CHILDREN: every process names its parent. Parents come before their
 * children often enough; the next sweep finds the rest. */
static void scan(struct family *f)
{
	char text[1024];
	struct procfs_stat stat;
	DIR *folder = opendir("/proc");
	if (!folder)
		return;
	for (struct dirent *entry; (entry = readdir(folder));) {
		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		pid_t pid = atoi(entry->d_name);
		if (procfs_once(pid, "stat", text, sizeof text) <= 0 ||
		    procfs_parse_stat(text, &stat) < 0)
			continue;
		struct member *parent = find(f, stat.ppid);
		if ((parent && !parent->dead) || (f->adopting && stat.ppid == getpid()))
			welcome(f, pid, stat.ppid);
	}
	closedir(folder);
}

static void look(struct family *f)
{
	if (f->scanning) {
		scan(f);
		return;
	}
	/* The list grows while it is walked: the children of a newcomer are found in the same
	 * sweep. */
	for (size_t i = 0; i < f->n; i++) {
		if (f->members[i]->dead)
			continue;
		look_under(f, f->members[i], f->list);
		look_under_threads(f, f->members[i], f->list);
	}
	if (f->adopting && procfs_read(&f->orphans, f->list, LIST_SIZE) > 0)
		welcome_list(f, getpid(), f->list);
}

/* ---- sampling ---- */

/* An orphan that is ours by now is reaped here, where its end is seen first: then its status and
 * its own high-water mark are known. Memory goes some time before the process can be waited for
 * (seconds, where it was large); until then the end is left to the next tick. */
static void end_of(struct family *f, struct member *m)
{
	int status;
	struct rusage usage;
	pid_t ended = -1;
	if (f->adopting && m != f->members[0])
		ended = wait4(m->pid, &status, WNOHANG, &usage);
	if (ended == m->pid)
		family_reaped(f, m->pid, target_status(status), (uint64_t)usage.ru_maxrss * 1024);
	else if (ended < 0)
		mark_dead(f, m);
}

static void measure(struct family *f, struct member *m, uint64_t *total)
{
	m->measured = false;
	if (m->dead)
		return;
	int r = f->source->read(m->state, &m->bytes);
	if (r == -EACCES || r == -EPERM)
		return; /* it has changed its user: still there, and silent */
	if (r < 0) {
		end_of(f, m);
		return;
	}
	m->measured = true;
	if (m->bytes > m->peak)
		m->peak = m->bytes;
	*total += m->bytes;
}

/* The dead are kept until their pid is free, lest a zombie be taken for a newcomer. */
static void bury(struct family *f)
{
	char text[64];
	for (size_t i = f->n; i-- > 1;)
		if (f->members[i]->dead &&
		    procfs_once(f->members[i]->pid, "statm", text, sizeof text) <= 0)
			forget(f, i);
		else if (f->members[i]->dead && text[0] != '0')
			forget(f, i); /* the pid is somebody else's already */
}

int family_sample(struct family *f, uint64_t *total)
{
	*total = 0;
	if (f->descend) {
		bury(f);
		look(f);
	}
	for (size_t i = 0; i < f->n; i++)
		measure(f, f->members[i], total);
	return f->members[0]->measured ? 0 : -ESRCH;
}

void family_reaped(struct family *f, pid_t pid, int status, uint64_t ru_maxrss)
{
	struct member *m = find(f, pid);
	if (!m)
		return;
	m->status = status;
	if (ru_maxrss > m->peak)
		m->peak = ru_maxrss;
	mark_dead(f, m);
}

static int open_descent(struct family *f, bool adopting)
{
	char name[32];
	f->list = malloc(LIST_SIZE);
	if (!f->list)
		return -ENOMEM;
	f->adopting = adopting;
	snprintf(name, sizeof name, "task/%d/children", (int)getpid());
	f->scanning = procfs_open(&f->orphans, getpid(), name) < 0;
	return 0;
}

int family_open(struct family *f, pid_t pid, const struct source *source, bool descend,
		bool adopting, const struct family_watcher *watcher)
{
	struct member *first;
	*f = (struct family){ .source = source, .descend = descend, .orphans.fd = -1 };
	if (watcher)
		f->watcher = *watcher;
	int r = descend ? open_descent(f, adopting) : 0;
	r = r < 0 ? r : make_member(f, pid, 0, &first);
	if (r < 0)
		family_close(f);
	return r;
}

void family_close(struct family *f)
{
	for (size_t i = 0; i < f->n; i++)
		free_member(f->members[i]);
	procfs_close(&f->orphans);
	free(f->members);
	free(f->list);
	*f = (struct family){ .orphans.fd = -1 };
}
