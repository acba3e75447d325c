#include "recorder/family.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "recorder/sampler.h"
#include "recorder/target.h"
#include "share/array.h"
#include "share/profile.h"

/* Nobody can be new while no pid has been given out. A pid is given out shortly before its process
 * appears in a list, and a list that is read while others end may leave it out: so looking goes on
 * for a while after the last fork, and is done now and then in any case. */
static const int64_t SETTLED = 50000000, LOOK_EVERY = 1000000000; /* ns */

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

static void close_source(struct member *m)
{
	if (m->source)
		m->source->close(m->state);
	free(m->state);
	m->source = NULL;
	m->state = NULL;
}

static int open_source(struct member *m, const struct source *source)
{
	m->state = calloc(1, source->state_size);
	if (!m->state)
		return -ENOMEM;
	int r = source->open(m->state, m->pid);
	if (r == 0)
		m->source = source;
	return r;
}

static void close_mark(struct member *m)
{
	if (m->mark)
		high_water_close(m->mark);
	free(m->mark);
	m->mark = NULL;
}

static void open_mark(struct family *f, struct member *m)
{
	uint64_t past;
	m->mark = calloc(1, sizeof *m->mark);
	if (m->mark && high_water_open(m->mark, m->pid, true) < 0) {
		free(m->mark);
		m->mark = NULL;
	}
	if (m->mark && f->older)
		high_water_read(m->mark, &past);
	f->unreset |= m->mark && !high_water_is_reset(m->mark);
}

static void free_member(struct member *m)
{
	close_mark(m);
	close_source(m);
	children_close(&m->children);
	free(m);
}

/* Its page tables may be closed to us (it is setuid, or calls itself not dumpable): its resident
 * set is still readable. */
static int fall_back(struct family *f, struct member *m)
{
	close_source(m);
	int r = open_source(m, source_find("rss"));
	f->fell_back |= r == 0;
	return r;
}

static int open_member(struct family *f, struct member *m)
{
	int r = open_source(m, f->source);
	if ((r == -EACCES || r == -EPERM) && f->source->costly && f->n > 0)
		r = fall_back(f, m);
	m->children.tasks = m->children.leader.fd = -1;
	if (r == 0 && f->reach != FAMILY_ALONE && !f->scanning)
		r = children_open(&m->children, m->pid);
	if (r == 0 && f->exact)
		open_mark(f, m);
	return r;
}

static int make_member(struct family *f, pid_t pid, const struct procfs_stat *stat,
		       struct member **made)
{
	struct member *m = calloc(1, sizeof *m);
	if (!m)
		return -ENOMEM;
	m->pid = pid;
	m->ppid = stat->ppid;
	m->start = stat->start;
	strcpy(m->name, stat->name);
	m->status = PROFILE_STATUS_UNKNOWN;
	int r = open_member(f, m);
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

static void mark_ended(struct family *f, struct member *m)
{
	if (m->ended || m == f->members[0]) /* of the target's end its pidfd is the judge */
		return;
	m->ended = true;
	f->left += m->measured ? m->bytes : 0;
	m->measured = false;
	close_mark(m);
	close_source(m);
	if (f->watcher.gone)
		f->watcher.gone(f->watcher.context, m);
}

/* What was told of the end of one that was our own child. */
static void take_end(const struct family *f, struct member *m, int status, uint64_t ru_maxrss)
{
	m->status = status;
	if (ru_maxrss > m->peak && f->source->marked)
		m->peak = ru_maxrss;
}

/* Its end is seen here first. An orphan is ours by now and reaped at once: then it has a status.
 * Its memory goes some time before it can be waited for (seconds, where it was large); until then
 * the end is left to the next tick. */
static void see_end(struct family *f, struct member *m)
{
	int status = PROFILE_STATUS_UNKNOWN;
	uint64_t ru_maxrss = 0;
	pid_t ended = -ECHILD;
	if (m != f->members[0] && f->reach == FAMILY_ADOPTS)
		ended = target_wait(m->pid, &status, &ru_maxrss);
	if (ended == m->pid)
		take_end(f, m, status, ru_maxrss);
	if (ended != 0)
		mark_ended(f, m);
}

/* Does the pid still stand for this process, if only for its zombie? */
static bool is_same(const struct member *m)
{
	struct procfs_stat stat;
	if (children_is_kept(&m->children))
		return children_has_parent(&m->children);
	return procfs_stat(m->pid, &stat) == 0 && (m->start == 0 || stat.start == m->start);
}

/* ---- sampling ---- */

/* Whoever is seen between fork and exec bears its parent's name: looked at again, ever more seldom.
 */
static void look_for_name(struct family *f, struct member *m)
{
	struct procfs_stat stat;
	uint32_t n = ++m->looks;
	if (m == f->members[0] || n == 1 || (n & (n - 1)) != 0 || !f->watcher.born)
		return;
	if (procfs_stat(m->pid, &stat) < 0 || stat.start != m->start ||
	    strcmp(stat.name, m->name) == 0)
		return;
	strcpy(m->name, stat.name);
	f->watcher.born(f->watcher.context, m);
}

/* What it held at most since the last sample, at which that was `before`. */
static void take_mark(struct member *m, uint64_t before)
{
	uint64_t most = 0;
	high_water_read(m->mark, &most);
	most = most > m->bytes ? most : m->bytes;
	m->most = most > before ? most : before;
	m->peak = m->most > m->peak ? m->most : m->peak;
}

static void measure(struct family *f, struct member *m, int64_t now)
{
	uint64_t before = m->measured ? m->bytes : 0;
	m->most = before;
	m->measured = false;
	if (m->ended)
		return;
	if (m->start != 0 && !children_is_kept(&m->children) && !is_same(m)) {
		see_end(f, m);
		return;
	}
	int64_t at = f->source->costly ? sampler_now() : now;
	int r = m->source->read(m->state, &m->bytes);
	if ((r == -EACCES || r == -EPERM) && m->source->costly && fall_back(f, m) == 0)
		r = m->source->read(m->state, &m->bytes);
	if (r == -ESRCH)
		see_end(f, m);
	if (r < 0)
		return;
	m->measured = true;
	m->at = at;
	if (m->bytes > m->peak)
		m->peak = m->bytes;
	if (m->mark)
		take_mark(m, before);
	look_for_name(f, m);
}

/* ---- newcomers ---- */

static bool is_stranger(const struct family *f, pid_t pid)
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

int family_ignore(struct family *f, pid_t pid)
{
	return pids_add(&f->strangers, pid);
}

/* One that ends in here, at any point, has still been seen. */
static void welcome(struct family *f, pid_t pid, int64_t now)
{
	struct procfs_stat stat;
	struct member *m;
	if (find(f, pid) || is_stranger(f, pid) || procfs_stat(pid, &stat) < 0)
		return;
	if (make_member(f, pid, &stat, &m) < 0)
		return;
	if (f->watcher.born)
		f->watcher.born(f->watcher.context, m);
	measure(f, m, now);
}

/* Every process names its parent. A parent may stand behind its child in the folder: the search is
 * over when nobody new was found. */
static void scan(struct family *f, int64_t now)
{
	struct procfs_stat stat;
	size_t before;
	DIR *folder = opendir("/proc");
	if (!folder)
		return;
	do {
		before = f->n;
		rewinddir(folder);
		for (struct dirent *entry; (entry = readdir(folder));) {
			pid_t pid =
				isdigit((unsigned char)entry->d_name[0]) ? atoi(entry->d_name) : 0;
			if (pid == 0 || find(f, pid) || procfs_stat(pid, &stat) < 0)
				continue;
			bool orphan = f->reach == FAMILY_ADOPTS && stat.ppid == getpid();
			if (orphan || find(f, stat.ppid))
				welcome(f, pid, now);
		}
	} while (f->n > before);
	closedir(folder);
}

static void welcome_children(struct family *f, struct children *of, int64_t now)
{
	f->found.n = 0;
	children_list(of, &f->found);
	for (size_t i = 0; i < f->found.n; i++)
		welcome(f, f->found.items[i], now);
}

static void look(struct family *f, int64_t now)
{
	if (f->scanning) {
		scan(f, now);
		return;
	}
	/* The list grows while it is walked: the children of a newcomer are found in the same
	 * sweep. */
	for (size_t i = 0; i < f->n; i++)
		if (!f->members[i]->ended)
			welcome_children(f, &f->members[i]->children, now);
	if (f->reach == FAMILY_ADOPTS)
		welcome_children(f, &f->own, now);
}

static bool is_worth_looking(struct family *f, int64_t now)
{
	char text[256];
	pid_t newest = -1;
	if (procfs_read(&f->newest, text, sizeof text) <= 0 ||
	    procfs_parse_newest(text, &newest) < 0 || newest != f->newest_pid) {
		f->newest_pid = newest;
		f->forked_at = now;
	}
	if (now - f->forked_at > SETTLED && now - f->looked_at < LOOK_EVERY)
		return false;
	f->looked_at = now;
	return true;
}

int family_sample(struct family *f, int64_t now, uint64_t *total)
{
	for (size_t i = f->n; i-- > 1;)
		if (f->members[i]->ended && !is_same(f->members[i]))
			forget(f, i);
	for (size_t i = 0; i < f->n; i++)
		measure(f, f->members[i], now);
	if (f->reach != FAMILY_ALONE && is_worth_looking(f, now))
		look(f, now);
	*total = 0;
	f->most = f->left;
	f->left = 0;
	for (size_t i = 0; i < f->n; i++) {
		*total += f->members[i]->measured ? f->members[i]->bytes : 0;
		f->most += f->members[i]->most;
	}
	return f->members[0]->measured ? 0 : -ESRCH;
}

void family_reaped(struct family *f, pid_t pid, int status, uint64_t ru_maxrss)
{
	struct member unseen = { .pid = pid }, *m = find(f, pid);
	if (is_stranger(f, pid))
		return;
	if (!m && f->disowned.n > 0) /* whose it was cannot be told any more */
		return;
	if (!m) /* it came and went between two samples */
		m = &unseen;
	take_end(f, m, status, ru_maxrss);
	if (m != &unseen)
		mark_ended(f, m);
	else if (f->watcher.gone)
		f->watcher.gone(f->watcher.context, m);
}

void family_disown(struct family *f, pid_t pid)
{
	pids_add(&f->disowned, pid);
}

void family_settle(struct family *f)
{
	struct procfs_stat stat;
	for (size_t i = 1; i < f->n; i++) {
		struct member *m = f->members[i];
		if (!m->ended && (procfs_stat(m->pid, &stat) < 0 || stat.state == 'Z' ||
				  stat.state == 'X' || stat.start != m->start))
			see_end(f, m);
	}
}

/* ---- the beginning and the end ---- */

int family_prepare(struct family *f, enum family_reach reach)
{
	*f = (struct family){ .reach = reach, .newest.fd = -1 };
	f->own.tasks = f->own.leader.fd = -1;
	if (reach == FAMILY_ALONE)
		return 0;
	procfs_open(&f->newest, 0, 0, "loadavg");
	f->scanning = !children_can_be_listed();
	if (reach == FAMILY_ADOPTS && !f->scanning) {
		children_open(&f->own, getpid());
		return children_list(&f->own, &f->strangers);
	}
	return 0;
}

int family_open(struct family *f, pid_t pid, const struct source *source,
		const struct family_watcher *watcher)
{
	struct member *first;
	f->source = source;
	if (watcher)
		f->watcher = *watcher;
	return make_member(f, pid, &(struct procfs_stat){ 0 }, &first);
}

void family_close(struct family *f)
{
	for (size_t i = 0; i < f->n; i++)
		free_member(f->members[i]);
	children_close(&f->own);
	procfs_close(&f->newest);
	pids_free(&f->strangers);
	pids_free(&f->found);
	pids_free(&f->disowned);
	free(f->members);
	*f = (struct family){ .newest.fd = -1 };
	f->own.tasks = f->own.leader.fd = -1;
}
