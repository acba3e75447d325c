/* What a recording tells of the memory failure of a GPU that mattered: of the first process that
 * failed and died in the last moments of them all, since those beside it die of that. Each of the
 * others has a verdict of its own: ranks of one training may fail for reasons of their own. */
#pragma once

#include "share/growth/card.h"
#include "share/growth/card_bill.h"
#include "share/growth/card_end.h"
#include "share/growth/growth.h"
#include "share/growth/names.h"

struct card {
	const struct profile_oom *oom; /* NULL: there was none, and nothing else holds */
	struct card_facts facts;
	struct card_verdict verdict;
	size_t frame;  /* of the user's own, that wanted it, or else the innermost; 0: not known */
	size_t others; /* processes that failed as well, then, and ended no better */
	struct card_fate fate;
	/* Whose bill it is: the failure's own, or an earlier one of that process and device where
	 * so close behind it none was made; NULL: nobody made one. */
	const struct profile_oom *billed;
	struct sample *curve; /* the facts' */
};

/* Both must outlive it. 0 or -ENOMEM. */
int card_open(struct card *card, const struct profile *profile, const struct growth *growth);

/* Of that failure of the profile's; `others` is 0. */
int card_open_of(struct card *card, const struct profile *profile, const struct growth *growth,
		 const struct profile_oom *oom);
void card_close(struct card *card);

/* The last failure of each process that failed in the last moments, of those that did not survive
 * it first, and the earliest of them first: that one is card_open's. Returns how many there are. */
enum { CARD_RANKS = 256 };
size_t card_ranks(const struct profile *profile, const struct profile_oom *ranks[CARD_RANKS]);

/* "train.py:43 main": the line that wanted it; NULL: not known. */
const char *card_place(char name[GROWTH_NAME], const struct growth *growth,
		       const struct card *card);

/* The driver did not answer when a failure was told: what only it knows is not in the bills. */
bool card_is_driver_silent(const struct profile *profile);

/* What the program held of that device at most: a failure tells more than the samples where it came
 * between two. True: it does, by the pool's own figure and the driver's at that moment. */
bool card_peak(struct sample *peak, const struct profile *profile, const struct profile_gpu *gpu);

/* Of so many failures the recorder tells, and of more only now and then. */
enum { CARD_TOLD_ALL = 64 };

/* What a stack tells of what its thread was doing; frame 0: nothing. */
enum card_deed card_deed_at(const struct growth *growth, size_t frame);
