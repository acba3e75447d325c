#include "recorder/recording/loop.h"

#include <poll.h>
#include <time.h>

#include "recorder/kernel/clock.h"
#include "recorder/recording/proxy.h"

static const int64_t SECOND = 1000000000;

/* Of the last few faults of a burst nobody is woken: they are fetched so long after those before.
 */
static const int64_t ECHO = 10000000; /* ns */

static int64_t moment(const struct recording *r, const struct member *member)
{
	int64_t first = r->sampler.first;
	return member->told
		       ? sampler_epoch_us(&r->sampler, member->told > first ? member->told : first)
		       : r->us;
}

static void on_born(void *context, const struct member *member)
{
	struct recording *r = context;
	probes_born(&r->probes, r, member);
}

static void on_named(void *context, const struct member *member)
{
	struct recording *r = context;
	profile_put(&r->writer, &(struct profile_record){ .kind = PROFILE_PROC,
							  .pid = member->pid,
							  .ppid = member->ppid,
							  .at.us = moment(r, member),
							  .text = member->name });
}

static void on_gone(void *context, const struct member *member)
{
	struct recording *r = context;
	profile_put(&r->writer, &(struct profile_record){ .kind = PROFILE_GONE,
							  .pid = member->pid,
							  .at.us = moment(r, member),
							  .peak = sample_umib(member->peak),
							  .status = member->status });
	probes_gone(&r->probes, r, member);
}

static void on_event(void *context, const struct event *event)
{
	struct recording *r = context;
	r->faults.lost += event->lost;
	r->heard |= event->kind == EVENT_FAULT;
	probes_event(&r->probes, r, event);
}

struct family_watcher loop_watcher(struct recording *r)
{
	return (struct family_watcher){ r, on_born, on_named, on_gone, on_event };
}

/* ---- a sample ---- */

static void put_children(struct recording *r)
{
	const struct family *f = &r->family;
	for (size_t i = 1; i < f->n; i++)
		if (f->members[i]->measured)
			profile_put_child(&r->writer, f->members[i]->pid,
					  sampler_epoch_us(&r->sampler, f->members[i]->at),
					  f->members[i]->bytes);
}

static void take_sample(struct recording *r, int64_t now)
{
	struct memory_result *memory = &r->memory;
	uint64_t total = 0;
	r->us = sampler_epoch_us(&r->sampler, now);
	bool costly = r->family.source->metric->costly;
	int64_t before = costly ? clock_cpu() : 0;
	bool measured = family_sample(&r->family, now, &total) == 0;
	measured |= r->outlived_us && r->total;
	if (measured) {
		memory->bytes = r->total ? total : r->family.members[0]->bytes;
		profile_put_memory(&r->writer, r->us, memory->bytes);
		memory->samples++;
		memory->together = total > memory->together ? total : memory->together;
		if (memory->bytes > memory->peak) {
			memory->peak = memory->bytes;
			memory->peak_us = r->us;
		}
	}
	if (r->options.children)
		put_children(r);
	if (measured)
		probes_sample(&r->probes, r, now);
	/* Others may have come when that was known, and wake nobody: above all at the start. */
	if ((r->heard || memory->samples == 1) && r->echo == 0)
		r->echo = now + ECHO;
	r->heard = false;
	batch_flush(r, now);
	file_watch(r, now);
	if (costly)
		sampler_rest(&r->sampler, now, clock_cpu() - before);
}

/* ---- the end, and what else may come ---- */

/* Orphans come to us where we adopt them, and also where we are process 1, or were made a subreaper
 * before us: nobody else would bury them. */
static void reap(struct recording *r)
{
	int status;
	uint64_t ru_maxrss;
	bool adopts = r->family.reach == FAMILY_ADOPTS;
	if (!r->target.ours) {
		target_has_ended(&r->target);
		return;
	}
	r->us = sampler_epoch_us(&r->sampler, clock_now());
	for (pid_t pid; (pid = target_reap(&r->target, &status, &ru_maxrss)) > 0;)
		if (pid != r->target.pid && adopts && !r->silent)
			family_reaped(&r->family, pid, status, ru_maxrss);
}

static void handle_signal(struct recording *r, const siginfo_t *info)
{
	int number = info->si_signo;
	if (number == SIGCHLD)
		reap(r);
	else if (!signals_is_own(info))
		batch_hurry(r, clock_now());
	if (signals_is_own(info))
		proxy_heed(r);
	else if (r->target.ours)
		proxy_pass(r, info);
	else if (number != SIGCHLD && !signals_is_ignored(number))
		r->interrupted = number;
}

/* Nanoseconds for which no event is to wake us: as a probe asks for, while the rings have room. */
static int64_t deaf_for(const struct recording *r, int64_t now)
{
	int64_t full = r->family.heard_at + events_patience(&r->family.events);
	int64_t until = r->faults.not_before < full ? r->faults.not_before : full;
	return until > now ? until - now : 0;
}

static int64_t sooner(int64_t left, int64_t other)
{
	return other >= 0 && (left < 0 || other < left) ? other : left;
}

/* Nanoseconds that may be slept at most; -1: without end. */
static int64_t longest_sleep(const struct recording *r, int64_t now)
{
	int64_t left = r->silent ? -1 : sampler_wait(&r->sampler, now);
	int64_t limit = r->silent || r->timeout == 0 ? -1 : r->sampler.first + r->timeout - now;
	int64_t look = r->silent ? -1 : probes_wait(&r->probes, r, now);
	int64_t listen = r->silent ? -1 : family_wait(&r->family, now);
	left = sooner(sooner(sooner(left, limit), look), listen);
	if (!r->silent && deaf_for(r, now) > 0)
		left = sooner(left, deaf_for(r, now));
	if (!r->silent && r->echo > 0)
		left = sooner(left, r->echo > now ? r->echo - now : 0);
	left = proxy_wait(r, now, left);
	/* Where no pidfd tells of the end of somebody else's child, it is asked for. */
	if (!r->target.ours && r->target.pidfd < 0 && left > SECOND / 10)
		left = SECOND / 10;
	return left;
}

/* The end of a child is a signal; that of another process is read from its pidfd, and what the
 * kernel tells makes a descriptor readable as well. Where there is none of those, a signal is
 * awaited as such, which is cheaper. */
static void wait_for_something(struct recording *r, int64_t now)
{
	int64_t sleep = longest_sleep(r, now);
	int rings = r->silent || deaf_for(r, now) > 0 ? -1 : events_fd(&r->family.events);
	struct pollfd events[] = {
		{ .fd = r->target.ended ? -1 : r->target.pidfd, .events = POLLIN },
		{ .fd = r->signals.fd, .events = POLLIN },
		{ .fd = rings, .events = POLLIN },
	};
	siginfo_t info;
	bool signalled = true;
	if (r->signals.fd >= 0 || !r->target.ours) {
		struct timespec limit = { sleep / SECOND, sleep % SECOND };
		int n = ppoll(events, 3, sleep < 0 ? NULL : &limit, NULL);
		sleep = 0;
		r->woken = events[2].revents & POLLIN;
		signalled = n < 0 || r->signals.fd < 0 || events[1].revents != 0;
	}
	if (!r->target.ours)
		target_has_ended(&r->target);
	while (signalled && signals_wait(&r->signals, sleep, &info) > 0) {
		handle_signal(r, &info);
		sleep = 0;
	}
}

/* From now on only the target's end is awaited: what its descendants do is told no more. */
static void fall_silent(struct recording *r, int64_t now)
{
	r->us = sampler_epoch_us(&r->sampler, now);
	family_settle(&r->family);
	profile_flush(&r->writer);
	r->silent = true;
}

/* The target has ended: are its descendants recorded on? */
static bool is_outlived(struct recording *r, int64_t now)
{
	if (r->silent || !(r->options.wait || (r->lingers && r->options.tree)))
		return false;
	if (r->outlived_us == 0) {
		r->outlived_us = sampler_epoch_us(&r->sampler, now);
		family_outlive(&r->family);
		witness_tell_of_heirs(&r->proxy.witness);
	}
	return family_lives(&r->family);
}

/* Is there more to record, or at least an end to await? */
static bool goes_on(struct recording *r, int64_t now)
{
	bool over = r->timeout > 0 && now - r->sampler.first >= r->timeout && !r->lingers;
	if (!r->silent && over)
		fall_silent(r, now);
	if (r->interrupted || (r->silent && !r->target.ours))
		return false;
	return !r->target.ended || is_outlived(r, now);
}

/* When an event has woken us there may be many more of them: what they come to is written with the
 * others. */
static void listen_to(struct recording *r, int64_t now)
{
	bool due = family_wait(&r->family, now) == 0;
	if (!due && !r->woken && (r->echo == 0 || now < r->echo))
		return;
	r->woken = r->heard = false;
	r->us = sampler_epoch_us(&r->sampler, now);
	family_listen(&r->family, now);
	r->echo = r->heard ? now + ECHO : 0;
	if (!due)
		return;
	batch_flush(r, now);
	file_watch(r, now);
}

void loop_run(struct recording *r)
{
	int64_t now = r->sampler.first;
	r->silent = r->family.n == 0;
	while (goes_on(r, now)) {
		if (!r->silent && sampler_wait(&r->sampler, now) == 0) {
			sampler_pass(&r->sampler, now);
			take_sample(r, now);
			now = clock_now();
		} else if (!r->silent) {
			listen_to(r, now);
			probes_look(&r->probes, r, now);
		}
		proxy_look(r, now);
		wait_for_something(r, now);
		now = clock_now();
	}
	reap(r);
	r->us = sampler_epoch_us(&r->sampler, clock_now());
	proxy_await_reason(r);
	if (!r->silent && sampler_wait(&r->sampler, now) == 0)
		sampler_pass(&r->sampler, now); /* the ticks that the end came before */
	if (!r->silent)
		family_settle(&r->family);
	probes_end(&r->probes, r);
}
