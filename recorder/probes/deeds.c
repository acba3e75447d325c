#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "recorder/probes/act.h"
#include "recorder/probes/kill_note.h"
#include "recorder/probes/shell.h"
#include "recorder/recording/figure.h"
#include "recorder/recording/recording.h"
#include "recorder/recording/running.h"
#include "share/fault.h"

enum { RISE_SIZE = 160 };
static const int64_t TO_END = 1000000000; /* ns, for who was killed late, to be told of it */

/* ---- words ---- */

uint64_t deeds_held(const struct act *act, const struct recording *r, size_t i)
{
	const struct threshold *t = &act->at.items[i];
	return t->gpu ? r->vram.bytes : t->of ? act->rises[i].held : r->peaks.most;
}

static int length_of_size(const struct threshold *t)
{
	return (int)(t->does - t->size) - 1;
}

/* What rose, for people: "2.1 GiB, above 90% (2.0 GiB)". */
static void describe_rise(char out[RISE_SIZE], const struct act *act, const struct recording *r,
			  size_t i)
{
	const struct threshold *t = &act->at.items[i];
	char held[FORMAT_SIZE], size[FORMAT_SIZE], share[FORMAT_SIZE + 4] = "";
	if (t->percent > 0 && !t->gpu)
		snprintf(share, sizeof share, " (%s)", figure_say(size, act->rises[i].size));
	snprintf(out, RISE_SIZE, "%s%s, above %.*s%s", figure_say(held, deeds_held(act, r, i)),
		 t->gpu ? " of a GPU's memory" : "", length_of_size(t), t->size, share);
}

static void say_above(const struct act *act, const struct recording *r, size_t i)
{
	const struct threshold *t = &act->at.items[i];
	char rise[RISE_SIZE];
	describe_rise(rise, act, r, i);
	bool tree = r->total || t->gpu;
	if (t->of && t->of->metric->owner == METRIC_OF_MACHINE)
		alert("the machine holds %s", rise);
	else if (r->target.group)
		alert("the control group %s holds %s", r->options.group, rise);
	else if (t->of && source_is_common(t->of))
		alert("the control group of process %d holds %s", (int)r->target.pid, rise);
	else
		alert("%sprocess %d holds %s", tree ? "the tree of " : "", (int)r->target.pid,
		      rise);
}

static void put_mark(struct recording *r, const char *format, const struct threshold *t)
{
	char label[256];
	snprintf(label, sizeof label, format, length_of_size(t), t->size, t->does);
	profile_put(&r->writer,
		    &(struct profile_record){ .kind = PROFILE_MARK,
					      .at = { r->us, sample_umib(r->peaks.most) },
					      .text = label });
}

/* ---- signals ---- */

static void note(struct act *act, pid_t pid, int error)
{
	if (error >= 0 || error == -ESRCH || act->refused)
		return;
	act->refused = true;
	alert("process %d took no signal from --at: %s", (int)pid, strerror(-error));
}

/* Before anybody ends: a recorder among them holds its recording only as long as it lives. */
static void leave_word(struct recording *r)
{
	const struct family *f = &r->family;
	struct pids victims = { 0 };
	if (r->target.pid > 0)
		pids_add(&victims, r->target.pid);
	for (size_t i = 1; r->options.tree && i < f->n; i++)
		if (!f->members[i]->ended)
			pids_add(&victims, f->members[i]->pid);
	kill_note_leave(r, &victims);
	pids_free(&victims);
}

/* Of all the family, where the tree is asked for: a program that is stopped alone leaves its
 * workers to grow. */
static void send_all(struct act *act, struct recording *r, int number)
{
	const struct family *f = &r->family;
	if (number == SIGKILL || number == SIGTERM)
		leave_word(r);
	note(act, r->target.pid, target_signal(&r->target, number));
	for (size_t i = 1; r->options.tree && i < f->n; i++)
		if (!f->members[i]->ended)
			note(act, f->members[i]->pid, members_signal(f->members[i], number));
	r->deed.sent = number == SIGKILL || number == SIGTERM ? number : r->deed.sent;
}

static void say_stopped(const struct act *act, const struct recording *r, size_t at)
{
	const struct family *f = &r->family;
	char rise[RISE_SIZE], pids[1536] = "";
	bool group = r->target.group != NULL;
	size_t i, used = 0;
	if (!group)
		used = (size_t)snprintf(pids, sizeof pids, "%d", (int)r->target.pid);
	for (i = 1; r->options.tree && i < f->n && used < sizeof pids - 16; i++)
		if (!f->members[i]->ended)
			used += (size_t)snprintf(pids + used, sizeof pids - used, " %d",
						 (int)f->members[i]->pid);
	describe_rise(rise, act, r, at);
	const char *more = r->options.tree && i < f->n ? " …" : "";
	if (group)
		alert("stopped all of %s at %s; go on with: kill -CONT%s%s", r->options.group, rise,
		      pids, more);
	else
		alert("stopped process %d at %s; go on with: kill -CONT %s%s", (int)r->target.pid,
		      rise, pids, more);
}

/* ---- commands ---- */

/* The file may lie anywhere: its path is asked of the kernel. */
static void describe(const struct recording *r, uint64_t held)
{
	char own[64], path[PATH_MAX], text[FIGURE_SIZE];
	snprintf(own, sizeof own, "/proc/self/fd/%d", r->writer.fd);
	ssize_t n = readlink(own, path, sizeof path - 1);
	path[n > 0 ? n : 0] = '\0';
	if (*path == '/')
		setenv(RUNNING_FILE, path, 1);
	snprintf(text, sizeof text, "%d", (int)r->target.pid);
	setenv("MPROF_PID", text, 1);
	setenv("MPROF_MIB", figure_write(text, held), 1);
}

/* One at a time: what takes longer than the memory to fall and rise again is not started twice. */
static void run_command(struct act *act, struct recording *r, size_t i)
{
	const struct threshold *t = &act->at.items[i];
	struct rise *rise = &act->rises[i];
	bool before = rise->failed;
	if (rise->command > 0)
		return;
	describe(r, deeds_held(act, r, i));
	rise->command = shell_start(t->command, &r->signals, &r->descriptors);
	rise->failed = rise->command < 0;
	if (!rise->failed)
		family_disown(&r->family, rise->command);
	if (before && !rise->failed)
		put_mark(r, "late, above %.*s: %s", t);
	if (before || !rise->failed)
		return;
	put_mark(r, "not run, above %.*s: %s", t);
	alert("cannot run '%s' for --at: %s; it is tried again while the memory is above",
	      t->command, strerror((int)-rise->command));
}

void deeds_retry(struct act *act, struct recording *r, size_t i)
{
	if (act->rises[i].failed)
		run_command(act, r, i);
}

/* ---- steps ---- */

static void take_step(struct act *act, struct recording *r, size_t i, enum threshold_action action)
{
	switch (action) {
	case ACTION_MARK: break;
	case ACTION_WARN: say_above(act, r, i); break;
	case ACTION_STOP:
		send_all(act, r, SIGSTOP);
		say_stopped(act, r, i);
		break;
	case ACTION_TERM: send_all(act, r, SIGTERM); break;
	case ACTION_KILL: send_all(act, r, SIGKILL); break;
	case ACTION_RUN: run_command(act, r, i); break;
	}
}

void deeds_do(struct act *act, struct recording *r, size_t i, int64_t now)
{
	const struct threshold *t = &act->at.items[i];
	put_mark(r, "above %.*s: %s", t);
	for (size_t k = 0; k < t->n_steps; k++) {
		if (t->steps[k].after == 0)
			take_step(act, r, i, t->steps[k].action);
		else if (act->rises[i].due[k] == 0)
			act->rises[i].due[k] = now + t->steps[k].after;
		r->lingers |= t->steps[k].after > 0;
	}
}

static int64_t earlier(int64_t least, int64_t due, int64_t now)
{
	int64_t left = due > now ? due - now : 0;
	return due > 0 && (least < 0 || left < least) ? left : least;
}

int64_t deeds_wait(const struct act *act, int64_t now)
{
	int64_t least = earlier(-1, act->settled, now);
	for (size_t i = 0; i < act->at.n; i++)
		for (size_t k = 0; k < MOST_STEPS; k++)
			least = earlier(least, act->rises[i].due[k], now);
	return least;
}

static void follow(struct act *act, struct recording *r, size_t i, int64_t now)
{
	for (size_t k = 0; k < MOST_STEPS; k++) {
		int64_t *due = &act->rises[i].due[k];
		if (*due == 0 || *due > now)
			continue;
		*due = 0;
		act->settled = now + TO_END;
		put_mark(r, "later, above %.*s: %s", &act->at.items[i]);
		take_step(act, r, i, act->at.items[i].steps[k].action);
	}
}

void deeds_follow(struct act *act, struct recording *r, int64_t now)
{
	if (act->settled <= now)
		act->settled = 0;
	for (size_t i = 0; i < act->at.n; i++)
		follow(act, r, i, now);
	r->lingers = deeds_wait(act, now) >= 0;
}
