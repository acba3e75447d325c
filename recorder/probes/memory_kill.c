/* Was it the kernel that killed the target, or one of its descendants, because memory was used up?
 * Its log names whom it killed, but is not open to everybody and in a container has other pids.
 * Without it two witnesses must speak: a process that died of SIGKILL, and a count of such kills
 * that rose meanwhile. That of the control group leaves hardly a doubt; that of the whole machine
 * may have risen for somebody else's sake. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "recorder/kernel/cgroup.h"
#include "recorder/kernel/kernel_log.h"
#include "recorder/kernel/limit.h"
#include "recorder/probes/probe.h"
#include "recorder/record.h"
#include "recorder/recording/watch.h"
#include "recorder/tree/children.h"
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
	bool limit_slows;                    /* see cgroup_limit */
	uint64_t group_peak; /* before, where it is asked for; UINT64_MAX: not known */
	int log;             /* the kernel's, from then on; -1: closed to us */
	struct pids gone;    /* descendants that have ended */
	pid_t killed;        /* was seen to die of SIGKILL; 0: nobody */
	pid_t victim;        /* 0: nobody was killed for memory */
	bool doubtful;
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
	if (k->grouped && cgroup_limit(&k->group, &bytes, &k->limit_slows) == 0 &&
	    bytes < limit_of_machine())
		k->limit = *limit = bytes;
}

static uint64_t read_group_peak(const struct memory_kill *k, const struct watch *w)
{
	uint64_t peak = UINT64_MAX;
	if (k->grouped && strstr(w->options->metric, "cgroup"))
		cgroup_read(&k->group, CGROUP_PEAK, &peak);
	return peak;
}

static void put_limit(const struct memory_kill *k, struct watch *w)
{
	char mib[32];
	snprintf(mib, sizeof mib, "%.6f", sample_mib(sample_umib(k->limit)));
	const struct profile_pair pairs[] = {
		{ "limit", mib },
		{ "limit_kind", k->limit_slows ? "cgroup.high" : "cgroup" },
	};
	if (k->limit > 0)
		profile_put_meta(w->writer, pairs, 2);
}

static int kill_open(void *state, struct watch *w)
{
	struct memory_kill *k = state;
	(void)w;
	k->log = -1;
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
	(void)now;
	k->looked = true;
	k->grouped = cgroup_find(&k->group, w->target->pid) == 0;
	k->group_kills = group_kills(k);
	k->machine_kills = machine_kills();
	k->group_peak = read_group_peak(k, w);
	k->log = kernel_log_open(false);
	read_limit(k, &w->limit);
	put_limit(k, w);
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

/* Of those who ended before there was a look, what the log has from before it is asked too. */
static bool is_logged(struct memory_kill *k, const struct watch *w)
{
	int log = k->looked ? k->log : kernel_log_open(true);
	pids_add(&k->gone, w->target->pid);
	bool found = log >= 0 &&
		     kernel_log_kills(log, k->looked ? 0 : w->sampler.first / 1000, is_gone, k);
	if (!k->looked && log >= 0)
		close(log);
	return found;
}

static void find_victim(struct memory_kill *k, const struct watch *w)
{
	bool group = k->looked && group_kills(k) > k->group_kills;
	bool machine = k->looked && machine_kills() > k->machine_kills;
	if (died_by_signal(w->target->status))
		k->killed = w->target->pid;
	/* Without a look before, only who was seen to be killed is worth the reading of the whole
	 * log. */
	if (k->looked ? !group && !machine : !k->killed)
		return;
	if (is_logged(k, w) || !k->looked || !k->killed)
		return;
	k->victim = k->killed;
	k->doubtful = !group;
}

static void put_victim(const struct memory_kill *k, struct watch *w)
{
	char pid[16];
	snprintf(pid, sizeof pid, "%d", (int)k->victim);
	const struct profile_pair pairs[] = {
		{ "killed", k->doubtful ? "oom?" : "oom" },
		{ "killed_pid", pid },
	};
	profile_put_meta(w->writer, pairs, 2);
}

/* Since the group was made: where it did not rise while we watched, it tells nothing of this run.
 */
static void put_group_peak(const struct memory_kill *k, struct watch *w)
{
	char mib[32];
	uint64_t peak = read_group_peak(k, w);
	if (peak == UINT64_MAX || peak <= k->group_peak)
		return;
	snprintf(mib, sizeof mib, "%.6f", sample_mib(sample_umib(peak)));
	profile_put_meta(w->writer, &(struct profile_pair){ "cgroup_peak", mib }, 1);
}

static void kill_end(void *state, struct watch *w)
{
	struct memory_kill *k = state;
	put_group_peak(k, w);
	bool suspicious = died_by_signal(w->target->status) || k->gone.n > 0 || !w->target->ours;
	if (!w->target->ended || !suspicious)
		return;
	find_victim(k, w);
	if (k->victim)
		put_victim(k, w);
}

static void describe_limit(const struct memory_kill *k, char *out, size_t size)
{
	char limit[FORMAT_SIZE];
	*out = '\0';
	if (k->limit > 0 && !k->limit_slows)
		snprintf(out, size, " (its control group allows %s)",
			 format_memory(limit, sample_mib(sample_umib(k->limit))));
}

static int kill_say(void *state, const struct recording *r, const struct watch *w, int status)
{
	const struct memory_kill *k = state;
	char peak[FORMAT_SIZE], limit[FORMAT_SIZE + 40], who[64] = "the program";
	if (k->victim == 0 || r->options->quiet)
		return status;
	if (k->victim != w->target->pid)
		snprintf(who, sizeof who, "process %d, which the program started,", (int)k->victim);
	describe_limit(k, limit, sizeof limit);
	warning("%s was killed: %sout of memory%s; highest sample %s", who,
		k->doubtful ? "probably " : "", limit,
		format_memory(peak, sample_mib(sample_umib(w->peak))));
	return status;
}

static void kill_close(void *state)
{
	struct memory_kill *k = state;
	pids_free(&k->gone);
	if (k->log > 0)
		close(k->log);
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
