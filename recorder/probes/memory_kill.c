/* Was the target, or one of its descendants, killed because memory was used up? And what may it
 * have. */
#include <signal.h>
#include <stdio.h>

#include "recorder/kernel/cgroup.h"
#include "recorder/kernel/limit.h"
#include "recorder/probes/kill_clues.h"
#include "recorder/recording/figure.h"
#include "recorder/recording/recording.h"
#include "share/fault.h"

/* ns after the first sample: the reading of all this would cost a short program's recorder as much
 * as the rest, and nobody uses up a machine's memory sooner. */
static const int64_t LATER = 5000000;

/* A limit is five files or more, and is changed seldom. */
static const int64_t LIMIT_EVERY = 1000000000, LIMIT_EVERY_NEAR = 50000000;

struct memory_kill {
	struct kill_clues clues;
	struct limit limit;
	struct cgroup limiting; /* whose it is, if it is a group's */
	int64_t limit_at;       /* monotonic ns of its reading */
	uint64_t group_peak;    /* before, where it is asked for; UINT64_MAX: not known */
	struct kill_verdict verdict;
};

static uint64_t read_group_peak(const struct memory_kill *k, const struct recording *r)
{
	uint64_t peak = UINT64_MAX;
	if (k->clues.membership.known && metric_list_has_group(&r->options.metrics))
		cgroup_read(&k->clues.membership.group, CGROUP_PEAK, &peak);
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
	r->limit.kills = k->limit.kind == LIMIT_OF_GROUP;
	r->limit.kind = kinds[k->limit.kind];
	const struct profile_pair pairs[] = {
		{ "limit", figure_write(mib, r->limit.bytes) },
		{ "limit_kind", kinds[k->limit.kind] },
	};
	profile_put_meta(&r->writer, pairs, 2);
}

/* Where no group allows less. */
static void put_machine(const struct memory_kill *k, struct recording *r)
{
	char mib[FIGURE_SIZE];
	const struct profile_pair pair = { "machine", figure_write(mib, k->limit.bytes) };
	if (k->limit.kind == LIMIT_OF_MACHINE && k->limit.bytes > 0)
		profile_put_meta(&r->writer, &pair, 1);
}

static void take_limit(struct memory_kill *k, struct recording *r, int64_t now)
{
	struct limit before = k->limit;
	k->limit_at = now;
	r->limit.group = k->clues.membership.known ? &k->clues.membership.group : NULL;
	k->limit = limit_of_group(r->limit.group);
	if (k->limit.kind != before.kind ||
	    (k->limit.kind != LIMIT_OF_MACHINE && k->limit.bytes != before.bytes)) {
		put_limit(k, r);
		limit_find_group(&k->limiting, &k->clues.membership.group, r->limit.bytes);
	}
	if (r->batch.on && r->limit.bytes > 0)
		cgroup_read(&k->limiting, CGROUP_USAGE, &r->limit.used);
}

static int64_t kill_wait(const void *state, const struct recording *r, int64_t now)
{
	const struct memory_kill *k = state;
	int64_t left = r->sampler.first + LATER - now;
	return k->clues.looked ? -1 : left > 0 ? left : 0;
}

static void kill_look(void *state, struct recording *r, int64_t now)
{
	struct memory_kill *k = state;
	kill_clues_look(&k->clues, r, now);
	k->group_peak = read_group_peak(k, r);
	take_limit(k, r, now);
	put_machine(k, r);
}

/* A group may be given another limit, too, which is asked for often where the known one is near. */
static bool is_old(const struct memory_kill *k, const struct recording *r, int64_t now)
{
	bool near = limit_is_near(r->limit.bytes, r->group.most);
	return now - k->limit_at >= (near ? LIMIT_EVERY_NEAR : LIMIT_EVERY);
}

static void kill_sample(void *state, struct recording *r, int64_t now)
{
	struct memory_kill *k = state;
	bool moved;
	if (!kill_clues_follow(&k->clues, r, now, &moved))
		return;
	r->limit.moves += moved;
	if (moved)
		k->group_peak = read_group_peak(k, r);
	if (moved || is_old(k, r, now))
		take_limit(k, r, now);
}

static void kill_gone(void *state, struct recording *r, const struct member *member)
{
	struct memory_kill *k = state;
	(void)r;
	kill_clues_gone(&k->clues, member);
}

static const struct {
	const char *key, *words;
} killers[] = {
	[BY_KERNEL] = { "oom", "killed: out of memory" },
	[BY_KERNEL_PROBABLY] = { "oom?", "killed: probably out of memory" },
	[BY_OOMD] = { "oomd", "killed by systemd-oomd, for memory" },
	[BY_EARLYOOM] = { "earlyoom", "killed by earlyoom, for memory" },
	[BY_US] = { "at", "killed, as --at asks for" },
	[BY_ANOTHER] = { "at", "killed by another recorder's --at" },
};

/* Another recorder's word stands there already; ours, which is the last, must not unsay it. */
static void put_victim(const struct memory_kill *k, struct recording *r)
{
	char pid[16];
	snprintf(pid, sizeof pid, "%d", (int)k->verdict.victim);
	const struct profile_pair pairs[] = {
		{ "killed", killers[k->verdict.by].key },
		{ "killed_pid", pid },
		{ "killed_other", "1" },
	};
	if (k->verdict.by != BY_ANOTHER)
		profile_put_meta(&r->writer, pairs, k->verdict.descendant ? 3 : 2);
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
	put_group_peak(state, r);
}

/* Of a program that was alone and ended by itself there is nothing to ask. */
static bool is_suspicious(const struct memory_kill *k, const struct recording *r)
{
	int status = r->target.status;
	bool itself = r->target.ours && r->target.alone && status >= 0 && status != 128 + SIGKILL &&
		      status != 128 + SIGTERM;
	return r->target.ended && (!itself || k->clues.gone.n > 0);
}

/* Of a SIGKILL from nobody that is known: not from the kernel, at least. */
static void put_clearance(const struct memory_kill *k, struct recording *r)
{
	const struct profile_pair pair = { "oom_kills", "0" };
	int status = r->target.status;
	if ((status == -SIGKILL || status == 128 + SIGKILL) && kill_clues_clear(&k->clues))
		profile_put_meta(&r->writer, &pair, 1);
}

static void kill_conclude(void *state, struct recording *r)
{
	struct memory_kill *k = state;
	if (is_suspicious(k, r))
		k->verdict = kill_clues_judge(&k->clues, r);
	if (k->verdict.by == NOBODY_KNOWN) {
		put_clearance(k, r);
		return;
	}
	put_victim(k, r);
	r->kill.told = !k->verdict.descendant &&
		       (k->verdict.victim == 0 || k->verdict.victim == r->target.pid);
	*(r->kill.told ? &r->kill.words : &r->kill.other) = killers[k->verdict.by].words;
}

static void describe_limit(const struct memory_kill *k, char *out, size_t size)
{
	char limit[FORMAT_SIZE];
	*out = '\0';
	if (k->limit.kind == LIMIT_OF_GROUP)
		snprintf(out, size, " (its control group allows %s)",
			 figure_say(limit, k->limit.bytes));
}

static void describe_victim(const struct memory_kill *k, const struct recording *r, char *out,
			    size_t size)
{
	pid_t victim = k->verdict.victim;
	if (victim == r->target.pid && victim > 0)
		snprintf(out, size, "the program");
	else if (r->target.group && victim == 0)
		snprintf(out, size, "a process of %s", r->options.group);
	else if (victim > 0)
		snprintf(out, size, "process %d, which the program started,", (int)victim);
	else
		snprintf(out, size, "%sa process that it started%s",
			 k->verdict.descendant ? "" : "the program, or ",
			 k->verdict.descendant ? "" : ",");
}

static int kill_say(void *state, const struct recording *r, int status)
{
	const struct memory_kill *k = state;
	char peak[FORMAT_SIZE], limit[FORMAT_SIZE + 40], who[PATH_MAX + 32];
	if (k->verdict.by == NOBODY_KNOWN || (r->options.quiet && !r->options.aside))
		return status;
	describe_victim(k, r, who, sizeof who);
	describe_limit(k, limit, sizeof limit);
	alert("%s was %s%s; %s %s", who, killers[k->verdict.by].words, limit,
	      known_peak(r->peak.known), figure_say(peak, r->peak.bytes));
	return status;
}

static void kill_close(void *state)
{
	struct memory_kill *k = state;
	kill_clues_close(&k->clues);
}

static const struct memory_kill initial = { .clues = KILL_CLUES_NONE };

const struct probe probe_memory_kill = {
	.state_size = sizeof(struct memory_kill),
	.initial = &initial,
	.wait = kill_wait,
	.look = kill_look,
	.sample = kill_sample,
	.gone = kill_gone,
	.end = kill_end,
	.conclude = kill_conclude,
	.say = kill_say,
	.close = kill_close,
};
