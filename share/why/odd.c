/* What is odd: what the figures leave out, or count twice. A row each; what weighs most is said
 * first. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "share/growth/peak_known.h"
#include "share/number.h"
#include "share/profile/profile.h"
#include "share/text.h"
#include "share/why/clock.h"
#include "share/why/facts.h"
#include "share/why/state.h"

static const double NOISE = 0.25; /* MiB */

/* They hold nothing if `applies` is false; `words` has said all that is to be said. */
struct oddity {
	const char *kind;
	enum known known;
	int weight;
	const char *evidence;
	bool (*words)(const struct why *why, struct why_statement *s);
};

/* ---- what is not in the file ---- */

static bool dropped(const struct why *why, struct why_statement *s)
{
	long n;
	bool full;
	const char *cause = why_unwritten(why->profile, &full);
	if (full || !why_number(why->profile, "dropped", &n) || n <= 0)
		return false;
	WHY_SAY(s, "%ld record%s could not be written and %s missing%s%s", n, n == 1 ? "" : "s",
		n == 1 ? "is" : "are", cause ? ": " : "", cause ? cause : "");
	return true;
}

static bool malformed(const struct why *why, struct why_statement *s)
{
	uint64_t n = why->profile->flaws.malformed;
	if (n == 0)
		return false;
	WHY_SAY(s, "%llu line%s of the file cannot be read", (unsigned long long)n,
		n == 1 ? "" : "s");
	return true;
}

static bool missed(const struct why *why, struct why_statement *s)
{
	const struct profile *p = why->profile;
	uint64_t all = p->missed + p->memory.samples;
	if (p->missed < 3 || p->missed * 10 < all)
		return false;
	WHY_SAY(s, "%.0f %% of the ticks were missed", 100 * (double)p->missed / (double)all);
	return true;
}

/* Of a metric that is read at each tick. */
static bool gap(const struct why *why, struct why_statement *s)
{
	const struct profile *p = why->profile;
	const char *interval = profile_setting(p, "interval");
	const struct metric *metric = peak_metric(p);
	double each;
	if (!interval || number_decimal(interval, &each) < 0 || each <= 0 || !metric ||
	    metric->costly || p->memory.samples < 2)
		return false;
	double length = sample_seconds(p->memory.last.us - p->memory.first.us);
	double there = (double)(p->memory.samples + (p->ended ? p->missed : 0));
	if (there + 3 >= 0.9 * length / each)
		return false;
	WHY_SAY(s, "there are gaps: %.0f of %.0f samples", (double)p->memory.samples,
		length / each + 1);
	return true;
}

static bool cut_off(const struct why *why, struct why_statement *s)
{
	const struct profile *p = why->profile;
	const char *stopped = profile_setting(p, "stopped");
	char length[FORMAT_SIZE];
	if (!stopped || strcmp(stopped, "timeout") != 0 || p->status == PROFILE_STATUS_UNKNOWN)
		return false;
	WHY_SAY(s, "only its first %s were recorded: -t ended that",
		format_duration(length, sample_seconds(p->memory.last.us - p->start_us)));
	return true;
}

/* ---- whose memory is not counted ---- */

/* Of all that was read, or of the peak where that is the same. */
static unsigned lacks_of(const struct profile *p)
{
	const char *lacks = profile_setting(p, "lacks");
	return known_read_lacks(lacks ? lacks : profile_setting(p, "peak_lacks"));
}

/* Those are told of by themselves, or are no fault. */
static bool lacking(const struct why *why, struct why_statement *s)
{
	unsigned said = KNOWN_LIVING | KNOWN_EARLY | KNOWN_FLOOR | KNOWN_NOTHING_READ |
			KNOWN_STRETCHED | KNOWN_OVERLAP | KNOWN_MIXED;
	char words[KNOWN_SIZE];
	if (profile_setting(why->profile, "stopped"))
		said |= KNOWN_CUT;
	known_say_lacks(words, lacks_of(why->profile) & ~said);
	WHY_SAY(s, "%s", *words ? words + 2 : "");
	return *words;
}

static bool lives(const struct profile_child *child)
{
	return child->gone == 0;
}

static size_t count_living(const struct profile *p)
{
	size_t n = 0;
	for (size_t i = 0; i < p->n_children; i++)
		n += lives(&p->children[i]);
	return n;
}

static bool living(const struct why *why, struct why_statement *s)
{
	enum { NAMED = 3 };
	const struct profile *p = why->profile;
	size_t n = count_living(p), named = 0;
	if (n == 0 || !(lacks_of(p) & KNOWN_LIVING))
		return false;
	WHY_SAY(s, "%zu descendant%s still run%s (", n, n == 1 ? "" : "s", n == 1 ? "s" : "");
	for (size_t i = 0; i < p->n_children && named < NAMED; i++)
		if (lives(&p->children[i]))
			WHY_SAY(s, "%s%s %d", named++ ? ", " : "",
				p->children[i].name ? p->children[i].name : "?",
				(int)p->children[i].pid);
	WHY_SAY(s, "%s", n > NAMED ? ", …)" : ")");
	if (!profile_is_set(p, "wait"))
		WHY_SAY(s, ": --wait records %s too", n == 1 ? "it" : "them");
	return true;
}

static bool together(const struct why *why, struct why_statement *s)
{
	const struct profile *p = why->profile;
	char figure[FORMAT_SIZE];
	struct peak_verdict own = { 0 };
	peak_best(p, &own);
	if (profile_is_set(p, "tree") || sample_mib(p->together.umib) <= own.mib + NOISE)
		return false;
	if (p->memory.samples == 0)
		WHY_SAY(s, "the peak is of the children alone: of the program itself there is no "
			   "sample");
	else
		WHY_SAY(s, "the peak is of the program and its children together; its own was %s",
			format_memory(figure, own.mib));
	return true;
}

static bool waited(const struct why *why, struct why_statement *s)
{
	const struct profile *p = why->profile;
	char figure[FORMAT_SIZE];
	double mib, most = 0;
	bool close = profile_setting_mib(p, "peak_most", &most) && most <= why->peak * 1.125;
	if (!profile_setting_mib(p, "waited", &mib) || close || mib <= why->peak + NOISE)
		return false;
	WHY_SAY(s, "it, or a process that it waited for, held %s: -C counts those too",
		format_memory(figure, mib));
	return true;
}

/* sh -c 'python3 …': the program is the shell, and Python its child. */
static bool hidden_python(const struct why *why, struct why_statement *s)
{
	static const char *const shells[] = { "sh", "bash", "dash", "ksh", "zsh", NULL };
	const struct profile *p = why->profile;
	char shell[WHY_WORD], option[WHY_WORD], script[WHY_WORD];
	if (profile_setting(p, "python") || profile_is_set(p, "tree") ||
	    profile_is_set(p, "children") || !why_runs(p, shells))
		return false;
	if (!why_word(p, 0, shell) || !why_word(p, 1, option) || strcmp(option, "-c") != 0 ||
	    !why_word(p, 2, script) || !(strstr(script, "python") || strstr(script, ".py")))
		return false;
	WHY_SAY(s, "a Python behind %s -c is looked into with -C", text_base_name(shell));
	return true;
}

static bool unread(const struct why *why, struct why_statement *s)
{
	long n;
	if (!why_number(why->profile, "hidden", &n) || n <= 0)
		return false;
	WHY_SAY(s, "%ld process%s might not be looked at and %s in no figure", n,
		n == 1 ? "" : "es", n == 1 ? "is" : "are");
	return true;
}

static bool unseen(const struct why *why, struct why_statement *s)
{
	const char *told = profile_setting(why->profile, "unseen");
	long n = 0;
	if (!told || (number_whole(told, &n) == 0 && n == 0))
		return false;
	if (n > 0)
		WHY_SAY(s, "at most %ld descendants came and went unseen", n);
	else
		WHY_SAY(s, "how many descendants came and went unseen cannot be told");
	return true;
}

static bool untracked(const struct why *why, struct why_statement *s)
{
	uint64_t n = why->profile->untracked_children;
	WHY_SAY(s, "%llu more children are not shown", (unsigned long long)n);
	return n > 0;
}

static bool fallen(const struct why *why, struct why_statement *s)
{
	const struct profile *p = why->profile;
	char end[FORMAT_SIZE];
	size_t n = 0, first = 0;
	for (size_t i = p->n_children; i-- > 0;) {
		int status = p->children[i].status;
		if (status < 0 && status != PROFILE_STATUS_UNKNOWN && status != -SIGTERM) {
			first = i;
			n++;
		}
	}
	if (n == 0)
		return false;
	const struct profile_child *c = &p->children[first];
	WHY_SAY(s, "its process %d %s died of %s", (int)c->pid, c->name ? c->name : "",
		why_signal(end, -c->status));
	if (n > 1)
		WHY_SAY(s, ", and %zu more of signals", n - 1);
	return true;
}

/* ---- what is counted, and need not mean so much ---- */

static bool shared(const struct why *why, struct why_statement *s)
{
	const struct profile *p = why->profile;
	char one[FORMAT_SIZE], other[FORMAT_SIZE];
	double rss, pss;
	if (!profile_setting_mib(p, "tree_rss", &rss) ||
	    !profile_setting_mib(p, "tree_pss", &pss) || rss < 1.2 * pss || rss < pss + 16)
		return false;
	WHY_SAY(s,
		"shared pages are counted once for each process: when the RSS was %s, the PSS "
		"was %s; -b pss counts them once",
		format_memory(one, rss), format_memory(other, pss));
	return true;
}

static bool cached(const struct why *why, struct why_statement *s)
{
	char figure[FORMAT_SIZE];
	double group;
	if (!profile_setting_mib(why->profile, "cgroup_peak", &group) || group < 1.5 * why->peak ||
	    why->peak <= 0)
		return false;
	WHY_SAY(s, "its control group held %s at most: page cache, or others",
		format_memory(figure, group));
	return true;
}

static bool add_bill(const struct profile *p, struct why_statement *s, const struct bill *bill)
{
	char part[FORMAT_SIZE], all[FORMAT_SIZE], moment[FORMAT_SIZE];
	int64_t umib, after = bill->us - p->start_us;
	enum bill_odd odd = bill_odd(bill, &umib);
	if (odd == BILL_PLAIN)
		return false;
	s->kind = bill_odd_word(odd);
	WHY_SAY(s, "at %s, %s of %s %s",
		format_duration(moment, after > 0 ? sample_seconds(after) : 0),
		format_memory(part, sample_mib(umib)),
		format_memory(all, sample_mib(bill_total(bill))), bill_advice(odd));
	return true;
}

/* When most was held, else in the end. */
static bool billed(const struct why *why, struct why_statement *s)
{
	const struct profile *p = why->profile;
	if (p->bills.taken == 0)
		return false;
	return add_bill(p, s, &p->bills.highest) || add_bill(p, s, &p->bills.last);
}

static bool swapped(const struct why *why, struct why_statement *s)
{
	const struct profile *p = why->profile;
	char figure[FORMAT_SIZE];
	for (size_t i = 0; i < p->n_values; i++) {
		int64_t most = p->values[i].series.peak.umib;
		if (strcmp(p->values[i].metric, "swap") != 0 || most < 1000000)
			continue;
		WHY_SAY(s, "%s of it was swapped out, which RSS does not count",
			format_memory(figure, sample_mib(most)));
		return true;
	}
	return false;
}

/* Whether a program that failed did so for its GPU's memory. */
static const char *of_its_end(const struct profile *p)
{
	static const struct {
		const char *word, *words;
	} rows[] = {
		{ "old-torch", "; whether it ended for that cannot be told: it takes torch 2.1 or "
			       "later" },
		{ "bare-torch", "; whether it ended for that cannot be told: its torch has nothing "
				"to watch it with" },
		{ "python", "; whether it ended for that cannot be told: its Python cannot be seen "
			    "from inside" },
		{ "",
		  "; whether it ended for that cannot be told: nothing was watched that tells" },
	};
	const char *lacks = profile_setting(p, "card_lacks"),
		   *watched = profile_setting(p, "card_watched");
	if (!p->ended || p->status == 0)
		return "";
	if (watched && !lacks)
		return ", but no allocation of torch's failed";
	size_t i = 0;
	while (*rows[i].word && !(lacks && strstr(lacks, rows[i].word)))
		i++;
	return rows[i].words;
}

static bool full_gpu(const struct why *why, struct why_statement *s)
{
	const struct profile *p = why->profile;
	for (size_t i = 0; i < p->n_gpus && p->n_ooms == 0; i++) {
		const struct profile_gpu *g = &p->gpus[i];
		int64_t most = g->device_peak.umib > g->tree_peak.umib ? g->device_peak.umib
								       : g->tree_peak.umib;
		char key[64], figure[FORMAT_SIZE];
		double total;
		snprintf(key, sizeof key, "gpu%.40s_total", g->device);
		if (!profile_setting_mib(p, key, &total) || sample_mib(most) < 0.9 * total)
			continue;
		WHY_SAY(s, "GPU %.40s was %.0f %% full (%s)%s", g->device,
			100 * sample_mib(most) / total, format_memory(figure, sample_mib(most)),
			of_its_end(p));
		return true;
	}
	return false;
}

static const struct oddity oddities[] = {
	{ "dropped", KNOWN_EXACT, 90, "the recorder counted them", dropped },
	{ "gpu", KNOWN_SAMPLED, 85, "the driver's figures, sampled", full_gpu },
	{ "clocks", KNOWN_ESTIMATE, 82, "when the ranks of each node begin and end",
	  why_say_clocks },
	{ "together", KNOWN_SAMPLED, 80, "the sums of samples taken together", together },
	{ "waited", KNOWN_EXACT, 80, "ru_maxrss, the largest single process", waited },
	{ "living", KNOWN_EXACT, 75, "they have no GONE record", living },
	{ "lacks", KNOWN_EXACT, 70, "the recorder says so", lacking },
	{ "python", KNOWN_ESTIMATE, 65, "the command line", hidden_python },
	{ "bill", KNOWN_SAMPLED, 62, "its maps, and what malloc tells of itself", billed },
	{ "hidden", KNOWN_EXACT, 60, "the recorder counted them", unread },
	{ "children", KNOWN_EXACT, 55, "their statuses", fallen },
	{ "cut", KNOWN_EXACT, 50, "the recorder says so", cut_off },
	{ "swap", KNOWN_AT_LEAST, 45, "samples", swapped },
	{ "cache", KNOWN_EXACT, 40, "the group's own mark, which rose meanwhile", cached },
	{ "shared", KNOWN_EXACT, 39, "both sums at one moment near the peak", shared },
	{ "clock", KNOWN_EXACT, 37, "two clocks, at the start and at the end", why_say_clock },
	{ "gaps", KNOWN_EXACT, 35, "the interval, and how many samples there are", gap },
	{ "missed", KNOWN_EXACT, 30, "the recorder counted them", missed },
	{ "untracked", KNOWN_EXACT, 25, "there is no room for more", untracked },
	{ "malformed", KNOWN_EXACT, 20, "the file", malformed },
	{ "unseen", KNOWN_AT_MOST, 10, "the kernel's count of forks", unseen },
};

/* The table is in the order of the weights. */
void why_find_odd(struct why *why)
{
	for (size_t i = 0; i < sizeof oddities / sizeof *oddities; i++) {
		const struct oddity *o = &oddities[i];
		struct why_statement *s = why_state(why, WHY_ODD, o->kind, o->known);
		if (!s)
			return;
		s->weight = o->weight;
		WHY_BY(s, "%s", o->evidence);
		if (!o->words(why, s))
			why->n--;
	}
}
