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
#include "recorder/kernel/clock.h"
#include "recorder/kernel/kernel_log.h"
#include "recorder/kernel/limit.h"
#include "recorder/kernel/membership.h"
#include "recorder/kernel/oomd.h"
#include "recorder/recording/figure.h"
#include "recorder/recording/recording.h"
#include "recorder/tree/children.h"
#include "share/fault.h"

/* ns after the first sample: the reading of all this would cost a short program's recorder as much
 * as the rest, and nobody uses up a machine's memory sooner. */
static const int64_t LATER = 5000000;

/* A limit is five files or more, and is changed seldom. */
static const int64_t LIMIT_EVERY = 1000000000;

enum { MOST_GONE = 1 << 16 };

struct memory_kill {
	struct membership membership;
	bool looked;
	uint64_t group_kills, machine_kills; /* before */
	bool killed_before; /* somebody was, in a group that the target was in before this one */
	struct limit limit;
	int64_t limit_at;    /* monotonic ns of its reading */
	uint64_t group_peak; /* before, where it is asked for; UINT64_MAX: not known */
	int log;             /* the kernel's, from then on; -1: closed to us */
	struct pids gone;    /* descendants that have ended, the newest MOST_GONE of them */
	size_t ended;        /* all of them */
	pid_t killed;        /* was seen to die of SIGKILL; 0: nobody */
	pid_t victim;        /* 0: nobody was killed for memory */
	enum killer { BY_KERNEL, BY_KERNEL_PROBABLY, BY_OOMD, BY_US } by;
	uint64_t oomd_kills; /* before */
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

/* Of the group that it is in now. */
static uint64_t read_oomd_kills(const struct memory_kill *k)
{
	return k->membership.known ? oomd_kills(&k->membership.group) : 0;
}

static uint64_t group_kills(const struct memory_kill *k)
{
	uint64_t kills = 0;
	if (k->membership.known)
		cgroup_read(&k->membership.group, CGROUP_KILLS, &kills);
	return kills;
}

static uint64_t read_group_peak(const struct memory_kill *k, const struct recording *r)
{
	uint64_t peak = UINT64_MAX;
	if (k->membership.known && metric_list_has_group(&r->options.metrics))
		cgroup_read(&k->membership.group, CGROUP_PEAK, &peak);
	return peak;
}

/* One below what the machine has; told again when it has changed, or there is none any more. */
static void put_limit(const struct memory_kill *k, struct recording *r)
{
	static const char *const kinds[] = { [LIMIT_OF_MACHINE] = "none",
					     [LIMIT_OF_GROUP] = "cgroup",
					     [LIMIT_SLOWS] = "cgroup.high" };
	char mib[FIGURE_SIZE];
	r->limit.bytes = k->limit.kind == LIMIT_OF_MACHINE ? 0 : k->limit.bytes;
	const struct profile_pair pairs[] = {
		{ "limit", figure_write(mib, r->limit.bytes) },
		{ "limit_kind", kinds[k->limit.kind] },
	};
	profile_put_meta(&r->writer, pairs, 2);
}

static void take_limit(struct memory_kill *k, struct recording *r, int64_t now)
{
	struct limit before = k->limit;
	k->limit_at = now;
	k->limit = limit_of_group(k->membership.known ? &k->membership.group : NULL);
	if (k->limit.kind != before.kind ||
	    (k->limit.kind != LIMIT_OF_MACHINE && k->limit.bytes != before.bytes))
		put_limit(k, r);
}

static void begin_in_group(struct memory_kill *k, const struct recording *r)
{
	k->group_kills = group_kills(k);
	k->oomd_kills = read_oomd_kills(k);
	k->group_peak = read_group_peak(k, r);
}

static int64_t kill_wait(const void *state, const struct recording *r, int64_t now)
{
	const struct memory_kill *k = state;
	int64_t left = r->sampler.first + LATER - now;
	return k->looked ? -1 : left > 0 ? left : 0;
}

static void kill_look(void *state, struct recording *r, int64_t now)
{
	struct memory_kill *k = state;
	k->looked = true;
	membership_open(&k->membership, r->target.pid, now);
	begin_in_group(k, r);
	k->machine_kills = machine_kills();
	k->log = kernel_log_open(false);
	take_limit(k, r, now);
}

/* The target may be put into another group, and a group be given another limit. */
static void kill_sample(void *state, struct recording *r, int64_t now)
{
	struct memory_kill *k = state;
	struct cgroup before;
	bool moved;
	if (!k->looked || membership_wait(&k->membership, now) > 0)
		return;
	before = k->membership.group;
	bool known = k->membership.known;
	membership_look(&k->membership, now, &moved);
	if (moved) {
		uint64_t kills = k->group_kills;
		if (known)
			cgroup_read(&before, CGROUP_KILLS, &kills);
		k->killed_before |= kills > k->group_kills;
		begin_in_group(k, r);
	}
	if (moved || now - k->limit_at >= LIMIT_EVERY)
		take_limit(k, r, now);
}

static void kill_gone(void *state, struct recording *r, const struct member *member)
{
	struct memory_kill *k = state;
	(void)r;
	if (k->gone.n < MOST_GONE)
		pids_add(&k->gone, member->pid);
	else /* the oldest number has long been given out again */
		k->gone.items[k->ended % MOST_GONE] = member->pid;
	k->ended++;
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
static bool is_logged(struct memory_kill *k, const struct recording *r)
{
	int log = k->looked ? k->log : kernel_log_open(true);
	pids_add(&k->gone, r->target.pid);
	bool found =
		log >= 0 &&
		kernel_log_kills(log, k->looked ? 0 : (r->sampler.first - clock_ahead()) / 1000,
				 is_gone, k);
	if (!k->looked && log >= 0)
		close(log);
	return found;
}

static void find_victim(struct memory_kill *k, const struct recording *r)
{
	bool group = k->looked && (k->killed_before || group_kills(k) > k->group_kills);
	bool machine = k->looked && machine_kills() > k->machine_kills;
	if (died_by_signal(r->target.status))
		k->killed = r->target.pid;
	bool oomd = k->looked && read_oomd_kills(k) > k->oomd_kills;
	/* Without a look before, only who was seen to be killed is worth the reading of the whole
	 * log. */
	bool ours = r->deed.killed;
	if (k->looked ? !group && !machine && !oomd && !ours : !k->killed)
		return;
	if (is_logged(k, r) || !k->looked || !k->killed)
		return;
	k->victim = k->killed;
	k->by = ours ? BY_US : group ? BY_KERNEL : oomd ? BY_OOMD : BY_KERNEL_PROBABLY;
}

static const struct {
	const char *key, *words;
} killers[] = {
	[BY_KERNEL] = { "oom", "killed: out of memory" },
	[BY_KERNEL_PROBABLY] = { "oom?", "killed: probably out of memory" },
	[BY_OOMD] = { "oomd", "killed by systemd-oomd, for memory" },
	[BY_US] = { "at", "killed, as --at asks for" },
};

static void put_victim(const struct memory_kill *k, struct recording *r)
{
	char pid[16];
	snprintf(pid, sizeof pid, "%d", (int)k->victim);
	const struct profile_pair pairs[] = {
		{ "killed", killers[k->by].key },
		{ "killed_pid", pid },
	};
	profile_put_meta(&r->writer, pairs, 2);
}

/* Since the group was made: where it did not rise while we watched, it tells nothing of this run.
 */
static void put_group_peak(const struct memory_kill *k, struct recording *r)
{
	char mib[FIGURE_SIZE];
	uint64_t peak = read_group_peak(k, r);
	if (peak == UINT64_MAX || peak <= k->group_peak)
		return;
	const struct profile_pair pair = { "cgroup_peak", figure_write(mib, peak) };
	profile_put_meta(&r->writer, &pair, 1);
}

static void kill_end(void *state, struct recording *r)
{
	struct memory_kill *k = state;
	put_group_peak(k, r);
	bool suspicious = died_by_signal(r->target.status) || k->gone.n > 0 || !r->target.ours;
	if (!r->target.ended || !suspicious)
		return;
	find_victim(k, r);
	if (k->victim)
		put_victim(k, r);
}

static void describe_limit(const struct memory_kill *k, char *out, size_t size)
{
	char limit[FORMAT_SIZE];
	*out = '\0';
	if (k->limit.kind == LIMIT_OF_GROUP)
		snprintf(out, size, " (its control group allows %s)",
			 figure_say(limit, k->limit.bytes));
}

static int kill_say(void *state, const struct recording *r, int status)
{
	const struct memory_kill *k = state;
	char peak[FORMAT_SIZE], limit[FORMAT_SIZE + 40], who[64] = "the program";
	if (k->victim == 0 || r->options.quiet)
		return status;
	if (k->victim != r->target.pid)
		snprintf(who, sizeof who, "process %d, which the program started,", (int)k->victim);
	describe_limit(k, limit, sizeof limit);
	warning("%s was %s%s; %s %s", who, killers[k->by].words, limit, known_peak(r->peak.known),
		figure_say(peak, r->peak.bytes));
	return status;
}

static void kill_close(void *state)
{
	struct memory_kill *k = state;
	pids_free(&k->gone);
	membership_close(&k->membership);
	if (k->log >= 0)
		close(k->log);
}

static const struct memory_kill initial = { .log = -1 };

const struct probe probe_memory_kill = {
	.state_size = sizeof(struct memory_kill),
	.initial = &initial,
	.wait = kill_wait,
	.look = kill_look,
	.sample = kill_sample,
	.gone = kill_gone,
	.end = kill_end,
	.say = kill_say,
	.close = kill_close,
};
