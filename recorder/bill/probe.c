/* The bill: what MEM's figure consists of, as BILL records. Of processes it is read from their
 * maps, by a thread beside (reading.h); of a control group it is what that says of itself. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "recorder/bill/group.h"
#include "recorder/bill/pace.h"
#include "recorder/bill/reading.h"
#include "recorder/kernel/clock.h"
#include "recorder/python/aside.h"
#include "recorder/recording/figure.h"
#include "recorder/recording/recording.h"
#include "share/fault.h"

struct bills {
	struct pace pace;
	uint64_t taken;
	bool of_group, refused;
	int64_t figures_at; /* monotonic ns: malloc's own figures were asked for; 0: they were not
			     */
	struct aside *aside;
	struct flight { /* one that is under way, which the thread has as long as it is busy */
		struct reading reading;
		int64_t at, us, cost;
		uint64_t bytes;
		bool under_way;
	} * flight;
};

/* ---- which there can be ---- */

static bool is_of_processes(const struct metric *metric)
{
	return metric == &metric_rss || metric == &metric_pss;
}

static int bill_check(void *state, struct recording *r)
{
	struct bills *b = state;
	const struct metric *metric = r->options.metrics.sources[0]->metric;
	b->pace.asked = r->options.metrics.bill;
	b->of_group = metric == &metric_cgroup;
	if (b->pace.asked && !b->of_group && !is_of_processes(metric))
		return fault(STATUS_USAGE,
			     "a bill is of the rss, the pss or the cgroup, and the first metric of "
			     "-b is %s",
			     metric->name);
	return -1;
}

static int bill_open(void *state, struct recording *r)
{
	struct bills *b = state;
	const struct metric *metric = r->source->metric;
	b->of_group = metric == &metric_cgroup;
	return b->of_group || is_of_processes(metric) ? 0 : -ENOSYS;
}

/* ---- what was taken ---- */

static void put(struct bills *b, struct recording *r, int64_t us,
		const uint64_t bytes[BILL_CLASSES])
{
	for (size_t i = 0; i < BILL_CLASSES; i++)
		if (bytes[i] > 0)
			profile_put(&r->writer, &(struct profile_record){
							.kind = PROFILE_BILL,
							.text = bill_words[i],
							.at = { us, sample_umib(bytes[i]) } });
	b->taken++;
}

/* By how much the sum is another than what MEM was; 0: by next to nothing. */
static uint64_t find_off(const uint64_t bytes[BILL_CLASSES], uint64_t memory)
{
	uint64_t total = 0;
	for (size_t i = 0; i < BILL_CLASSES; i++)
		total += bill_is_beside((enum bill_class)i) ? 0 : bytes[i];
	if (bill_is_close(sample_umib(total), sample_umib(memory)))
		return 0;
	return total > memory ? total - memory : memory - total;
}

/* Of one process nothing is left where it has ended meanwhile. */
static void land(struct bills *b, struct recording *r)
{
	struct flight *f = b->flight;
	struct reading *reading = &f->reading;
	f->under_way = false;
	reading->bytes[BILL_OFF] = find_off(reading->bytes, f->bytes);
	b->pace.torn = reading->bytes[BILL_OFF] > 0 && !reading->given_up;
	pace_pay(&b->pace, f->at, f->bytes, reading->n, f->cost);
	b->pace.spared |= reading->given_up;
	if (reading->given_up)
		return;
	b->refused |= reading->refused > 0;
	if (reading->gone + reading->refused < reading->n)
		put(b, r, f->us, reading->bytes);
}

/* ---- taking one ---- */

static const struct heap_figures *find_figures(const struct recording *r, pid_t pid)
{
	for (size_t i = 0; i < r->heap.n; i++)
		if (r->heap.all[i].pid == pid)
			return &r->heap.all[i];
	return NULL;
}

/* Those of a sampled heap are to be of about the same moment: they are asked for first. */
static bool has_figures(struct bills *b, struct recording *r, int64_t now)
{
	static const int64_t PATIENCE = 500000000; /* ns */
	if (r->heap.mean == 0)
		return true;
	if (b->figures_at == 0) {
		b->figures_at = now;
		r->heap.wanted++;
		return false;
	}
	const struct heap_figures *of = find_figures(r, r->family.members[0]->pid);
	return (of && of->asked >= b->figures_at) || now - b->figures_at > PATIENCE;
}

/* Who allocates nothing cannot answer, and has not changed: what it said last, and what has come
 * and gone since. Of another malloc that is not known: older figures than were asked for are none.
 */
static struct heap_figures figures_of(const struct bills *b, const struct recording *r, pid_t pid)
{
	const struct heap_figures *heap = find_figures(r, pid);
	bool usable = heap && (heap->asked >= b->figures_at || heap->allocator == 0);
	return usable ? *heap : (struct heap_figures){ 0 };
}

static void list(struct bills *b, const struct recording *r, size_t n)
{
	struct reading *reading = &b->flight->reading;
	reading->pss = r->source->metric == &metric_pss;
	reading->most = pace_most(&b->pace);
	reading->n = 0;
	for (size_t i = 0; i < n; i++) {
		const struct member *m = r->family.members[i];
		if (m->measured)
			reading->processes[reading->n++] = (struct reading_process){
				.pid = m->pid,
				.start = m->start,
				.bytes = m->bytes,
				.heap = figures_of(b, r, m->pid),
			};
	}
}

/* The thread's things are made when they are needed first. */
static bool make_ready(struct bills *b, const struct recording *r, size_t n)
{
	if (!b->aside)
		b->aside = aside_new();
	if (!b->flight)
		b->flight = calloc(1, sizeof *b->flight);
	if (!b->aside || !b->flight)
		return false;
	struct reading *reading = &b->flight->reading;
	struct reading_process *room = realloc(reading->processes, n * sizeof *room);
	if (!room)
		return false;
	reading->processes = room;
	list(b, r, n);
	return reading->n > 0;
}

static int64_t patience(const struct recording *r)
{
	const int64_t most = 5000000;
	int64_t tenth = r->sampler.interval / 10;
	return tenth < most ? tenth : most;
}

static void take_off(struct bills *b, struct recording *r, int64_t now, size_t n)
{
	if (!make_ready(b, r, n))
		return;
	struct flight *f = b->flight;
	f->at = now;
	f->us = r->us;
	f->bytes = r->memory.bytes;
	b->figures_at = 0;
	int e = aside_do(b->aside, reading_do, &f->reading, patience(r), &f->cost);
	f->under_way = e == -ETIMEDOUT;
	if (e == 0)
		land(b, r);
}

static void take_group(struct bills *b, struct recording *r, int64_t now)
{
	uint64_t bytes[BILL_CLASSES];
	int64_t before = clock_cpu();
	int e = group_bill(r->family.members[0]->pid, now, bytes);
	pace_pay(&b->pace, now, r->memory.bytes, 1, clock_cpu() - before);
	b->refused |= e < 0;
	if (e < 0)
		return;
	bytes[BILL_OFF] = find_off(bytes, r->memory.bytes);
	put(b, r, r->us, bytes);
}

static bool has_landed(struct bills *b, struct recording *r)
{
	if (!b->flight || !b->flight->under_way)
		return true;
	if (aside_is_busy(b->aside))
		return false;
	aside_cost(b->aside, &b->flight->cost);
	land(b, r);
	return true;
}

static void bill_sample(void *state, struct recording *r, int64_t now)
{
	struct bills *b = state;
	size_t n = r->total && !b->of_group ? r->family.n : 1;
	if (!has_landed(b, r) || !pace_is_due(&b->pace, now, r->memory.bytes, n))
		return;
	if (b->of_group)
		take_group(b, r, now);
	else if (has_figures(b, r, now))
		take_off(b, r, now, n);
}

/* ---- the end ---- */

static void bill_end(void *state, struct recording *r)
{
	struct bills *b = state;
	const struct timespec pause = { .tv_nsec = 1000000 };
	for (int i = 0; i < 20 && !has_landed(b, r); i++)
		nanosleep(&pause, NULL);
	const char *why = b->refused ? "refused" : b->pace.spared ? "spared" : NULL;
	const struct profile_pair pair = { "bill", why };
	if (why)
		profile_put_meta(&r->writer, &pair, 1);
}

static int bill_say(void *state, const struct recording *r, int status)
{
	const struct bills *b = state;
	if (b->pace.asked && b->refused)
		warning("the maps of %s may not be read (another user's, or hidden by itself): %s",
			b->of_group ? "the control group"
			: r->total  ? "some processes"
				    : "the program",
			b->taken ? "of those the bill tells nothing" : "there is no bill");
	else if (b->pace.asked && b->taken == 0)
		warning("the program ended before there was a bill of what it held");
	return status;
}

static void bill_close(void *state)
{
	struct bills *b = state;
	if (!aside_free(b->aside) || !b->flight)
		return;
	free(b->flight->reading.processes);
	free(b->flight);
}

const struct probe probe_bill = {
	.state_size = sizeof(struct bills),
	.check = bill_check,
	.open = bill_open,
	.sample = bill_sample,
	.end = bill_end,
	.say = bill_say,
	.close = bill_close,
};
