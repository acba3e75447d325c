/* What the status of a program tells of why it ended. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "share/growth/peak_known.h"
#include "share/number.h"
#include "share/profile/profile.h"
#include "share/text.h"
#include "share/why/end.h"
#include "share/why/facts.h"

bool why_end_is_known(const struct profile *p)
{
	return p->ended && p->status != PROFILE_STATUS_UNKNOWN;
}

void why_say_status(struct why_statement *s, const struct profile *p)
{
	char end[FORMAT_SIZE];
	if (!why_end_is_known(p))
		return;
	if (p->status >= 0)
		WHY_SAY(s, "exited with %d", p->status);
	else
		WHY_SAY(s, "killed by %s", why_signal(end, -p->status));
}

/* ---- a limit on addresses: whoever meets it is refused memory, and nobody kills him ---- */

struct addresses {
	double limit, most; /* MiB; 0: not known */
	bool used_up;       /* nearly */
};

static bool find_addresses(struct addresses *a, const struct profile *p)
{
	*a = (struct addresses){ 0 };
	if (!profile_setting_mib(p, "rlimit_as", &a->limit))
		return false;
	a->used_up = profile_setting_mib(p, "vm_peak", &a->most) && a->most >= 0.8 * a->limit;
	return true;
}

/* Whoever lives on with less than half of it was not ended by that. */
static bool got_over_it(const struct profile *p)
{
	const int64_t lately = 1000000; /* µs: what is given back sooner, the end may give back */
	const struct columns *c = &p->memory.columns;
	int64_t since = profile_end_us(p) - lately, most = -1;
	for (size_t i = 0; i < c->n; i++) {
		const struct column *column = &c->items[i];
		if (column->n > 0 && column->last.us >= since && column->high.umib > most)
			most = column->high.umib;
	}
	return most >= 0 && 2 * most < p->memory.peak.umib;
}

/* Of C and C++: malloc's NULL that nobody looked at, or std::bad_alloc that nobody caught. */
static void say_refused(struct why_statement *s, const struct profile *p)
{
	struct addresses a;
	char limit[FORMAT_SIZE], most[FORMAT_SIZE];
	if (!find_addresses(&a, p) || !a.used_up || got_over_it(p))
		return;
	s->known = KNOWN_ESTIMATE;
	WHY_SAY(s, "; probably it was refused memory: RLIMIT_AS allows %s",
		format_memory(limit, a.limit));
	WHY_BY(s, "; its addresses had taken up to %s of %s", format_memory(most, a.most), limit);
}

/* ---- signals ---- */

static const struct {
	int number;
	const char *words;
} meanings[] = {
	{ SIGSEGV, "a bad memory access" },
	{ SIGBUS, "memory without a page behind it: a map of a file cut short, or a full disk" },
	{ SIGABRT, "it gave up by abort()" },
	{ SIGFPE, "a division that cannot be done" },
	{ SIGILL, "an instruction that this CPU does not have" },
	{ SIGTRAP, "a breakpoint, or a failed check" },
	{ SIGSYS, "a system call that is forbidden to it" },
	{ SIGXCPU, "its limit of CPU time (RLIMIT_CPU)" },
	{ SIGXFSZ, "its limit on the size of files (RLIMIT_FSIZE)" },
	{ SIGPIPE, "nobody read what it wrote to a pipe any more" },
};

static const char *meaning(int number)
{
	for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++)
		if (meanings[i].number == number)
			return meanings[i].words;
	return NULL;
}

static void weigh_limits(struct why_statement *s, const struct profile *p)
{
	double limit, peak = p->memory.peak.umib ? sample_mib(p->memory.peak.umib) : 0;
	struct peak_verdict v;
	if (peak_verdict(p, &v))
		peak = v.mib;
	if (profile_setting_mib(p, "limit", &limit) && peak > 0)
		WHY_BY(s, "; the peak was %.0f %% of what is allowed", 100 * peak / limit);
}

static void say_kill(struct why_statement *s, const struct profile *p)
{
	long counted;
	bool cleared = why_number(p, "oom_kills", &counted) && counted == 0;
	WHY_SAY(s, "; who sent it is not known%s", cleared ? ", but no OOM kill was counted" : "");
	s->kind = "killed";
	s->known = KNOWN_UNKNOWN;
	WHY_BY(s, "the kernel does not tell the sender%s",
	       cleared ? ": not the kernel's OOM killer, whose counter stood still" : "");
	weigh_limits(s, p);
}

bool why_is_of_signal(struct why *why)
{
	const struct profile *p = why->profile;
	int number = -p->status;
	if (p->status >= 0)
		return false;
	struct why_statement *s = why_state(why, WHY_END, "signal", KNOWN_EXACT);
	why_say_status(s, p);
	if (number == SIGKILL) {
		say_kill(s, p);
		return true;
	}
	const char *means = meaning(number);
	if (means)
		WHY_SAY(s, ": %s", means);
	else if (number == SIGTERM || number == SIGINT || number == SIGHUP)
		WHY_BY(s, "sent by somebody else than the recorder; the kernel does not tell by "
			  "whom; ");
	WHY_BY(s, "the status that the kernel told%s",
	       profile_is_set(p, "core") ? ", and it left a core dump" : "");
	if (number == SIGABRT || number == SIGSEGV)
		say_refused(s, p);
	return true;
}

/* ---- statuses ---- */

static const struct profile_child *dead_child(const struct profile *p, int number)
{
	for (size_t i = p->n_children; i-- > 0;)
		if (p->children[i].status == -number)
			return &p->children[i];
	return NULL;
}

/* A shell's word for what it ran; others say it too. */
bool why_is_of_child(struct why *why)
{
	const struct profile *p = why->profile;
	char end[FORMAT_SIZE];
	int number = p->status - 128;
	if (number <= 0 || number > SIGRTMAX || number == SIGTRAP)
		return false;
	const struct profile_child *child = dead_child(p, number);
	struct why_statement *s = why_state(why, WHY_END, number == SIGKILL ? "killed" : "signal",
					    child ? KNOWN_EXACT : KNOWN_ESTIMATE);
	why_say_status(s, p);
	why_signal(end, number);
	if (child)
		WHY_SAY(s, ": process %d %s of it died of %s", (int)child->pid,
			child->name ? child->name : "", end);
	else
		WHY_SAY(s, ": as shells tell of a command that died of %s", end);
	const char *means = meaning(number);
	if (means)
		WHY_SAY(s, ", %s", means);
	if (number == SIGKILL)
		weigh_limits(s, p);
	WHY_BY(s,
	       child ? "the child's own status"
		     : "128 + %d; the child's own end is not in the recording",
	       number);
	return true;
}

static const char *const shells[] = { "sh", "bash", "dash", "ksh", "zsh", "env", NULL };

bool why_is_of_shell(struct why *why)
{
	const struct profile *p = why->profile;
	if (!(p->status == 126 || p->status == 127) || !why_runs(p, shells))
		return false;
	struct why_statement *s = why_state(why, WHY_END, "exit", KNOWN_ESTIMATE);
	why_say_status(s, p);
	WHY_SAY(s, ": as shells tell of a command that %s",
		p->status == 127 ? "was not found" : "could not be executed");
	WHY_BY(s, "its status, and that it is a shell");
	return true;
}

bool why_is_refused(struct why *why)
{
	const struct profile *p = why->profile;
	struct addresses a;
	char limit[FORMAT_SIZE], most[FORMAT_SIZE];
	if (p->status <= 0 || !find_addresses(&a, p) || (p->status != 1 && !a.used_up))
		return false;
	bool python = a.used_up && p->status == 1 && why_is_python(p) && !got_over_it(p);
	struct why_statement *s = why_state(why, WHY_END, python ? "memoryerror" : "exit",
					    python ? KNOWN_ESTIMATE : KNOWN_UNKNOWN);
	why_say_status(s, p);
	WHY_SAY(s,
		python ? "; probably a MemoryError: RLIMIT_AS allows %s"
		       : "; RLIMIT_AS allows %s: whether it was refused memory cannot be told",
		format_memory(limit, a.limit));
	if (a.most > 0)
		WHY_BY(s, "its addresses had taken up to %s of %s; ", format_memory(most, a.most),
		       limit);
	else
		WHY_BY(s, "the limit; ");
	if (a.used_up && got_over_it(p))
		WHY_BY(s, "it had given back half of its memory well before the end; ");
	WHY_BY(s, "its own messages are not recorded");
	return true;
}

bool why_is_exit(struct why *why)
{
	const struct profile *p = why->profile;
	struct why_statement *s =
		why_state(why, WHY_END, p->status ? "exit" : "clean", KNOWN_EXACT);
	why_say_status(s, p);
	WHY_BY(s, p->status ? "its own status, as the kernel told; why is in its own messages, "
			      "which are not recorded"
			    : "its own status, as the kernel told");
	return true;
}
