/* What happened: the first cause that the file bears out, from the certain to the less so. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "share/growth/peak_known.h"
#include "share/number.h"
#include "share/profile/near.h"
#include "share/profile/profile.h"
#include "share/text.h"
#include "share/why/end.h"
#include "share/why/facts.h"

/* ---- it has not ended, for all that the file tells ---- */

static bool goes_on(struct why *why)
{
	if (why->profile->ended || why->writer != WHY_WRITER_THERE)
		return false;
	struct why_statement *s = why_state(why, WHY_END, "running", KNOWN_EXACT);
	WHY_SAY(s, "still being recorded");
	WHY_BY(s, "a recorder holds the file, which has no EXIT record yet");
	return true;
}

static bool is_of_others(struct why *why)
{
	const struct profile *p = why->profile;
	const char *tool = profile_setting(p, "tool");
	bool cut = !tool && p->flaws.cut && p->memory.samples == 0; /* before that is told */
	if (p->ended || cut || (tool && strstr(tool, "mprof-c")))
		return false;
	struct why_statement *s = why_state(why, WHY_END, "untold", KNOWN_UNKNOWN);
	WHY_SAY(s, "how it ended is not told");
	WHY_BY(s, "the file is not of mprof-c, and such files have no word of it");
	return true;
}

static bool has_no_end(struct why *why)
{
	const struct profile *p = why->profile;
	char length[FORMAT_SIZE];
	if (p->ended)
		return false;
	struct why_statement *s = why_state(why, WHY_END, "interrupted", KNOWN_UNKNOWN);
	WHY_SAY(s, "the recording breaks off; how the program ended cannot be told");
	WHY_BY(s, "no EXIT record after %s%s: the recorder itself was killed, or could not write",
	       format_duration(length, why_seconds(p)),
	       why->writer == WHY_WRITER_GONE ? ", and no recorder holds the file" : "");
	if (p->flaws.cut)
		WHY_BY(s, "; its last line is cut");
	return true;
}

static const double MOMENT = 0.01; /* seconds */

/* The group is killed as a whole, and the recorder with it, or it was the recorder that the kernel
 * chose; but others kill too, and at any time. */
static bool stops_near_limit(struct why *why)
{
	struct profile_near near;
	char held[FORMAT_SIZE], limit[FORMAT_SIZE], before[FORMAT_SIZE];
	if (!profile_ends_near_limit(why->profile, &near))
		return false;
	bool probable = near.whole || near.kills > 0;
	struct why_statement *s =
		why_state(why, WHY_END, "limit", probable ? KNOWN_ESTIMATE : KNOWN_UNKNOWN);
	WHY_SAY(s, "the recording stops at %s of %s that its control group allows; %s",
		format_memory(held, near.held), format_memory(limit, near.limit),
		probable ? "probably killed: out of memory"
			 : "how the program ended cannot be told");
	WHY_BY(s, "no EXIT record%s; that the group held ",
	       why->writer == WHY_WRITER_GONE ? ", and no recorder holds the file" : "");
	if (near.ago < MOMENT)
		WHY_BY(s, "at the last sample");
	else
		WHY_BY(s, "%s before the last sample", format_duration(before, near.ago));
	if (near.kills > 0)
		WHY_BY(s, "; the kernel counted %ld kill%s for memory there", near.kills,
		       near.kills == 1 ? "" : "s");
	if (near.whole)
		WHY_BY(s, "; all of it is killed at once (memory.oom.group)");
	return true;
}

/* ---- killed for memory, or by --at ---- */

static const struct {
	const char *key, *kind, *evidence;
	enum known known;
} killers[] = {
	{ "oom", "oom", "the kernel counted or logged the kill", KNOWN_EXACT },
	{ "oom?", "oom",
	  "its control group counted a kill, but others were in it: probably this one",
	  KNOWN_ESTIMATE },
	{ "oomd", "oomd", "systemd-oomd left its mark at the control group", KNOWN_EXACT },
	{ "earlyoom", "earlyoom", "earlyoom says so in the system's log", KNOWN_EXACT },
	{ "at", "at", "the recorder sent the signal itself", KNOWN_EXACT },
};

static void say_limit(struct why_statement *s, const struct profile *p)
{
	char figure[FORMAT_SIZE];
	const char *kind = profile_setting(p, "limit_kind");
	double limit;
	if (kind && strcmp(kind, "cgroup") == 0 && profile_setting_mib(p, "limit", &limit))
		WHY_SAY(s, " (its control group allows %s)", format_memory(figure, limit));
}

/* Whom the killer's word is of. */
enum victim { ITSELF, IT_OR_ANOTHER, ANOTHER };

static enum victim victim_of(const struct profile *p)
{
	long victim, pid;
	if (!why_number(p, "killed_pid", &victim) || !why_number(p, "pid", &pid) || victim == pid)
		return ITSELF;
	bool killed = p->status == -SIGKILL || p->status == PROFILE_STATUS_UNKNOWN;
	return victim == 0 && killed && !profile_is_set(p, "killed_other") ? IT_OR_ANOTHER
									   : ANOTHER;
}

static void name_victim(struct why_statement *s, const struct profile *p)
{
	long victim;
	if (why_number(p, "killed_pid", &victim) && victim > 0)
		WHY_SAY(s, ": process %ld %s", victim, profile_name_of(p, (pid_t)victim));
}

/* "a process of it was killed: out of memory" → ": out of memory". */
static const char *cause_in(const char *words)
{
	const char *killed = strstr(words, "killed");
	return killed ? killed + strlen("killed") : "";
}

static void say_victim(struct why_statement *s, const struct profile *p, const char *words)
{
	enum victim victim = victim_of(p);
	if (victim == ITSELF) {
		WHY_SAY(s, "%s", words);
	} else if (victim == IT_OR_ANOTHER) {
		WHY_SAY(s, "it, or a process of it, was killed%s", cause_in(words));
	} else {
		why_say_status(s, p);
		if (p->status == -SIGKILL)
			WHY_SAY(s, "; who sent it is not known");
		WHY_SAY(s, "%s%s", why_end_is_known(p) ? "; " : "", words);
		name_victim(s, p);
	}
}

static bool is_killed(struct why *why)
{
	const struct profile *p = why->profile;
	const char *words = profile_killed(p), *killed = profile_setting(p, "killed");
	for (size_t i = 0; words && i < sizeof killers / sizeof *killers; i++) {
		if (strcmp(killed, killers[i].key) != 0)
			continue;
		struct why_statement *s =
			why_state(why, WHY_END, killers[i].kind, killers[i].known);
		say_victim(s, p, words);
		if (strncmp(killed, "oom", 3) == 0)
			say_limit(s, p);
		WHY_BY(s, "%s",
		       profile_setting(p, "killed_by")
			       ? "that recorder wrote it here before it sent the signal"
			       : killers[i].evidence);
		return true;
	}
	return false;
}

/* ---- the recording was ended, and the program was not ---- */

static bool is_left(struct why *why)
{
	const struct profile *p = why->profile;
	const char *stopped = profile_setting(p, "stopped");
	bool timeout = stopped && strcmp(stopped, "timeout") == 0;
	if (!stopped || why_end_is_known(p))
		return false;
	struct why_statement *s = why_state(why, WHY_END, "left", KNOWN_EXACT);
	WHY_SAY(s, "the recording was ended by %s; the program ran on", timeout ? "-t" : stopped);
	WHY_BY(s, "the recorder says so itself");
	return true;
}

static bool is_of_itself(struct why *why)
{
	const char *tool = profile_setting(why->profile, "tool");
	if (why_end_is_known(why->profile) || !tool || strncmp(tool, "libmprof-c", 10) != 0)
		return false;
	struct why_statement *s = why_state(why, WHY_END, "itself", KNOWN_EXACT);
	WHY_SAY(s, "the program ended its own recording");
	WHY_BY(s, "it was made inside the program; how that ended is not told");
	return true;
}

static bool is_untold(struct why *why)
{
	if (why_end_is_known(why->profile))
		return false;
	struct why_statement *s = why_state(why, WHY_END, "ended", KNOWN_UNKNOWN);
	WHY_SAY(s, "ended; with what status cannot be told");
	WHY_BY(s, "it was no child of the recorder's, and the kernel told nobody else");
	return true;
}

/* ---- a signal that we were sent in its place ---- */

static void say_sender(struct why_statement *s, const struct profile *p)
{
	const char *by = profile_setting(p, "signalled_by");
	char *name = by ? text_printable(by) : NULL;
	long pid;
	if (by && strcmp(by, "terminal") == 0)
		WHY_SAY(s, "from the terminal");
	else if (!why_number(p, "signalled_pid", &pid) || pid <= 0)
		WHY_SAY(s, "from the kernel");
	else if (name && *name)
		WHY_SAY(s, "from %s (process %ld)", name, pid);
	else
		WHY_SAY(s, "from process %ld", pid);
	free(name);
}

static bool is_signalled(struct why *why)
{
	const struct profile *p = why->profile;
	char end[FORMAT_SIZE];
	long number;
	if (!why_number(p, "signalled", &number) || (p->status < 0 && -p->status != number))
		return false;
	bool itself = p->status < 0, passed = p->status == 128 + number;
	struct why_statement *s = why_state(why, WHY_END, "signalled",
					    itself || passed ? KNOWN_EXACT : KNOWN_ESTIMATE);
	why_say_status(s, p);
	if (itself)
		WHY_SAY(s, " ");
	else
		WHY_SAY(s, " after %s ", why_signal(end, (int)number));
	say_sender(s, p);
	WHY_BY(s, "the recorder took the signal in the program's place and passed it on");
	return true;
}

/* It is the recording that suffers of that, not the program. */
static void say_unwritten(struct why *why)
{
	bool full;
	long n;
	const char *cause = why_unwritten(why->profile, &full);
	if (full && why->n > 0 && why_number(why->profile, "dropped", &n))
		WHY_SAY(&why->statements[0], "; %s, and %ld record%s missing", cause, n,
			n == 1 ? " is" : "s are");
}

void why_find_end(struct why *why)
{
	static bool (*const causes[])(struct why *) = {
		why_is_of_ranks,  is_killed,       goes_on,          is_of_others,
		stops_near_limit, has_no_end,      is_left,          is_of_itself,
		is_untold,        is_signalled,    why_is_timed_out, why_is_of_signal,
		why_is_of_child,  why_is_of_shell, why_is_refused,   why_is_exit,
	};
	for (size_t i = 0; i < sizeof causes / sizeof *causes; i++)
		if (causes[i](why))
			break;
	say_unwritten(why);
}
