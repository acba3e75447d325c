/* --max-peak SIZE: the exit status tells that the peak was above a size. */
#include <stddef.h>

#include "recorder/recording/figure.h"
#include "recorder/recording/recording.h"
#include "share/command.h"
#include "share/fault.h"

struct max_peak {
	uint64_t allowed; /* bytes; 0: any */
};

static const struct command_option options[] = {
	{ 0, "max-peak", &option_size, offsetof(struct max_peak, allowed),
	  "leave with 3 when the peak was above SIZE" },
	{ 0 },
};

/* With these the truth may be anywhere. That an rss stands for what is less is no doubt: so the sum
 * is at most too high. */
enum {
	DOUBTS = KNOWN_NOTHING_READ | KNOWN_UNREAD | KNOWN_UNSEEN | KNOWN_LIVING | KNOWN_STALLED |
		 KNOWN_CUT | KNOWN_FLOOR | KNOWN_BEYOND,
};

/* A figure that was reached, if only as a sum that counts what is shared in each. */
static bool is_above(const struct recording *r, uint64_t allowed)
{
	return r->peak.bytes > allowed && r->peak.known != KNOWN_AT_MOST &&
	       !(r->peak.how.lacks & KNOWN_FELL_BACK);
}

static bool may_be_above(const struct recording *r, uint64_t allowed)
{
	const struct peak_result *p = &r->peak;
	if (p->lacks & KNOWN_HUGE && p->bytes + r->peaks.huge > allowed)
		return true;
	if (p->bound > 0 && p->bound <= allowed)
		return false;
	return p->bytes > allowed || r->peaks.possible > allowed ||
	       (p->lacks | p->how.lacks) & DOUBTS;
}

static void say_maybe(const struct recording *r, const char *limit)
{
	const struct peak_result *p = &r->peak;
	uint64_t possible = r->peaks.possible;
	char peak[FORMAT_SIZE], lacks[KNOWN_SIZE], more[FORMAT_SIZE];
	fault(STATUS_ABOVE, "the peak may have been above the %s of --max-peak: %s %s%s%s%s", limit,
	      known_word(p->known), p->bytes ? figure_say(peak, p->bytes) : "",
	      known_say_lacks(lacks, (p->lacks | p->how.lacks) & (DOUBTS | KNOWN_HUGE)),
	      possible > p->bytes ? "; with what was held between samples up to " : "",
	      possible > p->bytes ? figure_say(more, possible) : "");
}

static int say(void *state, const struct recording *r, int status)
{
	const struct max_peak *m = state;
	const struct peak_result *p = &r->peak;
	char peak[FORMAT_SIZE], limit[FORMAT_SIZE];
	figure_say(limit, m->allowed);
	if (m->allowed == 0)
		return status;
	if (is_above(r, m->allowed))
		fault(STATUS_ABOVE, "the peak of %s was above the %s of --max-peak",
		      figure_say(peak, p->bytes), limit);
	else if (p->waited > m->allowed)
		fault(STATUS_ABOVE,
		      "the peak of the program, or of a process that it waited for, was %s, above "
		      "the %s of --max-peak; -C counts all of them",
		      figure_say(peak, p->waited), limit);
	else if (may_be_above(r, m->allowed))
		say_maybe(r, limit);
	else
		return status;
	return status == STATUS_OK ? STATUS_ABOVE : status;
}

const struct probe probe_max_peak = {
	.state_size = sizeof(struct max_peak),
	.options = options,
	.say = say,
};
