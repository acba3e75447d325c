#include "recorder/tree/family_parts.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "recorder/kernel/machine.h"
#include "recorder/recording/sampler.h"
#include "recorder/recording/target.h"
#include "recorder/tree/sharing.h"
#include "recorder/tree/title.h"
#include "share/array.h"
#include "share/profile/profile.h"

/* Nobody can be new while no pid has been given out. A pid is given out shortly before its process
 * appears in a list, and a list that is read while others end may leave it out: so looking goes on
 * for a while after the last fork, and is done now and then in any case. */
static const int64_t SETTLED = 50000000, LOOK_EVERY = 1000000000,
		     LOOK_SELDOM = 10000000000; /* ns */

/* Until then a child that still bears its parent's name is waited for to call exec. */
static const int64_t YOUNG = 20000000; /* ns */

/* That one has ended is told within this. */
static const int64_t OVERDUE = 250000000; /* ns */

/* ---- members ---- */

static struct member **slot_of(struct family *f, pid_t pid)
{
	return &f->slots[(unsigned)pid % FAMILY_SLOTS];
}

struct member *family_find(const struct family *f, pid_t pid)
{
	struct member *m = f->slots[(unsigned)pid % FAMILY_SLOTS];
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

static void free_member(struct family *f, struct member *m)
{
	struct member **link = slot_of(f, m->pid);
	while (*link != m)
		link = &(*link)->next;
	*link = m->next;
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
	/* What is the group's or the machine's is told once. Of the others it would be no figure,
	 * nor tell when they end. */
	bool own = m == f->members[0] || !f->source->common;
	int r = open_source(m, own ? f->source : source_find("rss"));
	if ((r == -EACCES || r == -EPERM) && f->source->costly && m != f->members[0])
		r = fall_back(f, m);
	if (r == 0 && f->reach != FAMILY_ALONE && !f->scanning)
		r = children_open(&m->children, m->pid);
	if (r == 0 && f->exact)
		open_mark(f, m);
	return r;
}

struct member *family_add(struct family *f, pid_t pid, pid_t ppid, int64_t born)
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

void family_forget(struct family *f, struct member *m)
{
	size_t at = f->n;
	while (f->members[--at] != m)
		;
	memmove(&f->members[at], &f->members[at + 1], (--f->n - at) * sizeof *f->members);
	free_member(f, m);
}

/* ---- what is told ---- */

static void make_title(struct member *m)
{
	char arguments[1024];
	ssize_t n = title_asks_for_arguments(m->comm)
			    ? procfs_once(m->pid, "cmdline", arguments, sizeof arguments)
			    : 0;
	title_make(m->name, sizeof m->name, m->comm, arguments, n > 0 ? (size_t)n : 0);
}

void family_name(struct family *f, struct member *m, int64_t now)
{
	char before[sizeof m->name];
	memcpy(before, m->name, sizeof before);
	make_title(m);
	m->told = m->named ? now : m->born;
	if (f->watcher.named && (!m->named || strcmp(before, m->name) != 0))
		f->watcher.named(f->watcher.context, m);
	m->named = true;
}

static void tell_born(const struct family *f, struct member *m)
{
	m->told = m->born;
	if (f->watcher.born)
		f->watcher.born(f->watcher.context, m);
}

static void mark_ended(struct family *f, struct member *m)
{
	if (m->ended || m == f->members[0]) /* of the target's end its pidfd is the judge */
		return;
	if (!m->named)
		family_name(f, m, m->born);
	if (m->exact > m->peak && f->source->marked)
		m->peak = m->exact;
	m->ended = true;
	f->left += m->measured ? m->bytes : 0;
	m->measured = false;
	m->told = m->left_at;
	close_mark(m);
	close_source(m);
	if (f->watcher.gone)
		f->watcher.gone(f->watcher.context, m);
}

/* What was told of the end of one that was our own child. ru_maxrss goes back to before exec, and
 * so to the memory of the parent: the mark that was told for itself comes first. */
static void take_end(const struct family *f, struct member *m, int status, uint64_t ru_maxrss)
{
	m->status = status;
	if (m->exact == 0 && ru_maxrss > m->peak && f->source->marked)
		m->peak = ru_maxrss;
}

/* Its end is seen here first. An orphan is ours by now and reaped at once: then it has a status.
 * Its memory goes some time before it can be waited for (seconds, where it was large); until then
 * the end is left to the next tick. */
void family_see_end(struct family *f, struct member *m)
{
	int status = PROFILE_STATUS_UNKNOWN;
	uint64_t ru_maxrss = 0;
	pid_t ended = -ECHILD;
	if (m->pid == f->reaped)
		return;
	if (m != f->members[0] && f->reach == FAMILY_ADOPTS)
		ended = target_wait(m->pid, &status, &ru_maxrss);
	if (ended == m->pid)
		take_end(f, m, status, ru_maxrss);
	if (ended != 0)
		mark_ended(f, m);
}

/* Does the pid still stand for this process, if only for its zombie? */
bool family_is_same(const struct member *m)
{
	struct procfs_stat stat;
	if (children_is_kept(&m->children))
		return children_has_parent(&m->children);
	return procfs_stat(m->pid, &stat) == 0 && (m->start == 0 || stat.start == m->start);
}

/* ---- sampling ---- */

/* It may show the memory of the process that made it, which is counted there. Memory can cease to
 * be shared, but not come to be. */
static bool is_guest(struct family *f, struct member *m)
{
	if (m->looks == 0 && !m->executed && m != f->members[0]) {
		const struct member *parent = family_find(f, m->ppid);
		m->shares = !parent ? 0 : parent->shares ? parent->shares : parent->pid;
	}
	if (m->shares && !sharing_memory(m->shares, m->pid))
		m->shares = 0;
	return m->shares != 0;
}

static bool bears_parents_name(const struct family *f, const struct member *m)
{
	struct procfs_stat stat;
	struct member *parent = family_find(f, m->ppid);
	if (parent && !parent->comm[0] && procfs_stat(parent->pid, &stat) == 0)
		strcpy(parent->comm, stat.name);
	return parent && strcmp(parent->comm, m->comm) == 0;
}

/* Whoever is seen between fork and exec bears its parent's name: that is not told while it is
 * young, and looked at again, ever more seldom. */
static void consider_name(struct family *f, struct member *m, int64_t now)
{
	struct procfs_stat stat;
	uint32_t n = m->looks++;
	if (m->shares || (m->named && (n < 2 || (n & (n - 1)) != 0)))
		return;
	if (m->named || (n > 0 && !m->executed)) {
		if (procfs_stat(m->pid, &stat) < 0 || (m->start && stat.start != m->start))
			return;
		if (m->named && strcmp(stat.name, m->comm) == 0)
			return;
		strcpy(m->comm, stat.name);
	}
	if (!m->named && !m->executed && now - m->born < YOUNG && bears_parents_name(f, m))
		return;
	if (m->named)
		tell_born(f, m);
	family_name(f, m, now);
}

/* Where the kernel tells of ends, its word is waited for: it has more to say than that nothing can
 * be read. An account is there before that. */
static bool is_overdue(const struct family *f, struct member *m, int64_t now)
{
	int64_t patience = family_is_whole(f) ? OVERDUE : f->exits.fd >= 0 ? 0 : -1;
	if (m->unread == 0)
		m->unread = now;
	return now - m->unread > patience;
}

static void miss(struct family *f, struct member *m, int64_t now)
{
	if (is_overdue(f, m, now))
		family_see_end(f, m);
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
	uint64_t bytes, before = m->measured ? m->bytes : 0;
	m->most = before;
	m->measured = false;
	if (m->ended || !m->source)
		return;
	if (m->start != 0 && !children_is_kept(&m->children) && !family_is_same(m)) {
		miss(f, m, now);
		return;
	}
	bool guest = (m->looks == 0 || m->shares) && is_guest(f, m);
	int64_t at = f->source->costly ? sampler_now() : now;
	int r = guest ? 0 : m->source->read(m->state, &bytes);
	if ((r == -EACCES || r == -EPERM) && m->source->costly && fall_back(f, m) == 0)
		r = m->source->read(m->state, &bytes);
	if (r == -ESRCH)
		miss(f, m, now);
	if (r < 0)
		return;
	if (!guest) {
		m->measured = true;
		m->unread = 0;
		m->bytes = bytes;
		m->at = at;
		m->peak = bytes > m->peak ? bytes : m->peak;
	}
	if (!guest && m->mark)
		take_mark(m, before);
	if (m != f->members[0])
		consider_name(f, m, now);
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

int family_meet(struct family *f, struct member *m)
{
	struct procfs_stat stat;
	int r = procfs_stat(m->pid, &stat);
	if (r == 0) {
		m->start = stat.start;
		m->ppid = m->ppid ? m->ppid : stat.ppid;
		strcpy(m->comm, stat.name);
		r = open_member(f, m);
	}
	if (r == 0)
		tell_born(f, m);
	else
		close_source(m);
	return r;
}

/* One that ends in here, at any point, has still been seen. What is told of a fork before this
 * moment is told of this one. */
static void welcome(struct family *f, pid_t pid, int64_t now)
{
	if (family_find(f, pid) || is_stranger(f, pid))
		return;
	struct member *m = family_add(f, pid, 0, sampler_now());
	if (m && family_meet(f, m) < 0) {
		family_forget(f, m);
		return;
	}
	if (m) {
		f->descendants++;
		measure(f, m, now);
	}
}

/* Every process names its parent. A parent may stand behind its child in the folder: the search is
 * over when nobody new was found. */
static void scan(struct family *f, int64_t now)
{
	struct procfs_stat stat;
	size_t before;
	char path[MACHINE_PATH];
	machine_path(path, "/proc");
	DIR *folder = opendir(path);
	if (!folder)
		return;
	do {
		before = f->n;
		rewinddir(folder);
		for (struct dirent *entry; (entry = readdir(folder));) {
			pid_t pid =
				isdigit((unsigned char)entry->d_name[0]) ? atoi(entry->d_name) : 0;
			if (pid == 0 || family_find(f, pid) || procfs_stat(pid, &stat) < 0)
				continue;
			bool orphan = f->reach == FAMILY_ADOPTS && stat.ppid == getpid();
			if (orphan || family_find(f, stat.ppid))
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
	if (family_is_whole(f)) {
		if (now - f->looked_at < LOOK_SELDOM)
			return false;
		f->looked_at = now;
		return true;
	}
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

static void forget_ended(struct family *f)
{
	size_t kept = f->n > 0;
	for (size_t i = 1; i < f->n; i++) {
		struct member *m = f->members[i];
		if (!m->ended || family_is_same(m))
			f->members[kept++] = m;
		else
			free_member(f, m);
	}
	f->n = kept;
}

void family_listen(struct family *f, int64_t now)
{
	family_follow(f, now);
	forget_ended(f);
}

int family_sample(struct family *f, int64_t now, uint64_t *total)
{
	family_listen(f, now);
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
	f->reaped = pid;
	family_follow(f, sampler_now());
	f->reaped = 0;
	struct member unseen = { .pid = pid }, *m = family_find(f, pid);
	if (is_stranger(f, pid))
		return;
	if (!m && f->disowned.n > 0) /* whose it was cannot be told any more */
		return;
	if (!m) { /* it came and went between two samples */
		m = &unseen;
		f->descendants++;
	}
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
	family_follow(f, sampler_now());
	for (size_t i = 1; i < f->n; i++) {
		struct member *m = f->members[i];
		if (!m->ended && (procfs_stat(m->pid, &stat) < 0 || stat.state == 'Z' ||
				  stat.state == 'X' || stat.start != m->start))
			family_see_end(f, m);
	}
}

/* ---- the beginning and the end ---- */

int family_prepare(struct family *f, enum family_reach reach)
{
	*f = (struct family){ .reach = reach, .newest.fd = -1, .exits.fd = -1 };
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

void family_attend(struct family *f)
{
	if (f->reach == FAMILY_ADOPTS)
		events_open(&f->events);
	if (f->reach != FAMILY_ALONE)
		exits_open(&f->exits);
}

int family_open(struct family *f, pid_t pid, const struct source *source,
		const struct family_watcher *watcher)
{
	f->source = source;
	if (watcher)
		f->watcher = *watcher;
	struct member *m = family_add(f, pid, 0, 0);
	int r = m ? open_member(f, m) : -ENOMEM;
	if (m && r < 0)
		family_forget(f, m);
	return r;
}

void family_close(struct family *f)
{
	for (size_t i = 0; i < f->n; i++)
		free_member(f, f->members[i]);
	children_close(&f->own);
	procfs_close(&f->newest);
	events_close(&f->events);
	exits_close(&f->exits);
	pids_free(&f->strangers);
	pids_free(&f->found);
	pids_free(&f->disowned);
	free(f->members);
	*f = (struct family){ .newest.fd = -1, .exits.fd = -1 };
	f->own.tasks = f->own.leader.fd = -1;
}
