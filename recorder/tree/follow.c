#include "recorder/tree/follow.h"

#include <stdio.h>

#include "recorder/kernel/alive.h"
#include "recorder/kernel/clock.h"
#include "recorder/tree/ends.h"
#include "recorder/tree/family.h"
#include "recorder/tree/hidden.h"
#include "recorder/tree/news.h"

/* The rings are emptied so often at least. */
static const int64_t LISTEN_EVERY = 100000000; /* ns */

static void set_name(struct member *m, const char *name)
{
	snprintf(m->comm, sizeof m->comm, "%s", name);
}

static void leave(struct family *f, struct member *m, int64_t at)
{
	if (m->left_at == 0 && !m->ended)
		f->unsettled++;
	m->left_at = at;
}

/* A program that is setuid, or may not be read, ends what is told of it as if it had ended. */
static bool lives_on(const struct member *m)
{
	return (procfs_has_memory(m->pid) && members_is_same(m)) || alive_is_hidden(m->pid);
}

/* ---- events ---- */

static void on_lost(struct family *f, const struct event *event)
{
	f->lost += event->lost;
}

/* A pid that is given out again stands for a new process. The child of a
 * stranger is one, too: we may have started another program. */
static void on_fork(struct family *f, const struct event *event)
{
	const struct member *parent = members_find(f, event->parent);
	struct member *m = members_find(f, event->pid);
	if (!parent || m == f->members[0] || (m && event->at <= m->born))
		return;
	if (m) {
		leave(f, m, event->at);
		ends_see(f, m);
		members_remove(f, m);
	}
	m = members_add(f, event->pid, event->parent, event->at);
	if (!m)
		return;
	set_name(m, parent->comm);
	f->descendants++;
	f->unsettled++;
}

static void on_clone(struct family *f, const struct event *event)
{
	struct member *m = members_find(f, event->pid);
	if (m)
		m->threads++;
}

static void on_exec(struct family *f, const struct event *event)
{
	struct member *m = members_find(f, event->pid);
	if (!m || m->ended)
		return;
	set_name(m, event->name);
	m->executed = true;
	m->threads = 1;
	m->shares = 0;
	if (!m->named || m == f->members[0])
		return;
	news_born(f, m, event->at);
	news_name(f, m, event->at);
}

static void on_exit(struct family *f, const struct event *event)
{
	struct member *m = members_find(f, event->pid);
	if (!m || m->ended)
		return;
	m->threads -= m->threads > 0;
	if (m == f->members[0])
		f->blind |= m->threads == 0 && lives_on(m);
	else if (m->threads == 0)
		leave(f, m, event->at);
}

/* Of every fork, exec and exit: of a tree that we start. */
static bool is_told(const struct family *f)
{
	return f->reach == FAMILY_ADOPTS && f->events.n > 0;
}

static void take_events(struct family *f, int64_t until)
{
	static void (*const handlers[EVENT_KINDS])(struct family *, const struct event *) = {
		[EVENT_FORK] = on_fork, [EVENT_CLONE] = on_clone, [EVENT_EXEC] = on_exec,
		[EVENT_EXIT] = on_exit, [EVENT_LOST] = on_lost,
	};
	const struct event *event;
	struct pids threads = { 0 };
	bool follows = is_told(f);
	while ((event = events_next(&f->events, until))) {
		if (handlers[event->kind] && (follows || event->kind == EVENT_LOST))
			handlers[event->kind](f, event);
		if (f->events.adopted && event->kind == EVENT_CLONE)
			pids_add(&threads, event->thread);
		bool ours = members_find(f, event->pid) || !members_is_stranger(f, event->pid);
		if (f->watcher.event && ours)
			f->watcher.event(f->watcher.context, event);
	}
	for (size_t i = 0; i < threads.n; i++)
		events_follow(&f->events, threads.items[i]);
	pids_free(&threads);
}

/* ---- accounts ---- */

/* Nobody saw it, but its parent is one of us. */
static struct member *meet_late(struct family *f, const struct exit_note *note, int64_t now)
{
	if (is_told(f) || !note->last || !members_find(f, note->parent))
		return NULL;
	struct member *m = members_add(f, note->pid, note->parent, now - note->age);
	if (!m)
		return NULL;
	set_name(m, note->name);
	m->executed = true;
	f->descendants++;
	f->unsettled++;
	m->left_at = now;
	return m;
}

/* What a process held before it had a memory of its own, its parent held. */
static void take_notes(struct family *f, int64_t now)
{
	struct exit_note note;
	while (exits_next(&f->exits, &note)) {
		struct member *m = members_find(f, note.pid);
		if (!m && is_told(f)) { /* its fork was told before its end */
			take_events(f, clock_now());
			m = members_find(f, note.pid);
		}
		if (!m)
			m = meet_late(f, &note, now);
		if (!m || m->ended)
			continue;
		if (m->shares == 0 && note.high_water > m->exact)
			m->exact = note.high_water;
		if (note.last)
			m->status = note.status;
	}
}

/* ---- what follows from them ---- */

static void settle(struct family *f, struct member *m, int64_t now)
{
	if (m->left_at && lives_on(m)) {
		m->left_at = 0;
		m->threads = 1;
		f->blind = true;
	}
	/* It may have ended since: its end will be told. */
	int r = m->left_at || m->source ? 0 : members_meet(f, m);
	if (r < 0 && !hidden_note(f, m, r) && !family_is_whole(f))
		m->left_at = now;
	if (m->left_at)
		ends_see(f, m);
}

static bool is_unsettled(const struct member *m)
{
	return !m->ended && (m->left_at || !m->source);
}

/* Those that have ended, but cannot be waited for yet, stay for the next time. */
static void settle_all(struct family *f, int64_t now)
{
	size_t left = 0;
	for (size_t i = 1; i < f->n; i++) {
		if (!is_unsettled(f->members[i]))
			continue;
		settle(f, f->members[i], now);
		left += is_unsettled(f->members[i]);
	}
	f->unsettled = left;
}

void follow_until(struct family *f, int64_t now)
{
	if (f->n == 0 || f->heard_at >= now)
		return;
	f->heard_at = now;
	take_events(f, now);
	take_notes(f, now);
	if (f->unsettled > 0)
		settle_all(f, now);
}

int64_t family_wait(const struct family *f, int64_t now)
{
	if (f->n == 0 || (!is_told(f) && f->exits.fd < 0))
		return -1;
	int64_t left = f->heard_at + LISTEN_EVERY - now;
	return left > 0 ? left : 0;
}

bool family_is_whole(const struct family *f)
{
	return is_told(f) && !f->blind && f->lost == 0;
}
