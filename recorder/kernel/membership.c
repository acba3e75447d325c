#include "recorder/kernel/membership.h"

#include <errno.h>
#include <stdlib.h>

enum { LONGEST = 1 << 14, LOOKS_A_THREAD = 8 };
static const int64_t SELDOM = 1000000000, OFTEN = 5000000; /* ns */

/* FNV-1a; 0 stands for none. */
static uint64_t digest(const char *text)
{
	uint64_t value = 14695981039346656037u;
	for (; *text; text++)
		value = (value ^ (unsigned char)*text) * 1099511628211u;
	return value | 1;
}

/* A leading thread that has ended stays where it was when the others move: now and then it is asked
 * who lives. */
static void find_thread(struct membership *m)
{
	pid_t live = m->looks++ % LOOKS_A_THREAD == 0 ? procfs_live_thread(m->file.pid) : 0;
	if (live > 0 && live != m->file.pid && live != m->file.thread)
		procfs_take_thread(&m->file, live);
}

static uint64_t read_path(struct membership *m)
{
	char text[LONGEST];
	find_thread(m);
	ssize_t n = procfs_read(&m->file, text, sizeof text);
	if (n < 0 && procfs_change_thread(&m->file) == 0)
		n = procfs_read(&m->file, text, sizeof text);
	return n > 0 ? digest(text) : 0;
}

static const struct cgroup *nobodys;

void membership_of_nobody(const struct cgroup *group)
{
	nobodys = group;
}

int membership_open(struct membership *m, pid_t pid, int64_t now)
{
	*m = (struct membership){ .file.fd = -1, .since = now, .looked = now };
	if (pid == 0 && nobodys) {
		m->group = *nobodys;
		m->known = true;
		return 0;
	}
	int r = procfs_open(&m->file, pid, 0, "cgroup");
	if (r == 0)
		r = (m->path = read_path(m)) ? cgroup_find(&m->group, pid) : -ESRCH;
	m->known = r == 0;
	return r;
}

void membership_close(struct membership *m)
{
	if (m->file.name)
		procfs_close(&m->file);
	m->file.name = NULL;
}

int64_t membership_wait(const struct membership *m, int64_t now)
{
	int64_t pause = (m->looked - m->since) / 8;
	pause = pause < OFTEN ? OFTEN : pause > SELDOM ? SELDOM : pause;
	int64_t left = m->looked + pause - now;
	return left > 0 ? left : 0;
}

/* Of what is on its way out the kernel says that it is in the root's group: it gives that up after
 * its memory. */
bool membership_look(struct membership *m, int64_t now, bool *moved)
{
	*moved = false;
	if (membership_wait(m, now) > 0)
		return false;
	m->looked = now;
	uint64_t path = m->file.name ? read_path(m) : 0;
	if (path == 0 || path == m->path || !procfs_has_memory(m->file.pid))
		return true;
	m->path = path;
	m->known = cgroup_find(&m->group, m->file.pid) == 0;
	*moved = true;
	return true;
}
