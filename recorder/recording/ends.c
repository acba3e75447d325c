#include "recorder/recording/ends.h"

#include <stdio.h>
#include <string.h>

#include "recorder/kernel/clock.h"
#include "recorder/recording/figure.h"
#include "recorder/recording/head.h"
#include "recorder/recording/instance.h"
#include "recorder/recording/recording.h"
#include "recorder/recording/verdict.h"
#include "share/version.h"

void ends_put_head(struct recording *r)
{
	const struct recording_options *o = &r->options;
	const struct head head = {
		.tool = "mprof-c/" MPROF_VERSION,
		.metric = r->source->metric->name,
		.metrics = o->metrics.text,
		.interval = o->interval,
		.pid = r->target.pid,
		.user = target_user(&r->target),
		.epoch = r->sampler.epoch,
		.base = r->sampler.epoch - (r->sampler.first - clock_ahead()),
		.tree = o->tree,
		.children = o->children,
		.command = r->proxy.words,
	};
	head_put(&head, &r->writer);
	instance_put(&r->writer, &r->launcher);
	const struct profile_pair group = { "cgroup", o->group };
	if (o->group)
		profile_put_meta(&r->writer, &group, 1);
}

/* It ended before it could be looked at, but not unseen: its whole life is one sample, of what it
 * held at most. */
static void put_only_sample(struct recording *r, uint64_t bytes)
{
	profile_put_memory(&r->writer, sampler_epoch_us(&r->sampler, r->sampler.first), bytes);
	r->memory.samples = 1;
	r->memory.peak = bytes;
}

/* ---- how it ended ---- */

static void put_signal(struct recording *r)
{
	const struct signal_result *signal = &r->signal;
	char number[16], pid[16];
	struct profile_pair pairs[3] = { { "signalled", number },
					 { "signalled_by", signal->name } };
	size_t n = 2;
	if (signal->number == 0)
		return;
	snprintf(number, sizeof number, "%d", signal->number);
	snprintf(pid, sizeof pid, "%d", (int)signal->pid);
	if (signal->terminal)
		pairs[1].value = "terminal";
	else if (signal->pid > 0)
		pairs[n++] = (struct profile_pair){ "signalled_pid", pid };
	profile_put_meta(&r->writer, pairs, n);
}

/* What ended the recording, where that was not the program's end. */
static void put_stop(struct recording *r)
{
	char signal[FORMAT_SIZE];
	const struct profile_pair pair = { "stopped", r->interrupted
							      ? format_end(signal, -r->interrupted)
							      : "timeout" };
	bool over = r->timeout > 0 && r->silent && r->family.n > 0;
	if (over || (r->interrupted && !r->target.ended))
		profile_put_meta(&r->writer, &pair, 1);
}

/* A program that may not have more addresses is refused memory. */
static void put_address_limit(struct recording *r)
{
	char limit[FIGURE_SIZE], most[FIGURE_SIZE];
	const struct profile_pair pairs[] = {
		{ "rlimit_as", figure_write(limit, r->target.addresses) },
		{ "vm_peak", figure_write(most, r->peaks.addresses) },
	};
	if (r->target.addresses > 0)
		profile_put_meta(&r->writer, pairs, r->peaks.addresses > 0 ? 2 : 1);
}

static void put_clock(struct recording *r)
{
	int64_t moved = sampler_clock_moved(&r->sampler);
	char seconds[32];
	const struct profile_pair pair = { "clock_moved", seconds };
	snprintf(seconds, sizeof seconds, "%.3f", (double)moved / 1e9);
	if (moved != 0)
		profile_put_meta(&r->writer, &pair, 1);
}

static void put_circumstances(struct recording *r)
{
	const struct profile_pair core = { "core", "1" }, wait = { "wait", "1" };
	put_signal(r);
	put_stop(r);
	put_clock(r);
	put_address_limit(r);
	if (r->target.core)
		profile_put_meta(&r->writer, &core, 1);
	if (r->options.wait)
		profile_put_meta(&r->writer, &wait, 1);
}

/* ---- the end ---- */

static void put_end(struct recording *r)
{
	const struct target *target = &r->target;
	uint64_t largest = target->ru_maxrss;
	if (r->peaks.ru_maxrss > largest)
		largest = r->peaks.ru_maxrss;
	if (largest <= target->floor) /* it tells of us, and of nobody else */
		largest = 0;
	if (target->pid > 0)
		profile_put(&r->writer, &(struct profile_record){
						.kind = PROFILE_GONE,
						.pid = target->pid,
						.at.us = r->outlived_us ? r->outlived_us : r->us,
						.peak = sample_umib(r->peaks.high_water),
						.status = target->status });
	profile_put(&r->writer, &(struct profile_record){ .kind = PROFILE_EXIT,
							  .status = target->status,
							  .at.us = r->us,
							  .peak = sample_umib(largest),
							  .samples = r->memory.samples,
							  .missed = r->sampler.missed });
}

static void put_rest(struct recording *r)
{
	const struct profile_pair fell_back = { "fallback", "rss" };
	if (r->family.fell_back)
		profile_put_meta(&r->writer, &fell_back, 1);
	put_circumstances(r);
	put_end(r);
}

void ends_put_foot(struct recording *r)
{
	profile_end_here(&r->writer);
	verdict_reach(r);
	verdict_put(r);
	if (r->memory.samples == 0 && r->peak.bytes > 0)
		put_only_sample(r, r->peak.bytes);
	put_rest(r);
}

static void put_limit(struct recording *r)
{
	char limit[FIGURE_SIZE];
	const struct profile_pair pair = { "limit", figure_write(limit, r->limit.bytes) };
	if (r->limit.bytes > 0)
		profile_put_meta(&r->writer, &pair, 1);
}

void ends_put_again(struct recording *r)
{
	int64_t first = sampler_epoch_us(&r->sampler, r->sampler.first);
	ends_put_head(r);
	profile_put_memory(&r->writer, first, 0);
	if (r->memory.samples > 0)
		profile_put_memory(&r->writer, r->memory.peak_us, r->memory.peak);
	put_limit(r);
	verdict_put(r);
	put_rest(r);
}
