#include "recorder/where/crew.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#include "recorder/kernel/machine.h"
#include "share/array.h"

enum {
	BURST = 16, /* faults in one look that make a thread one of those … */
	WARM = 32,  /* looks without a fault until a thread is one of the others */
	FEW = 4,
	MOST_WARM = 40, /* of those that a look asks; the others are asked in turn */
	TRIFLE = 20,    /* one that has had less than so manieth of the faults is not chosen */
};

/* Counted from the state, which is field 3: a name may hold anything. */
int crew_parse(const char *text, struct crew_stat *stat)
{
	const char *close = strrchr(text, ')');
	unsigned long minor = 0, major = 0;
	if (!close || sscanf(close + 1,
			     " %c %*d %*d %*d %*d %*d %*u %lu %*u %lu %*u %*u %*u %*d %*d %*d %*d "
			     "%u",
			     &stat->state, &minor, &major, &stat->threads) != 4)
		return -EINVAL;
	stat->faults = (uint64_t)minor + major;
	return 0;
}

static bool ask(const struct crew_member *member, struct crew_stat *stat)
{
	char text[1024];
	return procfs_read(&member->stat, text, sizeof text) > 0 && crew_parse(text, stat) == 0;
}

static void count(struct crew_member *member, const struct crew_stat *stat)
{
	if (member->known && stat->faults > member->faults)
		member->fresh += stat->faults - member->faults;
	member->known = true;
	member->faults = stat->faults;
	member->state = stat->state;
}

void crew_ask(struct crew_member *member)
{
	struct crew_stat stat;
	if (ask(member, &stat))
		count(member, &stat);
}

/* One that waits in D for a page that it touched, or for the lock to have one, is in no call: the
 * kernel tells -1 in place of a number (proc_pid_syscall(5)). Of the calls that wait there, those
 * that fill memory run as well. */
static bool fills(const struct crew_member *member)
{
	static const long calls[] = { -1,         SYS_read,    SYS_pread64, SYS_readv,
				      SYS_preadv, SYS_mmap,    SYS_munmap,  SYS_brk,
				      SYS_mremap, SYS_madvise, SYS_mlock,   SYS_mprotect };
	char text[256];
	struct procfs file = {
		.pid = member->stat.pid, .thread = member->thread, .name = "syscall", .fd = -1
	};
	if (procfs_read(&file, text, sizeof text) <= 0)
		return false;
	long call = text[0] == 'r' ? -1 : strtol(text, NULL, 10); /* running, again */
	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
		if (call == calls[i])
			return true;
	return false;
}

bool crew_runs(const struct crew_member *member)
{
	return member->state == 'R' || (member->state == 'D' && fills(member));
}

/* ---- who there is ---- */

static int by_number(const void *a, const void *b)
{
	const struct crew_member *x = a, *y = b;
	return x->thread < y->thread ? -1 : x->thread > y->thread;
}

static struct crew_member *find(const struct crew *crew, size_t n, pid_t thread)
{
	struct crew_member key = { .thread = thread };
	return n ? bsearch(&key, crew->members, n, sizeof key, by_number) : NULL;
}

static void add(struct crew *crew, size_t known, pid_t thread)
{
	struct crew_member *member = find(crew, known, thread);
	if (member) {
		member->lives = true;
		return;
	}
	if (thread <= 0 || crew->n == CREW_MOST)
		return;
	member = array_more(&crew->members, &crew->n, sizeof *member);
	if (member)
		*member = (struct crew_member){
			.thread = thread,
			.known = crew->looked,
			.lives = true,
			.warm = crew->looked ? 1 : 0,
			.stat = { .pid = crew->pid, .thread = thread, .name = "stat", .fd = -1 },
		};
}

static void bury(struct crew *crew)
{
	size_t n = 0;
	for (size_t i = 0; i < crew->n; i++) {
		struct crew_member *member = &crew->members[i];
		if (!member->lives) {
			procfs_close(&member->stat);
			continue;
		}
		member->lives = false;
		crew->members[n++] = *member;
	}
	crew->n = n;
	qsort(crew->members, n, sizeof *crew->members, by_number);
}

static void list(struct crew *crew)
{
	char path[MACHINE_PATH];
	machine_path(path, "/proc/%d/task", (int)crew->pid);
	size_t known = crew->n;
	DIR *folder = opendir(path);
	for (struct dirent *entry; folder && (entry = readdir(folder));)
		add(crew, known, atoi(entry->d_name));
	if (folder)
		closedir(folder);
	if (crew->n > 0)
		bury(crew);
	crew->stale = false;
}

/* ---- a look ---- */

static void keep_open(struct crew_member *member)
{
	if (member->warm > 0 && member->stat.fd < 0)
		procfs_open(&member->stat, member->stat.pid, member->thread, "stat");
	else if (member->warm == 0)
		procfs_close(&member->stat);
}

static void ask_one(struct crew *crew, struct crew_member *member)
{
	struct crew_stat stat;
	if (member->round == crew->round)
		return;
	member->round = crew->round;
	crew->asked++;
	if (!ask(member, &stat)) {
		crew->stale = true;
		return;
	}
	crew->threads = stat.threads;
	count(member, &stat);
	member->warm = member->fresh >= BURST ? WARM : member->warm - (member->warm > 0);
	keep_open(member);
}

/* Begun elsewhere at each look, so that of too many each has a turn. */
static void ask_warm(struct crew *crew)
{
	for (size_t i = 0; i < crew->n && crew->asked < MOST_WARM; i++) {
		struct crew_member *member = &crew->members[(crew->next + i) % crew->n];
		if (member->warm > 0)
			ask_one(crew, member);
	}
}

static uint64_t found(const struct crew *crew)
{
	uint64_t sum = 0;
	for (size_t i = 0; i < crew->n; i++)
		sum += crew->members[i].fresh;
	return sum;
}

/* A few each time, for who begins beside those that are known to. */
static void ask_in_turn(struct crew *crew, size_t most)
{
	most += crew->asked;
	for (size_t i = 0; i < crew->n && crew->asked < most && crew->asked < CREW_ASKED; i++)
		ask_one(crew, &crew->members[crew->next++ % crew->n]);
}

static bool has_changed(const struct crew *crew)
{
	return crew->stale || crew->n == 0 || (crew->threads != crew->n && crew->n < CREW_MOST);
}

uint64_t crew_look(struct crew *crew, uint64_t wanted)
{
	for (size_t i = 0; i < crew->n; i++)
		crew->members[i].fresh = 0;
	crew->asked = 0;
	crew->round++;
	ask_warm(crew);
	ask_in_turn(crew, FEW);
	if (has_changed(crew)) {
		list(crew);
		ask_warm(crew);
		ask_in_turn(crew, FEW);
	}
	while (crew->asked < crew->n && crew->asked < CREW_ASKED && found(crew) < wanted)
		ask_in_turn(crew, 2 * FEW);
	crew->looked = true;
	return found(crew);
}

size_t crew_choose(struct crew *crew, bool by_faults, uint64_t sum,
		   struct crew_member *chosen[CREW_CHOSEN])
{
	size_t n = 0;
	struct crew_member *idle = crew->n ? &crew->members[0] : NULL;
	for (size_t i = 0; i < crew->n; i++) {
		struct crew_member *member = &crew->members[i];
		if (member->state == 'R' && idle->state != 'R')
			idle = member;
		if (!by_faults || member->fresh == 0 || member->fresh < sum / TRIFLE)
			continue;
		size_t at = n < CREW_CHOSEN ? n++ : CREW_CHOSEN;
		for (; at > 0 && chosen[at - 1]->fresh < member->fresh; at--)
			if (at < CREW_CHOSEN)
				chosen[at] = chosen[at - 1];
		if (at < CREW_CHOSEN)
			chosen[at] = member;
	}
	if (n == 0 && idle)
		chosen[n++] = idle;
	return n;
}

void crew_close(struct crew *crew)
{
	for (size_t i = 0; i < crew->n; i++)
		procfs_close(&crew->members[i].stat);
	free(crew->members);
	*crew = (struct crew){ .pid = crew->pid };
}
