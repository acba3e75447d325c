#include "recorder/recording/watch.h"
#include "recorder/kernel/clock.h"

#include <poll.h>
#include <time.h>

static const int64_t SECOND = 1000000000;

static int64_t moment(const struct watch *w, const struct member *member)
{
	int64_t first = w->sampler.first;
	return member->told
		       ? sampler_epoch_us(&w->sampler, member->told > first ? member->told : first)
		       : w->us;
}

static void on_born(void *context, const struct member *member)
{
	struct watch *w = context;
	probes_born(w->probes, w, member);
}

static void on_named(void *context, const struct member *member)
{
	struct watch *w = context;
	profile_put_born(w->writer, member->pid, member->ppid, moment(w, member), member->name);
}

static void on_gone(void *context, const struct member *member)
{
	struct watch *w = context;
	profile_put_gone(w->writer, member->pid, moment(w, member), member->peak, member->status);
	probes_gone(w->probes, w, member);
}

struct family_watcher watch_family(struct watch *w)
{
	return (struct family_watcher){ w, on_born, on_named, on_gone };
}

/* ---- a sample ---- */

static void put_children(struct watch *w)
{
	const struct family *f = w->family;
	for (size_t i = 1; i < f->n; i++)
		if (f->members[i]->measured)
			profile_put_child(w->writer, f->members[i]->pid,
					  sampler_epoch_us(&w->sampler, f->members[i]->at),
					  f->members[i]->bytes);
}

static void take_sample(struct watch *w, int64_t now)
{
	uint64_t total = 0;
	w->us = sampler_epoch_us(&w->sampler, now);
	bool costly = w->family->source->costly;
	int64_t before = costly ? clock_cpu() : 0;
	bool measured = family_sample(w->family, now, &total) == 0;
	if (measured) {
		w->bytes = w->most = w->total ? total : w->family->members[0]->bytes;
		profile_put_memory(w->writer, w->us, w->bytes);
		w->samples++;
		w->peak = w->bytes > w->peak ? w->bytes : w->peak;
	}
	if (w->each)
		put_children(w);
	if (measured)
		probes_sample(w->probes, w, now);
	profile_flush(w->writer);
	if (costly)
		sampler_rest(&w->sampler, now, clock_cpu() - before);
}

/* ---- the end, and what else may come ---- */

static void reap(struct watch *w)
{
	int status;
	uint64_t ru_maxrss;
	if (w->family->reach != FAMILY_ADOPTS) {
		target_has_ended(w->target);
		return;
	}
	w->us = sampler_epoch_us(&w->sampler, clock_now());
	for (pid_t pid; (pid = target_reap(w->target, &status, &ru_maxrss)) > 0;)
		if (pid != w->target->pid && !w->silent)
			family_reaped(w->family, pid, status, ru_maxrss);
}

static void handle_signal(struct watch *w, const siginfo_t *info)
{
	int number = info->si_signo;
	if (number == SIGCHLD)
		reap(w);
	else if (!w->target->ours)
		w->interrupted = signals_is_ignored(number) ? w->interrupted : number;
	else if (!signals_has_reached(info, w->target->pid))
		target_signal(w->target, number);
}

/* Nanoseconds that may be slept at most; -1: without end. */
static int64_t longest_sleep(const struct watch *w, int64_t now)
{
	int64_t left = w->silent ? -1 : sampler_wait(&w->sampler, now);
	int64_t limit = w->silent || w->timeout == 0 ? -1 : w->sampler.first + w->timeout - now;
	int64_t look = w->silent ? -1 : probes_wait(w->probes, w, now);
	int64_t listen = w->silent ? -1 : family_wait(w->family, now);
	if (limit >= 0 && limit < left)
		left = limit;
	if (look >= 0 && look < left)
		left = look;
	if (listen >= 0 && listen < left)
		left = listen;
	/* Where no pidfd tells of the end of somebody else's child, it is asked for. */
	if (!w->target->ours && w->target->pidfd < 0 && left > SECOND / 10)
		left = SECOND / 10;
	return left;
}

/* The end of a child is a signal; that of another process is read from its pidfd. */
static void wait_for_something(struct watch *w, int64_t now)
{
	struct pollfd events[] = { { .fd = w->target->pidfd, .events = POLLIN },
				   { .fd = w->signals->fd, .events = POLLIN } };
	siginfo_t info;
	int64_t sleep = longest_sleep(w, now);
	if (!w->target->ours) {
		struct timespec limit = { sleep / SECOND, sleep % SECOND };
		ppoll(events, 2, &limit, NULL);
		target_has_ended(w->target);
		sleep = 0;
	}
	while (signals_wait(sleep, &info) > 0) {
		handle_signal(w, &info);
		sleep = 0;
	}
}

/* From now on only the target's end is awaited: what its descendants do is told no more. */
static void fall_silent(struct watch *w, int64_t now)
{
	w->us = sampler_epoch_us(&w->sampler, now);
	family_settle(w->family);
	profile_flush(w->writer);
	w->silent = true;
}

/* Is there more to record, or at least an end to await? */
static bool goes_on(struct watch *w, int64_t now)
{
	bool over = w->timeout > 0 && now - w->sampler.first >= w->timeout;
	if (!w->silent && (w->writer->error || over))
		fall_silent(w, now);
	return !w->target->ended && !w->interrupted && (!w->silent || w->target->ours);
}

static void listen_to(struct watch *w, int64_t now)
{
	if (family_wait(w->family, now) != 0)
		return;
	w->us = sampler_epoch_us(&w->sampler, now);
	family_listen(w->family, now);
	profile_flush(w->writer);
}

void watch_run(struct watch *w)
{
	int64_t now = w->sampler.first;
	w->silent = w->family->n == 0;
	while (goes_on(w, now)) {
		if (!w->silent && sampler_wait(&w->sampler, now) == 0) {
			sampler_pass(&w->sampler, now);
			take_sample(w, now);
			now = clock_now();
		} else if (!w->silent) {
			listen_to(w, now);
			probes_look(w->probes, w, now);
		}
		wait_for_something(w, now);
		now = clock_now();
	}
	reap(w);
	w->us = sampler_epoch_us(&w->sampler, clock_now());
	if (!w->silent)
		family_settle(w->family);
	probes_end(w->probes, w);
}
