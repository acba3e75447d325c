#include "plotter/live/tell.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plotter/live/head.h"
#include "share/commands/recording.h"
#include "share/fault.h"
#include "share/text.h"

static void put(FILE *out, const char *before, const char *words)
{
	char *shown = *words ? text_printable(words) : NULL;
	if (shown && *shown)
		fprintf(out, "%s%s", before, shown);
	free(shown);
}

void tell_put(FILE *out, const struct session *s)
{
	char words[FIGURES_WORDS], time[FORMAT_SIZE];
	const struct profile *p = s->follow.profile;
	const struct figures *f = &s->figures;
	fputs(format_duration(time, f->elapsed), out);
	const char *moment = !f->sampled ? "  " : session_is_over(s) ? "  last " : "  now ";
	put(out, moment, figures_say_now(words, f));
	put(out, "  ", f->sampled ? figures_say_peak(words, f) : "");
	if (!session_is_over(s)) {
		put(out, "  ", figures_say_allowed(words, f));
		put(out, "  ", figures_say_rate(words, f));
		put(out, "  ", figures_say_limit(words, f));
	}
	for (size_t i = 0; i < p->n_gpus; i++)
		if (p->gpus[i].series.samples > 0)
			put(out, "  ", head_say_gpu(words, p, &p->gpus[i]));
	put(out, "  ", s->end);
}

static int put_line(const struct session *s)
{
	tell_put(stdout, s);
	putchar('\n');
	return fflush(stdout) == 0 ? 0 : -errno;
}

static int say_unwritable(int error)
{
	return fault(STATUS_FAULT, "cannot write to standard output: %s", strerror(-error));
}

static void wait_for_more(struct session *s, int64_t now, int64_t next)
{
	struct pollfd events[] = { { .fd = s->watch.fd, .events = POLLIN } };
	int wait = session_wait(s, now);
	int64_t left = (next - now) / 1000000 + 1;
	if (poll(events, 1, left < wait ? (int)left : wait) > 0)
		watch_take(&s->watch);
}

int tell(struct session *s, double interval)
{
	const int64_t between = (int64_t)(interval * 1e9);
	bool sampled = s->figures.sampled;
	int64_t next = s->figures.sampled ? 0 : session_now() + between; /* the first comes soon */
	for (;;) {
		int64_t now = session_now();
		int r = session_step(s, now);
		if (r < 0)
			return fault(STATUS_FAULT, "cannot read %s: %s", s->follow.path,
				     recording_reason(r));
		if (*s->note)
			warning("%s: %s", s->follow.path, s->note);
		*s->note = '\0';
		bool over = session_is_over(s);
		bool first = s->figures.sampled && !sampled;
		sampled = s->figures.sampled;
		if (over || now >= next || first) {
			next = now + between;
			r = put_line(s);
		}
		if (r < 0)
			return say_unwritable(r);
		if (over)
			return s->state == VIEW_ENDED ? STATUS_OK : STATUS_FAULT;
		wait_for_more(s, now, next > now ? next : now + (int64_t)1e9);
	}
}
