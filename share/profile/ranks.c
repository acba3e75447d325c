/* RANK: the recordings that one was made of. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "share/array.h"
#include "share/profile/loading.h"

enum { MOST = 1 << 18 };

static int take(struct loading *l, const struct profile_record *record)
{
	struct profile *p = &l->profile;
	if (p->n_ranks == MOST)
		return 0;
	char *told = loading_text(record->text + strspn(record->text, " "));
	struct profile_rank *rank = told ? array_more(&p->ranks, &p->n_ranks, sizeof *rank) : NULL;
	if (!rank) {
		free(told);
		return -ENOMEM;
	}
	*rank = (struct profile_rank){
		.member = record->member,
		.rank = record->rank < 0 ? -1 : (long)record->rank,
		.peak = record->at,
		.from = record->from,
		.to = record->to,
		.status = record->status,
		.told = told,
	};
	return 0;
}

static void drop(struct profile *p)
{
	for (size_t i = 0; i < p->n_ranks; i++)
		free(p->ranks[i].told);
	free(p->ranks);
	p->ranks = NULL;
	p->n_ranks = 0;
}

static void begin(struct loading *l)
{
	drop(&l->profile);
}

const struct loading_part loading_ranks = {
	.kinds = 1u << PROFILE_RANK,
	.take = take,
	.begin = begin,
	.free = drop,
};
