/* Where a control group is killed as a whole the recorder goes too, and nobody writes an EXIT: what
 * brought that about must stand in the file before. The group's figure is put where it comes near
 * the limit, and the counts of kills when they change. */
#include <stdio.h>

#include "recorder/kernel/cgroup.h"
#include "recorder/kernel/clock.h"
#include "recorder/recording/figure.h"
#include "recorder/recording/recording.h"

/* Shares of the limit: near it, away from it again, and what is a change worth a record. */
static const double NEAR = 0.90, AWAY = 0.85, HALF = 0.50, RISE = 0.005, FALL = 0.02;

/* ns between looks: far from the limit, half-way, near, and where it will be reached soon. */
static const int64_t SELDOM = 1000000000, OFTEN = 100000000, NEARLY = 50000000, SOONEST = 5000000;

enum { OOMS, KILLS, COUNTS };

static const struct {
	enum cgroup_figure figure;
	const char *before, *more; /* keys: as it began, and so many more since */
} counts[COUNTS] = {
	[OOMS] = { CGROUP_OOMS, "cgroup_oom", "cgroup_oom_more" },
	[KILLS] = { CGROUP_KILLS, "cgroup_oom_kill", "cgroup_oom_kill_more" },
};

struct near_limit {
	bool began;
	unsigned moves;      /* of the recording's, as of the last look */
	int64_t looked, due; /* monotonic ns: of the last, of the next */
	struct near_count {
		bool known;
		uint64_t last, more;
	} counts[COUNTS];
	bool near;
	uint64_t before, held, put; /* bytes: at the last look but one, now, as it was put last */
};

static void put_count(struct recording *r, const char *key, uint64_t n)
{
	char number[24];
	const struct profile_pair pair = { key, number };
	snprintf(number, sizeof number, "%llu", (unsigned long long)n);
	profile_put_meta(&r->writer, &pair, 1);
}

/* In the first group, or another one, whose counts began with others. */
static void begin(struct near_limit *l, struct recording *r, const struct cgroup *group)
{
	uint64_t whole;
	for (size_t i = 0; i < COUNTS; i++) {
		struct near_count *c = &l->counts[i];
		c->known = cgroup_read(group, counts[i].figure, &c->last) == 0;
		if (c->known)
			put_count(r, counts[i].before, c->last);
	}
	if (cgroup_read(group, CGROUP_WHOLE, &whole) == 0)
		put_count(r, "cgroup_oom_group", whole);
	l->began = true;
	l->moves = r->limit.moves;
}

static void follow_counts(struct near_limit *l, struct recording *r, const struct cgroup *group)
{
	uint64_t now;
	for (size_t i = 0; i < COUNTS; i++) {
		struct near_count *c = &l->counts[i];
		if (!c->known || cgroup_read(group, counts[i].figure, &now) < 0 || now <= c->last)
			continue;
		c->more += now - c->last;
		c->last = now;
		put_count(r, counts[i].more, c->more);
	}
}

/* What is charged less what the kernel takes back without harm, which is asked for where it
 * matters: it costs more than all the rest. */
static bool read_held(struct near_limit *l, const struct recording *r, const struct cgroup *group)
{
	uint64_t usage, inactive;
	if (cgroup_read(group, CGROUP_USAGE, &usage) < 0)
		return false;
	bool matters =
		l->near || usage > r->group.most || (double)usage >= NEAR * (double)r->limit.bytes;
	if (matters && cgroup_read(group, CGROUP_INACTIVE, &inactive) == 0)
		usage = usage > inactive ? usage - inactive : 0;
	l->before = l->held;
	l->held = usage;
	return matters;
}

static void put_held(struct near_limit *l, struct recording *r, int64_t us)
{
	char mib[FIGURE_SIZE], at[32];
	const struct profile_pair pairs[] = { { "cgroup_held", figure_write(mib, l->held) },
					      { "cgroup_held_at", at } };
	snprintf(at, sizeof at, "%.6f", (double)us / 1e6);
	profile_put_meta(&r->writer, pairs, 2);
	l->put = l->held;
}

static void judge(struct near_limit *l, struct recording *r, int64_t us)
{
	double limit = (double)r->limit.bytes, held = (double)l->held, put = (double)l->put;
	bool near = held >= (l->near ? AWAY : NEAR) * limit;
	bool moved = held > put + RISE * limit || held < put - FALL * limit;
	if (near != l->near || (near && moved))
		put_held(l, r, us);
	l->near = near;
}

static void follow_held(struct near_limit *l, struct recording *r, const struct cgroup *group,
			int64_t us)
{
	if (!r->limit.kills || r->limit.bytes == 0 || !read_held(l, r, group))
		return;
	if (l->held > r->group.most)
		r->group = (struct group_result){ l->held, us };
	judge(l, r, us);
}

/* Between looks: an eighth of the time that has passed, as programs grow in the beginning, at most
 * the usual, and half of the time in which all is used up at the pace of late. A program may take
 * all that it is allowed in less than an interval. */
static int64_t pause_of(const struct near_limit *l, const struct recording *r, int64_t now)
{
	double limit = (double)r->limit.bytes, held = (double)l->held;
	double rise = held - (double)l->before, left = limit > held ? limit - held : 0;
	int64_t pause = l->near ? NEARLY : held >= HALF * limit ? OFTEN : SELDOM;
	int64_t young = (now - r->sampler.first) / 8;
	if (!r->limit.kills)
		return SELDOM;
	pause = young < pause ? young : pause;
	double soon = rise > 0 ? left / rise * (double)(now - l->looked) / 2 : (double)pause;
	if (l->looked && soon < (double)pause)
		pause = (int64_t)soon;
	return pause < SOONEST ? SOONEST : pause;
}

static void look(struct near_limit *l, struct recording *r, int64_t now)
{
	const struct cgroup *group = r->limit.group;
	if (!group)
		return;
	if (!l->began || l->moves != r->limit.moves)
		begin(l, r, group);
	follow_counts(l, r, group);
	follow_held(l, r, group, sampler_epoch_us(&r->sampler, now));
	l->due = now + pause_of(l, r, now);
	l->looked = now;
}

static bool is_due(const struct near_limit *l, const struct recording *r, int64_t now)
{
	return now >= l->due || l->moves != r->limit.moves;
}

static void near_act(void *state, struct recording *r, int64_t now)
{
	if (is_due(state, r, now))
		look(state, r, now);
}

/* Between ticks only where somebody may be killed. */
static int64_t near_wait(const void *state, const struct recording *r, int64_t now)
{
	const struct near_limit *l = state;
	if (!r->limit.group || !r->limit.kills)
		return -1;
	return is_due(l, r, now) ? 0 : l->due - now;
}

/* The next tick may be too late for what was found. */
static void near_look(void *state, struct recording *r, int64_t now)
{
	look(state, r, now);
	profile_flush(&r->writer);
}

static void near_end(void *state, struct recording *r)
{
	struct near_limit *l = state;
	if (l->began)
		look(l, r, clock_now());
}

const struct probe probe_near_limit = {
	.state_size = sizeof(struct near_limit),
	.act = near_act,
	.wait = near_wait,
	.look = near_look,
	.end = near_end,
};
