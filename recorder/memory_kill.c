/* Was it the kernel that killed the target, or one of its descendants, because memory was used up?
 * Of two witnesses, a process that died of SIGKILL and a counter of such kills that rose meanwhile,
 * both must speak; for descendants whose end nobody told us the kernel's log stands in for the
 * first. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "recorder/cgroup.h"
#include "recorder/children.h"
#include "recorder/kernel_log.h"
#include "recorder/limit.h"
#include "recorder/probe.h"
#include "recorder/record.h"
#include "recorder/watch.h"
#include "share/fault.h"
#include "share/format.h"

/* ns after the first sample: the reading of all this would cost a short program's recorder as much
 * as the rest, and nobody uses up a machine's memory sooner. */
static const int64_t LATER = 5000000;

struct memory_kill {
	struct cgroup group;
	bool grouped, looked;
	uint64_t group_kills, machine_kills; /* before */
	uint64_t limit;                      /* bytes; 0: none below what the machine has */
	struct pids gone;                    /* descendants that have ended */
	pid_t killed;                        /* was seen to die of SIGKILL; 0: nobody */
	pid_t victim;                        /* 0: nobody was killed for memory */
};

static uint64_t machine_kills(void)
{
	static const char key[] = "\noom_kill ";
	char text[16384];
	const char *at;
	if (procfs_once(0, "vmstat", text, sizeof text) <= 0 || !(at = strstr(text, key)))
		return 0;
	return strtoull(at + sizeof key - 1, NULL, 10);
}

static uint64_t group_kills(const struct memory_kill *k)
{
	uint64_t kills = 0;
	if (k->grouped)
		cgroup_read(&k->group, CGROUP_KILLS, &kills);
	return kills;
}

/* A limit above what the machine has is none. */
static void read_limit(struct memory_kill *k, uint64_t *limit)
{
	uint64_t bytes;
	if (k->grouped && cgroup_limit(&k->group, &bytes) == 0 && bytes < limit_of_machine())
		k->limit = *limit = bytes;
}

static int kill_open(void *state, struct watch *w)
{
	(void)state;
	(void)w;
	return 0;
}

static int64_t kill_wait(const void *state, const struct watch *w, int64_t now)
{
	const struct memory_kill *k = state;
	int64_t left = w->sampler.first + LATER - now;
	return k->looked ? -1 : left > 0 ? left : 0;
}

static void kill_look(void *state, struct watch *w, int64_t now)
{
	struct memory_kill *k = state;
	char mib[32];
	(void)now;
	k->looked = true;
	k->grouped = cgroup_find(&k->group, "", w->target->pid) == 0;
	k->group_kills = group_kills(k);
	k->machine_kills = machine_kills();
	read_limit(k, &w->limit);
	snprintf(mib, sizeof mib, "%.6f", sample_mib(sample_umib(k->limit)));
	const struct profile_pair pairs[] = { { "limit", mib }, { "limit_kind", "cgroup" } };
	if (k->limit > 0)
		profile_put_meta(w->writer, pairs, 2);
}

static void kill_gone(void *state, struct watch *w, const struct member *member)
{
	struct memory_kill *k = state;
	(void)w;
	pids_add(&k->gone, member->pid);
	if (member->status == -SIGKILL)
		k->killed = member->pid;
}

static bool is_gone(void *context, pid_t pid)
{
	struct memory_kill *k = context;
	for (size_t i = 0; i < k->gone.n; i++)
		if (k->gone.items[i] == pid) {
			k->victim = pid;
			return true;
		}
	return false;
}

/* A shell whose child died of a signal says 128 and the signal; a timeout or a debugger may have
 * sent it, so the counters must have risen all the same. */
static bool died_by_signal(int status)
{
	return status == -SIGKILL || status == 128 + SIGKILL;
}

static bool has_risen(const struct memory_kill *k)
{
	return group_kills(k) > k->group_kills || machine_kills() > k->machine_kills;
}

/* Nobody saw a signal, or the counters before it: the log may know. */
static bool is_logged(struct memory_kill *k, const struct watch *w)
{
	pids_add(&k->gone, w->target->pid);
	return kernel_log_kills(w->sampler.first / 1000, is_gone, k) == 1;
}

static void put_victim(const struct memory_kill *k, struct watch *w)
{
	char pid[16];
	snprintf(pid, sizeof pid, "%d", (int)k->victim);
	const struct profile_pair pairs[] = { { "killed", "oom" }, { "killed_pid", pid } };
	profile_put_meta(w->writer, pairs, 2);
}

/* Since the group was made: not of this run alone, unless the group is. */
static void put_group_peak(const struct memory_kill *k, struct watch *w)
{
	char mib[32];
	uint64_t peak;
	if (!k->grouped || !strstr(w->options->metric, "cgroup") ||
	    cgroup_read(&k->group, CGROUP_PEAK, &peak) < 0)
		return;
	snprintf(mib, sizeof mib, "%.6f", sample_mib(sample_umib(peak)));
	profile_put_meta(w->writer, &(struct profile_pair){ "cgroup_peak", mib }, 1);
}

static void kill_end(void *state, struct watch *w)
{
	struct memory_kill *k = state;
	put_group_peak(k, w);
	bool killed = died_by_signal(w->target->status);
	bool suspicious = killed || k->gone.n > 0 || !w->target->ours;
	if (!w->target->ended || !suspicious || (k->looked && !has_risen(k)))
		return;
	if (killed)
		k->killed = w->target->pid;
	if (k->looked && k->killed)
		k->victim = k->killed;
	else if (!is_logged(k, w))
		return;
	put_victim(k, w);
}

static int kill_say(void *state, const struct recording *r, const struct watch *w, int status)
{
	const struct memory_kill *k = state;
	char peak[FORMAT_SIZE], limit[FORMAT_SIZE], who[64] = "the program";
	if (k->victim == 0 || r->options->quiet)
		return status;
	if (k->victim != w->target->pid)
		snprintf(who, sizeof who, "process %d, which the program started,", (int)k->victim);
	format_memory(limit, sample_mib(sample_umib(k->limit)));
	warning("%s was killed: out of memory%s%s%s; highest sample %s", who,
		k->limit ? " (its control group allows " : "", k->limit ? limit : "",
		k->limit ? ")" : "", format_memory(peak, sample_mib(sample_umib(w->peak))));
	return status;
}

static void kill_close(void *state)
{
	struct memory_kill *k = state;
	pids_free(&k->gone);
}

extern const struct probe probe_memory_kill;
const struct probe probe_memory_kill = {
	.name = "memory kill",
	.state_size = sizeof(struct memory_kill),
	.open = kill_open,
	.wait = kill_wait,
	.look = kill_look,
	.gone = kill_gone,
	.end = kill_end,
	.say = kill_say,
	.close = kill_close,
};
