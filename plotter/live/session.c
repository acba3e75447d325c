#include "plotter/live/session.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "plotter/live/high_water.h"
#include "share/number.h"
#include "share/why/writer.h"

static const int64_t MS = 1000000;

/* ms. Looking at the file costs three system calls; reading it and drawing what has come, at most
 * one part in so many of a CPU. */
enum {
	LOOK = 500,
	LOOK_UNTOLD = 250,
	SOONEST = 250,
	LATEST = 2000,
	PARTS = 250,
	OUTLOOK_SOONEST = 3000
};

static int64_t clock_of(clockid_t clock)
{
	struct timespec now = { 0 };
	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t session_now(void)
{
	return clock_of(CLOCK_MONOTONIC);
}

/* ---- what it comes to ---- */

/* How it ended, in the words of why. */
static int find_end(struct session *s)
{
	struct why why;
	enum why_writer writer = s->state == VIEW_ENDED ? WHY_WRITER_UNKNOWN : WHY_WRITER_GONE;
	int r = why_ask(&why, s->follow.profile, writer);
	if (r < 0)
		return r;
	const struct why_statement *end = why_about(&why, WHY_END);
	snprintf(s->end, sizeof s->end, "%.*s", VIEW_MESSAGE - 1, end ? end->words : "");
	why_free(&why);
	return 0;
}

static int find_outlook(struct session *s, int64_t now)
{
	if (now < s->outlook_due || !s->figures.sampled)
		return 0;
	int64_t before = clock_of(CLOCK_THREAD_CPUTIME_ID);
	int r = figures_look(&s->figures, s->follow.profile, s->own);
	int64_t wait = (clock_of(CLOCK_THREAD_CPUTIME_ID) - before) * PARTS * 2;
	s->outlook_due = now + (wait > OUTLOOK_SOONEST * MS ? wait : OUTLOOK_SOONEST * MS);
	return r;
}

static int take(struct session *s, int64_t now)
{
	int64_t mark = 0;
	int r = follow_read(&s->follow);
	if (r < 0)
		return r;
	const struct profile *p = s->follow.profile;
	if (!p->ended && !high_water_read(p, &mark))
		mark = 0;
	r = figures_make(&s->figures, p, &s->follow.recent, mark);
	r = r < 0 ? r : find_outlook(s, now);
	bool ended = p->ended && s->state != VIEW_ENDED;
	s->state = p->ended ? VIEW_ENDED : VIEW_RECORDING;
	s->silence = 0;
	if (!p->ended)
		*s->end = '\0';
	return ended && r == 0 ? find_end(s) : r;
}

static int read_on(struct session *s, int64_t now)
{
	int64_t before = clock_of(CLOCK_THREAD_CPUTIME_ID);
	s->changed = now;
	int r = take(s, now);
	int64_t wait = (clock_of(CLOCK_THREAD_CPUTIME_ID) - before) * PARTS;
	wait = wait < SOONEST * MS ? SOONEST * MS : wait > LATEST * MS ? LATEST * MS : wait;
	s->due = now + wait;
	return r < 0 ? r : 1;
}

/* ---- what becomes of it ---- */

/* What is missing by now; how long that lasts. */
static double find_silence(const struct session *s, int64_t now)
{
	const double shortest = 2, ticks = 4; /* seconds; of the interval */
	const char *text = profile_setting(s->follow.profile, "interval");
	double interval = 0, silence = (double)(now - s->changed) / 1e9;
	if (text && number_decimal(text, &interval) < 0)
		interval = 0;
	double longest = ticks * interval > shortest ? ticks * interval : shortest;
	return silence > longest ? silence : 0;
}

/* Only of recordings of ours the lock tells. */
static bool is_of_ours(const struct profile *p)
{
	const char *tool = profile_setting(p, "tool");
	return tool && strncmp(tool, "mprof-c/", 8) == 0;
}

/* Nothing has come for a while. */
static int sit(struct session *s, int64_t now)
{
	if (session_is_over(s))
		return 0;
	if ((s->lost || is_of_ours(s->follow.profile)) && now - s->changed >= SOONEST * MS &&
	    (s->lost || why_find_writer(s->follow.path) == WHY_WRITER_GONE)) {
		/* It may have ended between the last look at the file and this one at the lock. */
		int r = read_on(s, now);
		if (r < 0 || session_is_over(s))
			return r;
		s->state = VIEW_BROKEN;
		/* The program may go on: the kernel's mark of so far is none of all of it. */
		r = figures_make(&s->figures, s->follow.profile, &s->follow.recent, 0);
		r = r < 0 ? r : find_end(s);
		return r < 0 ? r : 1;
	}
	double silence = find_silence(s, now);
	bool told = silence > 0 && (int)silence != (int)s->silence;
	s->silence = silence;
	return told;
}

static int begin_again(struct session *s, const char *note, int64_t now)
{
	int r = follow_again(&s->follow);
	watch_close(&s->watch);
	watch_open(&s->watch);
	s->state = VIEW_RECORDING;
	s->lost = false;
	s->figures = (struct figures){ 0 };
	*s->end = '\0';
	s->outlook_due = 0;
	snprintf(s->note, sizeof s->note, "%s", note);
	return r < 0 ? r : read_on(s, now);
}

int session_step(struct session *s, int64_t now)
{
	if (now < s->due)
		return 0;
	switch (follow_look(&s->follow)) {
	case FOLLOW_MORE: return read_on(s, now);
	case FOLLOW_CUT: return begin_again(s, "the file was cut off; it is read anew", now);
	case FOLLOW_OTHER:
		return begin_again(s, "another file has its name now, which is shown", now);
	case FOLLOW_LOST:
		if (!s->lost && !session_is_over(s))
			snprintf(s->note, sizeof s->note, "the file was removed or renamed");
		s->lost = true;
		break;
	default: break;
	}
	if (s->lost && !s->figures.sampled)
		return -ENOENT; /* what came to nothing */
	int r = sit(s, now);
	return r == 0 && *s->note ? 1 : r;
}

int session_wait(struct session *s, int64_t now)
{
	int64_t left = (s->due - now + MS - 1) / MS;
	if (left > 0)
		return (int)left; /* before that nobody need tell us */
	return watch_arm(&s->watch, s->follow.path) ? LOOK : LOOK_UNTOLD;
}

/* ---- all of it ---- */

int session_open(struct session *s, const char *path, growth_own own)
{
	int64_t now = session_now();
	*s = (struct session){ .own = own };
	watch_open(&s->watch);
	int r = follow_open(&s->follow, path);
	r = r < 0 ? r : read_on(s, now);
	return r < 0 ? r : 0;
}

void session_close(struct session *s)
{
	follow_close(&s->follow);
	watch_close(&s->watch);
}

struct view_of session_view(const struct session *s)
{
	return (struct view_of){ s->follow.profile, &s->follow.recent, &s->figures, s->own,
				 s->state,          s->silence,        s->end };
}
