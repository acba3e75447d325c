#include "recorder/tree/family.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "recorder/kernel/alive.h"
#include "recorder/kernel/clock.h"
#include "recorder/kernel/machine.h"
#include "recorder/tree/ends.h"
#include "recorder/tree/follow.h"
#include "recorder/tree/handles.h"
#include "recorder/tree/hidden.h"
#include "recorder/tree/measure.h"
#include "recorder/tree/newcomers.h"
#include "recorder/tree/news.h"

void family_listen(struct family *f, int64_t now)
{
	follow_until(f, now);
	members_drop_ended(f);
}

int family_sample(struct family *f, int64_t now, uint64_t *total)
{
	family_listen(f, now);
	for (size_t i = 0; i < f->n; i++)
		measure(f, f->members[i], now);
	newcomers_look(f, now);
	hidden_count(f);
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
	follow_until(f, clock_now());
	f->reaped = 0;
	struct member unseen = { .pid = pid }, *m = members_find(f, pid);
	if (members_is_stranger(f, pid))
		return;
	if (!m && f->disowned.n > 0) /* whose it was cannot be told any more */
		return;
	if (!m) { /* it came and went between two samples */
		m = &unseen;
		f->descendants++;
	}
	ends_take(f, m, status, ru_maxrss);
	if (m != &unseen)
		ends_declare(f, m);
	else
		news_gone(f, m);
}

int family_ignore(struct family *f, pid_t pid)
{
	return pids_add(&f->strangers, pid);
}

void family_disown(struct family *f, pid_t pid)
{
	pids_add(&f->disowned, pid);
}

/* Who was met last of all has no later moment to be named at. */
static void name_all(struct family *f)
{
	for (size_t i = 1; i < f->n; i++)
		if (!f->members[i]->ended && !f->members[i]->named)
			news_name(f, f->members[i], f->members[i]->born);
}

void family_settle(struct family *f)
{
	struct procfs_stat stat;
	follow_until(f, clock_now());
	f->blind |= family_is_whole(f) && !events_are_whole(&f->events);
	newcomers_look_again(f, clock_now());
	for (size_t i = 1; i < f->n; i++) {
		struct member *m = f->members[i];
		int r = m->ended ? 0 : procfs_stat(m->pid, &stat);
		if (r < 0 && alive_is_hidden(m->pid))
			continue;
		if (!m->ended &&
		    (r < 0 || !procfs_lives(&stat, m->pid) || (m->start && stat.start != m->start)))
			ends_see(f, m);
	}
	name_all(f);
}

size_t family_living(const struct family *f, const struct member *living[], size_t room)
{
	size_t n = 0;
	for (size_t i = 1; i < f->n; i++) {
		if (f->members[i]->ended || f->members[i]->left_at)
			continue;
		if (n < room)
			living[n] = f->members[i];
		n++;
	}
	return n;
}

/* What is of no process can be read on. */
void family_outlive(struct family *f)
{
	if (f->n > 0 && !source_is_common(f->source))
		f->members[0]->ended = true;
}

static bool is_known_to_have_ended(const struct family *f, pid_t pid)
{
	const struct member *m = members_find(f, pid);
	return m && m->ended;
}

/* The last orphan may have been forked since the last look. */
bool family_lives(struct family *f)
{
	for (size_t i = 1; i < f->n; i++)
		if (!f->members[i]->ended)
			return true;
	if (f->reach != FAMILY_ADOPTS || f->scanning)
		return false;
	f->found.n = 0;
	children_list(&f->own, &f->found);
	for (size_t i = 0; i < f->found.n; i++)
		if (!members_is_stranger(f, f->found.items[i]) &&
		    !is_known_to_have_ended(f, f->found.items[i]))
			return true;
	return false;
}

/* ---- the beginning and the end ---- */

int family_prepare(struct family *f, enum family_reach reach)
{
	*f = (struct family)FAMILY_CLOSED;
	f->reach = reach;
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

void family_attend(struct family *f, bool faults)
{
	unsigned wanted = f->reach == FAMILY_ADOPTS ? EVENTS_TASKS : 0;
	wanted |= faults ? EVENTS_FAULTS : 0;
	if (wanted)
		events_open(&f->events, wanted);
	if (f->reach != FAMILY_ALONE)
		exits_open(&f->exits, f->events.n + f->events.n_off);
}

static void list_threads(pid_t pid, struct pids *threads)
{
	char path[MACHINE_PATH];
	machine_path(path, "/proc/%d/task", (int)pid);
	threads->n = 0;
	DIR *folder = opendir(path);
	for (struct dirent *entry; folder && (entry = readdir(folder));)
		if (isdigit((unsigned char)*entry->d_name))
			pids_add(threads, atoi(entry->d_name));
	if (folder)
		closedir(folder);
}

/* Those that were begun meanwhile are in the second list. */
void family_attend_running(struct family *f, pid_t pid)
{
	struct pids threads = { 0 };
	list_threads(pid, &threads);
	if (events_adopt(&f->events, threads.items, threads.n) == 0) {
		list_threads(pid, &threads);
		for (size_t i = 0; i < threads.n; i++)
			events_follow(&f->events, threads.items[i]);
	}
	pids_free(&threads);
}

int family_open(struct family *f, pid_t pid, const struct source *source,
		const struct family_watcher *watcher)
{
	f->source = source;
	if (watcher)
		f->watcher = *watcher;
	struct member *m = members_add(f, pid, 0, 0);
	int r = m ? handles_open(f, m) : -ENOMEM;
	if (m && r < 0)
		members_remove(f, m);
	return r;
}

void family_close(struct family *f)
{
	members_close(f);
	children_close(&f->own);
	procfs_close(&f->newest);
	events_close(&f->events);
	exits_close(&f->exits);
	pids_free(&f->strangers);
	pids_free(&f->found);
	pids_free(&f->disowned);
	*f = (struct family)FAMILY_CLOSED;
}
