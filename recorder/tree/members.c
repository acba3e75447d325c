#include "recorder/tree/members.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "recorder/kernel/alive.h"
#include "recorder/tree/family.h"
#include "recorder/tree/handles.h"
#include "recorder/tree/news.h"
#include "share/array.h"
#include "share/profile/profile.h"

static struct member **slot_of(struct family *f, pid_t pid)
{
	return &f->slots[(unsigned)pid % FAMILY_SLOTS];
}

struct member *members_find(const struct family *f, pid_t pid)
{
	struct member *m = f->slots[(unsigned)pid % FAMILY_SLOTS];
	while (m && m->pid != pid)
		m = m->next;
	return m;
}

static void free_member(struct family *f, struct member *m)
{
	struct member **link = slot_of(f, m->pid);
	while (*link != m)
		link = &(*link)->next;
	*link = m->next;
	handles_close(m);
	free(m);
}

struct member *members_add(struct family *f, pid_t pid, pid_t ppid, int64_t born)
{
	struct member *m = calloc(1, sizeof *m);
	if (!m || !array_more(&f->members, &f->n, sizeof *f->members)) {
		free(m);
		return NULL;
	}
	m->pid = pid;
	m->ppid = ppid;
	m->born = born;
	m->threads = 1;
	m->status = PROFILE_STATUS_UNKNOWN;
	m->children.tasks = m->children.leader.fd = -1;
	f->members[f->n - 1] = m;
	m->next = *slot_of(f, pid);
	*slot_of(f, pid) = m;
	return m;
}

void members_remove(struct family *f, struct member *m)
{
	size_t at = f->n;
	while (f->members[--at] != m)
		;
	memmove(&f->members[at], &f->members[at + 1], (--f->n - at) * sizeof *f->members);
	free_member(f, m);
}

bool members_is_same(const struct member *m)
{
	struct procfs_stat stat;
	if (children_is_kept(&m->children))
		return children_has_parent(&m->children);
	if (procfs_stat(m->pid, &stat) < 0)
		return alive_is(m->pid); /* hidden from us: nobody tells of another of that pid */
	return m->start == 0 || stat.start == m->start;
}

/* Whom the descriptor stands for is settled before it is asked who that is. */
int members_signal(const struct member *m, int number)
{
	int fd = (int)syscall(SYS_pidfd_open, m->pid, 0), r = -ESRCH;
	if (fd < 0 && errno != ENOSYS && errno != EPERM)
		return -errno;
	if (!m->ended && members_is_same(m))
		r = fd >= 0 ? (int)syscall(SYS_pidfd_send_signal, fd, number, NULL, 0)
			    : kill(m->pid, number);
	r = r == -1 ? -errno : r;
	if (fd >= 0)
		close(fd);
	return r;
}

void members_drop_ended(struct family *f)
{
	size_t kept = f->n > 0;
	for (size_t i = 1; i < f->n; i++) {
		struct member *m = f->members[i];
		if (!m->ended || members_is_same(m))
			f->members[kept++] = m;
		else
			free_member(f, m);
	}
	f->n = kept;
}

int members_meet(struct family *f, struct member *m)
{
	struct procfs_stat stat;
	int r = procfs_stat(m->pid, &stat);
	if (r == 0) {
		m->start = stat.start;
		m->ppid = m->ppid ? m->ppid : stat.ppid;
		strcpy(m->comm, stat.name);
		r = handles_open(f, m);
	}
	if (r == 0)
		news_born(f, m, m->born);
	else
		handles_close_figures(m);
	return r;
}

bool members_is_stranger(const struct family *f, pid_t pid)
{
	for (size_t i = 0; i < f->strangers.n; i++)
		if (f->strangers.items[i] == pid)
			return true;
	pid_t session = f->disowned.n > 0 ? getsid(pid) : 0;
	for (size_t i = 0; i < f->disowned.n; i++)
		if (f->disowned.items[i] == pid || f->disowned.items[i] == session)
			return true;
	return pid == getpid();
}

void members_close(struct family *f)
{
	for (size_t i = 0; i < f->n; i++)
		free_member(f, f->members[i]);
	free(f->members);
	f->members = NULL;
	f->n = 0;
}
