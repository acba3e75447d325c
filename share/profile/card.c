/* OOM and OWED: that a GPU had no memory left, and what held it then. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "share/array.h"
#include "share/profile/loading.h"

enum { MOST_OOMS = 256, MOST_OWED = 64 };

static void drop_oom(struct profile_oom *oom)
{
	for (size_t i = 0; i < oom->n_owed; i++) {
		free(oom->owed[i].class);
		free(oom->owed[i].whom);
	}
	free(oom->owed);
	free(oom->device);
	free(oom->who);
}

/* Beyond the bound the last place is each time the last one's, which is the one that counts. */
static struct profile_oom *place_for(struct profile *p)
{
	if (p->n_ooms < MOST_OOMS)
		return array_more(&p->ooms, &p->n_ooms, sizeof *p->ooms);
	struct profile_oom *last = &p->ooms[MOST_OOMS - 1];
	p->untold_ooms++;
	drop_oom(last);
	*last = (struct profile_oom){ 0 };
	return last;
}

static int take_oom(struct loading *l, const struct profile_record *record)
{
	struct profile *p = &l->profile;
	struct profile_oom *oom = place_for(p);
	if (!oom)
		return -ENOMEM;
	oom->at = record->at;
	oom->pid = record->pid;
	oom->frame = growth_frame_of(&l->growth, record->frame);
	oom->device = loading_text(record->device);
	oom->who = loading_text(record->text);
	return oom->device && oom->who ? 0 : -ENOMEM;
}

/* The last of that process and device; where some have lost their place, it may be one of those. */
static struct profile_oom *oom_of(struct profile *p, const struct profile_record *record)
{
	const size_t first = p->untold_ooms > 0 ? p->n_ooms - 1 : 0;
	for (size_t i = p->n_ooms; i-- > first;)
		if (p->ooms[i].pid == record->pid && strcmp(p->ooms[i].device, record->device) == 0)
			return &p->ooms[i];
	return NULL;
}

static int take_owed(struct loading *l, const struct profile_record *record)
{
	struct profile_oom *oom = oom_of(&l->profile, record);
	if (!oom || oom->n_owed == MOST_OWED)
		return 0;
	struct profile_owed *owed = array_more(&oom->owed, &oom->n_owed, sizeof *owed);
	if (!owed)
		return -ENOMEM;
	owed->umib = record->at.umib;
	owed->class = loading_text(record->function);
	owed->whom = loading_text(record->text);
	return owed->class && owed->whom ? 0 : -ENOMEM;
}

static int take(struct loading *l, const struct profile_record *record)
{
	return record->kind == PROFILE_OOM ? take_oom(l, record) : take_owed(l, record);
}

static void drop(struct profile *p)
{
	for (size_t i = 0; i < p->n_ooms; i++)
		drop_oom(&p->ooms[i]);
	free(p->ooms);
	p->ooms = NULL;
	p->n_ooms = 0;
	p->untold_ooms = 0;
}

static void begin(struct loading *l)
{
	drop(&l->profile);
}

const struct loading_part loading_card = {
	.kinds = 1u << PROFILE_OOM | 1u << PROFILE_OWED,
	.take = take,
	.begin = begin,
	.free = drop,
};
