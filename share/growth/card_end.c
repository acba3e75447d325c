#include "share/growth/card_end.h"

#include <stddef.h>
#include <string.h>

#include "share/growth/card_bill.h"
#include "share/number.h"
#include "share/profile/profile.h"

/* A process that dies of it does so at once. Later there may be a core dump or a checkpoint
 * between, or it was caught, and something else is why the program ended. µs */
static const int64_t AT_ONCE = 2000000, SOON = 60000000;

/* Who unwinds gives back; who takes more so much later has caught it. µs */
static const int64_t UNWOUND = 100000;

/* How the process that failed ended, and when; false: it lives, or that is not told. */
static bool end_of(const struct profile *p, pid_t pid, int *status, int64_t *us)
{
	long main;
	const char *text = profile_setting(p, "pid");
	*status = PROFILE_STATUS_UNKNOWN;
	for (size_t i = p->n_children; i-- > 0;)
		if (p->children[i].pid == pid) {
			*status = p->children[i].status;
			*us = p->children[i].gone;
			return *us > 0;
		}
	if (!p->ended || !text || number_whole(text, &main) < 0 || main != pid)
		return false;
	*status = p->status;
	*us = p->ended_us;
	return true;
}

/* It took more of a card, which the driver is asked of ten times a second. */
static bool has_taken_more(const struct profile *p, const struct profile_oom *oom)
{
	const struct profile_vram *v = &p->vram;
	for (size_t i = 0; i < v->n_steps; i++)
		if (v->steps[i].pid == oom->pid && v->steps[i].umib > 0 &&
		    v->steps[i].us > oom->at.us + 2 * UNWOUND)
			return true;
	return false;
}

static enum card_end by_time(const struct profile *p, const struct profile_oom *oom, int64_t end)
{
	const int64_t us = end - oom->at.us;
	if (us > SOON)
		return CARD_END_UNTOLD;
	return us > AT_ONCE || has_taken_more(p, oom) ? CARD_MAY_HAVE_DIED : CARD_DIED;
}

/* What its own process told when an exception ended it. */
static bool find_exception(const struct profile_oom *oom, struct card_fate *fate)
{
	for (size_t i = 0; i < oom->n_owed; i++) {
		int class = card_class_of(oom->owed[i].class);
		if (class != CARD_OWED_ENDED && class != CARD_OWED_OUTLIVED)
			continue;
		fate->end = class == CARD_OWED_ENDED ? CARD_DIED : CARD_OUTLIVED;
		fate->exception = oom->owed[i].whom;
		fate->told = true;
		return true;
	}
	return false;
}

struct card_fate card_fate_of(const struct profile *p, const struct profile_oom *oom)
{
	struct card_fate fate = { .end = CARD_END_UNTOLD };
	int status;
	int64_t us = 0;
	bool over = end_of(p, oom->pid, &status, &us);
	if (over && status == 0)
		fate.end = CARD_WENT_ON;
	else if (find_exception(oom, &fate))
		return fate;
	else if (over && status != PROFILE_STATUS_UNKNOWN)
		fate.end = by_time(p, oom, us);
	else if (p->ended && p->status == 0)
		fate.end = CARD_PROGRAM_WENT_ON;
	else if (p->ended && p->status != PROFILE_STATUS_UNKNOWN)
		fate.end = by_time(p, oom, profile_end_us(p));
	return fate;
}

bool card_survived(enum card_end end)
{
	return end == CARD_WENT_ON || end == CARD_PROGRAM_WENT_ON || end == CARD_OUTLIVED;
}
