#include "share/growth/card_facts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Failures so close together have one cause: the first. µs */
static const int64_t TOGETHER = 10000000;

static const char *const keys[N_CARD_CLASSES] = {
#define CARD_KEY(id, key, words) [CARD_OWED_##id] = (key),
	CARD_CLASSES(CARD_KEY)
};

const char *card_class_key(enum card_class class)
{
	return keys[class];
}

int card_class_of(const char *word)
{
	for (int class = 0; class < N_CARD_CLASSES; class ++)
		if (strcmp(word, keys[class]) == 0)
			return class;
	return -1;
}

/* ---- which failure ---- */

static const struct profile_oom *decisive(const struct profile *p, size_t *others)
{
	*others = 0;
	if (p->n_ooms == 0)
		return NULL;
	const struct profile_oom *last = &p->ooms[p->n_ooms - 1], *first = last;
	for (size_t i = p->n_ooms; i-- > 0;) {
		const struct profile_oom *oom = &p->ooms[i];
		if (oom->at.us < last->at.us - TOGETHER)
			break;
		/* A process that tries again fails again: its last failure is what it died of. */
		if (oom->pid == first->pid)
			continue;
		first = oom;
		++*others;
	}
	return first;
}

/* ---- its bill ---- */

static void add(int64_t *sum, int64_t umib)
{
	if (umib >= 0)
		*sum = (*sum > 0 ? *sum : 0) + umib;
}

static void take_owed(struct card_facts *facts, const struct profile_oom *oom)
{
	int64_t all[N_CARD_CLASSES];
	for (size_t i = 0; i < N_CARD_CLASSES; i++)
		all[i] = PROFILE_UNTOLD;
	for (size_t i = 0; i < oom->n_owed; i++) {
		int class = card_class_of(oom->owed[i].class);
		if (class >= 0)
			add(&all[class], oom->owed[i].umib);
	}
	facts->total = all[CARD_OWED_ALLOWED] > 0 && all[CARD_OWED_ALLOWED] < all[CARD_OWED_TOTAL]
			       ? all[CARD_OWED_ALLOWED]
			       : all[CARD_OWED_TOTAL];
	facts->free = all[CARD_OWED_FREE];
	facts->allocated = all[CARD_OWED_ALLOCATED];
	facts->reserved = all[CARD_OWED_RESERVED];
	facts->weights = all[CARD_OWED_WEIGHTS];
	facts->gradients = all[CARD_OWED_GRADIENTS];
	facts->optimizer = all[CARD_OWED_OPTIMIZER];
	facts->buffers = all[CARD_OWED_BUFFERS];
	facts->outside = all[CARD_OWED_OUTSIDE];
	facts->neighbours = all[CARD_OWED_NEIGHBOUR];
}

/* ---- its stack ---- */

static enum card_deed deed_of(const struct growth *g, size_t frame)
{
	enum card_deed deed = frame ? CARD_OTHER : CARD_UNTOLD;
	for (; frame; frame = g->frames[frame].caller) {
		const struct profile_frame *at = &g->frames[frame];
		enum card_deed of = card_deed_of(g->paths[at->path], at->function);
		if (of != CARD_UNTOLD && (of != CARD_FORWARD || deed == CARD_OTHER))
			deed = of;
		if (of == CARD_STEPPING || of == CARD_BACKWARD || of == CARD_LOADING)
			break;
	}
	return deed;
}

/* ---- its curve ---- */

static const struct profile_gpu *gpu_of(const struct profile *p, const char *device)
{
	for (size_t i = 0; i < p->n_gpus; i++)
		if (strcmp(p->gpus[i].device, device) == 0)
			return &p->gpus[i];
	return NULL;
}

/* The least and the most of each column, in the order that they came in. */
static int read_curve(struct card *card, const struct profile *p)
{
	const struct profile_gpu *gpu = gpu_of(p, card->oom->device);
	if (!gpu || gpu->whole_device)
		return 0;
	const struct columns *columns = &gpu->series.columns;
	card->curve = malloc((2 * columns->n + 1) * sizeof *card->curve);
	if (!card->curve)
		return -ENOMEM;
	size_t n = 0;
	for (size_t i = 0; i < columns->n; i++) {
		const struct column *c = &columns->items[i];
		if (c->n == 0)
			continue;
		const bool rises = c->low.us <= c->high.us;
		card->curve[n++] = rises ? c->low : c->high;
		if (c->n > 1)
			card->curve[n++] = rises ? c->high : c->low;
	}
	card->facts.curve = card->curve;
	card->facts.n = n;
	return 0;
}

int card_open(struct card *card, const struct profile *p, const struct growth *g)
{
	*card = (struct card){ 0 };
	card->oom = decisive(p, &card->others);
	if (!card->oom)
		return 0;
	take_owed(&card->facts, card->oom);
	card->facts.wanted = card->oom->at.umib;
	card->facts.at = card->oom->at.us;
	card->facts.deed = deed_of(g, card->oom->frame);
	card->frame = card->oom->frame ? g->users[card->oom->frame] : 0;
	if (!card->frame)
		card->frame = card->oom->frame;
	int r = read_curve(card, p);
	if (r == 0)
		card_judge(&card->facts, &card->verdict);
	return r;
}

void card_close(struct card *card)
{
	free(card->curve);
	*card = (struct card){ 0 };
}
