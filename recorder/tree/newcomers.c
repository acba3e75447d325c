#include "recorder/tree/newcomers.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "recorder/kernel/cgroup_search.h"
#include "recorder/kernel/clock.h"
#include "recorder/kernel/machine.h"
#include "recorder/tree/ends.h"
#include "recorder/tree/family.h"
#include "recorder/tree/hidden.h"
#include "recorder/tree/measure.h"
#include "recorder/tree/waits.h"

/* Nobody can be new while no pid has been given out. A pid is given out shortly before its process
 * appears in a list, and a list that is read while others end may leave it out: so looking goes on
 * for a while after the last fork, and is done now and then in any case. */
static const int64_t SETTLED = 50000000, LOOK_EVERY = 1000000000,
		     LOOK_SELDOM = 10000000000; /* ns */

/* One that ends in here, at any point, has still been seen. What is told of a fork before this
 * moment is told of this one. */
static void welcome(struct family *f, pid_t pid, int64_t now)
{
	if (members_find(f, pid) || members_is_stranger(f, pid))
		return;
	struct member *m = members_add(f, pid, 0, clock_now());
	int r = m ? members_meet(f, m) : -ENOMEM;
	if (m && r < 0 && !hidden_note(f, m, r)) {
		members_remove(f, m);
		return;
	}
	if (!m)
		return;
	f->descendants++;
	if (r < 0)
		f->unsettled++; /* it may yet come to be seen */
	else
		measure(f, m, now);
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
			if (pid == 0 || members_find(f, pid) || procfs_stat(pid, &stat) < 0)
				continue;
			bool orphan = f->reach == FAMILY_ADOPTS && stat.ppid == getpid();
			if (orphan || members_find(f, stat.ppid))
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

struct group_look {
	struct family *family;
	int64_t now;
};

static bool take_one(void *context, pid_t pid)
{
	struct group_look *look = context;
	if (pid <= 0)
		return false;
	welcome(look->family, pid, look->now);
	struct member *m = members_find(look->family, pid);
	if (m)
		m->listed = look->now;
	return false;
}

/* Whoever was put into another group has left. A list that is read while others come and go may
 * leave one out: so it must be missing twice. */
static void look_in_group(struct family *f, int64_t now)
{
	struct group_look look = { f, now };
	int64_t before = f->looked_at;
	cgroup_each(f->group, take_one, &look);
	for (size_t i = 1; i < f->n; i++)
		if (!f->members[i]->ended && f->members[i]->listed < before)
			ends_declare(f, f->members[i]);
	f->looked_at = now;
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
		f->blind |= !events_are_whole(&f->events);
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
	waits_look(f, now);
	return true;
}

void newcomers_look(struct family *f, int64_t now)
{
	if (f->reach == FAMILY_GROUP)
		look_in_group(f, now);
	else if (f->reach != FAMILY_ALONE && is_worth_looking(f, now))
		look(f, now);
}

void newcomers_look_again(struct family *f, int64_t now)
{
	if (f->reach != FAMILY_ALONE && !family_is_whole(f))
		look(f, now);
}
