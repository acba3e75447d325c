/* What happened: the first cause that the file bears out, from the certain to the less so. */
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "share/commands/peak_known.h"
#include "share/number.h"
#include "share/profile/profile.h"
#include "share/text.h"
#include "share/why/facts.h"
#include "share/why/state.h"

static struct why_statement *state(struct why *why, const char *kind, enum known known)
{
	return why_state(why, WHY_END, kind, known);
}

static bool is_known(const struct profile *p)
{
	return p->ended && p->status != PROFILE_STATUS_UNKNOWN;
}

static void say_status(struct why_statement *s, const struct profile *p)
{
	char end[FORMAT_SIZE];
	if (!is_known(p))
		return;
	if (p->status >= 0)
		WHY_SAY(s, "exited with %d", p->status);
	else
		WHY_SAY(s, "killed by %s", why_signal(end, -p->status));
}

/* ---- it has not ended, for all that the file tells ---- */

static bool goes_on(struct why *why)
{
	if (why->profile->ended || why->writer != WHY_WRITER_THERE)
		return false;
	struct why_statement *s = state(why, "running", KNOWN_EXACT);
	WHY_SAY(s, "still being recorded");
	WHY_BY(s, "a recorder holds the file, which has no EXIT record yet");
	return true;
}

static bool is_of_others(struct why *why)
{
	const char *tool = profile_setting(why->profile, "tool");
	if (why->profile->ended || (tool && strstr(tool, "mprof-c")))
		return false;
	struct why_statement *s = state(why, "untold", KNOWN_UNKNOWN);
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
	struct why_statement *s = state(why, "interrupted", KNOWN_UNKNOWN);
	WHY_SAY(s, "the recording breaks off; how the program ended cannot be told");
	WHY_BY(s, "no EXIT record after %s%s: the recorder itself was killed, or could not write",
	       format_duration(length, why_seconds(p)),
	       why->writer == WHY_WRITER_GONE ? ", and no recorder holds the file" : "");
	if (p->flaws.cut)
		WHY_BY(s, "; its last line is cut");
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
		WHY_SAY(s, ": process %ld %s", victim, why_name(p, (pid_t)victim));
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
		say_status(s, p);
		if (p->status == -SIGKILL)
			WHY_SAY(s, "; who sent it is not known");
		WHY_SAY(s, "%s%s", is_known(p) ? "; " : "", words);
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
		struct why_statement *s = state(why, killers[i].kind, killers[i].known);
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
	if (!stopped || is_known(p))
		return false;
	struct why_statement *s = state(why, "left", KNOWN_EXACT);
	WHY_SAY(s, "the recording was ended by %s; the program ran on", timeout ? "-t" : stopped);
	WHY_BY(s, "the recorder says so itself");
	return true;
}

static bool is_of_itself(struct why *why)
{
	const char *tool = profile_setting(why->profile, "tool");
	if (is_known(why->profile) || !tool || strncmp(tool, "libmprof-c", 10) != 0)
		return false;
	struct why_statement *s = state(why, "itself", KNOWN_EXACT);
	WHY_SAY(s, "the program ended its own recording");
	WHY_BY(s, "it was made inside the program; how that ended is not told");
	return true;
}

static bool is_untold(struct why *why)
{
	if (is_known(why->profile))
		return false;
	struct why_statement *s = state(why, "ended", KNOWN_UNKNOWN);
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
	struct why_statement *s =
		state(why, "signalled", itself || passed ? KNOWN_EXACT : KNOWN_ESTIMATE);
	say_status(s, p);
	if (itself)
		WHY_SAY(s, " ");
	else
		WHY_SAY(s, " after %s ", why_signal(end, (int)number));
	say_sender(s, p);
	WHY_BY(s, "the recorder took the signal in the program's place and passed it on");
	return true;
}

/* ---- timeout(1) ---- */

static bool takes_value(const char *word)
{
	static const char *const options[] = { "-s", "--signal", "-k", "--kill-after" };
	for (size_t i = 0; i < sizeof options / sizeof *options; i++)
		if (strcmp(word, options[i]) == 0)
			return true;
	return false;
}

/* "5", "2.5m"; 0: it is none. */
static double parse_duration(const char *text)
{
	static const struct {
		char letter;
		double seconds;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 } };
	char digits[32];
	double value, unit = 1;
	size_t n = strlen(text);
	if (n == 0 || n >= sizeof digits)
		return 0;
	strcpy(digits, text);
	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (digits[n - 1] == units[i].letter) {
			unit = units[i].seconds;
			digits[n - 1] = '\0';
			break;
		}
	return number_decimal(digits, &value) == 0 && value > 0 ? value * unit : 0;
}

/* What `timeout` was told to wait, s; 0: the program is none. */
static double allowed_time(const struct profile *p)
{
	static const char *const names[] = { "timeout", NULL };
	char word[WHY_WORD];
	if (!why_runs(p, names))
		return 0;
	for (unsigned i = 1; why_word(p, i, word); i++) {
		if (takes_value(word))
			i++;
		else if (*word != '-')
			return parse_duration(word);
	}
	return 0;
}

static bool is_timed_out(struct why *why)
{
	const double early = 0.1; /* s: the first sample comes a moment after the start */
	const struct profile *p = why->profile;
	char length[FORMAT_SIZE];
	double allowed = allowed_time(p);
	bool fits = p->status == 124 || p->status == 137 || p->status == -SIGKILL;
	if (allowed == 0 || !fits || why_seconds(p) < allowed - early)
		return false;
	struct why_statement *s =
		state(why, "timeout", p->status == 124 ? KNOWN_EXACT : KNOWN_ESTIMATE);
	say_status(s, p);
	WHY_SAY(s, ": timeout ended it after %s", format_duration(length, allowed));
	WHY_BY(s, "timeout leaves with 124, or 137 after SIGKILL, and the time was over");
	return true;
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

static bool is_of_signal(struct why *why)
{
	const struct profile *p = why->profile;
	int number = -p->status;
	if (p->status >= 0)
		return false;
	struct why_statement *s = state(why, "signal", KNOWN_EXACT);
	say_status(s, p);
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
static bool is_of_child(struct why *why)
{
	const struct profile *p = why->profile;
	char end[FORMAT_SIZE];
	int number = p->status - 128;
	if (number <= 0 || number > SIGRTMAX || number == SIGTRAP)
		return false;
	const struct profile_child *child = dead_child(p, number);
	struct why_statement *s = state(why, number == SIGKILL ? "killed" : "signal",
					child ? KNOWN_EXACT : KNOWN_ESTIMATE);
	say_status(s, p);
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

static bool is_of_shell(struct why *why)
{
	const struct profile *p = why->profile;
	if (!(p->status == 126 || p->status == 127) || !why_runs(p, shells))
		return false;
	struct why_statement *s = state(why, "exit", KNOWN_ESTIMATE);
	say_status(s, p);
	WHY_SAY(s, ": as shells tell of a command that %s",
		p->status == 127 ? "was not found" : "could not be executed");
	WHY_BY(s, "its status, and that it is a shell");
	return true;
}

/* A program under a limit on its addresses is refused memory; nobody kills it. */
static bool is_refused(struct why *why)
{
	const struct profile *p = why->profile;
	double limit, most = 0;
	char figure[FORMAT_SIZE], other[FORMAT_SIZE];
	if (p->status != 1 || !profile_setting_mib(p, "rlimit_as", &limit))
		return false;
	bool near = profile_setting_mib(p, "vm_peak", &most) && most >= 0.8 * limit;
	bool python = why_is_python(p);
	struct why_statement *s = state(why, near && python ? "memoryerror" : "exit",
					near && python ? KNOWN_ESTIMATE : KNOWN_UNKNOWN);
	say_status(s, p);
	WHY_SAY(s,
		near && python
			? "; probably a MemoryError: RLIMIT_AS allows %s"
			: "; RLIMIT_AS allows %s: whether it was refused memory cannot be told",
		format_memory(figure, limit));
	if (most > 0)
		WHY_BY(s,
		       "its addresses had taken %s of %s when last read; its own messages are "
		       "not recorded",
		       format_memory(other, most), figure);
	else
		WHY_BY(s, "the limit; its own messages are not recorded");
	return true;
}

static bool is_exit(struct why *why)
{
	const struct profile *p = why->profile;
	struct why_statement *s = state(why, p->status ? "exit" : "clean", KNOWN_EXACT);
	say_status(s, p);
	WHY_BY(s, p->status ? "its own status, as the kernel told; why is in its own messages, "
			      "which are not recorded"
			    : "its own status, as the kernel told");
	return true;
}

void why_find_end(struct why *why)
{
	static bool (*const causes[])(struct why *) = {
		is_killed,    goes_on,     is_of_others, has_no_end,   is_left,
		is_of_itself, is_untold,   is_signalled, is_timed_out, is_of_signal,
		is_of_child,  is_of_shell, is_refused,   is_exit,
	};
	for (size_t i = 0; i < sizeof causes / sizeof *causes; i++)
		if (causes[i](why))
			return;
}
