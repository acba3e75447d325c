#include "share/growth/card_facts.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "share/profile/sum.h"

/* Failures so close together have one cause: the first. µs */
static const int64_t TOGETHER = 10000000;

/* ---- which failure ---- */

/* A process that tries again fails again: its last failure is what it died of. */
static bool is_last_of_process(const struct profile *p, size_t i)
{
	for (size_t k = i + 1; k < p->n_ooms; k++)
		if (p->ooms[k].pid == p->ooms[i].pid)
			return false;
	return true;
}

/* Whoever survived it stands behind those who did not. They come in as they are read, which is not
 * quite as they failed. */
static bool is_before(const struct profile_oom *a, bool survived, const struct profile_oom *b,
		      bool b_survived)
{
	return survived != b_survived ? b_survived : a->at.us < b->at.us;
}

/* `n_died`: how many of them did not survive it. */
static size_t find_ranks(const struct profile *p, const struct profile_oom *ranks[CARD_RANKS],
			 size_t *n_died)
{
	bool survived[CARD_RANKS];
	size_t n = 0;
	int64_t last = p->n_ooms > 0 ? p->ooms[0].at.us : 0;
	*n_died = 0;
	for (size_t i = 0; i < p->n_ooms; i++)
		last = p->ooms[i].at.us > last ? p->ooms[i].at.us : last;
	for (size_t i = 0; i < p->n_ooms && n < CARD_RANKS; i++) {
		const struct profile_oom *oom = &p->ooms[i];
		if (oom->at.us < last - TOGETHER || !is_last_of_process(p, i))
			continue;
		bool is = card_survived(card_fate_of(p, oom).end);
		size_t at = n++;
		for (; at > 0 && is_before(oom, is, ranks[at - 1], survived[at - 1]); at--) {
			ranks[at] = ranks[at - 1];
			survived[at] = survived[at - 1];
		}
		ranks[at] = oom;
		survived[at] = is;
		*n_died += !is;
	}
	return n;
}

size_t card_ranks(const struct profile *p, const struct profile_oom *ranks[CARD_RANKS])
{
	size_t n_died;
	return find_ranks(p, ranks, &n_died);
}

bool card_is_driver_silent(const struct profile *p)
{
	const char *lacks = profile_setting(p, "card_lacks");
	return lacks && strstr(lacks, "driver");
}

/* ---- its bill ---- */

static void add(int64_t *sum, int64_t umib)
{
	if (umib >= 0)
		*sum = (*sum > 0 ? *sum : 0) + umib;
}

static void sum_owed(int64_t all[N_CARD_CLASSES], const struct profile_oom *oom)
{
	for (size_t i = 0; i < N_CARD_CLASSES; i++)
		all[i] = PROFILE_UNTOLD;
	for (size_t i = 0; i < oom->n_owed; i++) {
		int class = card_class_of(oom->owed[i].class);
		if (class >= 0)
			add(&all[class], oom->owed[i].umib);
	}
}

/* What torch and the driver tell at once, of this failure. */
static void take_sums(struct card_facts *facts, const int64_t all[N_CARD_CLASSES])
{
	facts->total = all[CARD_OWED_ALLOWED] > 0 && all[CARD_OWED_ALLOWED] < all[CARD_OWED_TOTAL]
			       ? all[CARD_OWED_ALLOWED]
			       : all[CARD_OWED_TOTAL];
	facts->card = all[CARD_OWED_TOTAL];
	facts->free = all[CARD_OWED_FREE];
	facts->allocated = all[CARD_OWED_ALLOCATED];
	facts->reserved = all[CARD_OWED_RESERVED];
}

/* What takes a look at every object, and is not done again and again. */
static void take_classes(struct card_facts *facts, const int64_t all[N_CARD_CLASSES])
{
	facts->weights = all[CARD_OWED_WEIGHTS];
	facts->gradients = all[CARD_OWED_GRADIENTS];
	facts->optimizer = all[CARD_OWED_OPTIMIZER];
	facts->buffers = all[CARD_OWED_BUFFERS];
	facts->outside = all[CARD_OWED_OUTSIDE];
	facts->neighbours = all[CARD_OWED_NEIGHBOUR];
}

static enum card_library library_of(const char *who)
{
	return strncmp(who, "jax ", 4) == 0    ? CARD_JAX
	       : strncmp(who, "cupy ", 5) == 0 ? CARD_CUPY
					       : CARD_TORCH;
}

static void take_owed(struct card *card, const struct profile *p)
{
	int64_t all[N_CARD_CLASSES];
	struct card_facts *facts = &card->facts;
	card->billed = card_billed(p, card->oom);
	sum_owed(all, card->oom);
	take_sums(facts, all);
	if (card->billed && card->billed != card->oom) {
		facts->age = card->oom->at.us - card->billed->at.us;
		sum_owed(all, card->billed);
	}
	take_classes(facts, all);
	if (facts->total < 0)
		take_sums(facts, all);
}

/* ---- its stack ---- */

enum card_deed card_deed_at(const struct growth *g, size_t frame)
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

/* The only device of which that process has taken something; NULL: there are several, or none. */
static const char *only_device(const struct profile *p, pid_t pid)
{
	const struct profile_vram *v = &p->vram;
	const char *only = NULL;
	for (size_t i = 0; i < v->n_steps; i++) {
		const char *device = v->devices[v->steps[i].device];
		if (v->steps[i].pid == pid && only && strcmp(only, device) != 0)
			return NULL;
		if (v->steps[i].pid == pid)
			only = device;
	}
	return only;
}

/* Of a card that is cut up (MIG) the program tells the card, and the driver the instances: by its
 * size it is seen that the one is not the other. `umib` 0 or less: the program does not tell. */
static bool is_of_size(const struct profile *p, const char *device, int64_t umib)
{
	char key[64];
	double total;
	const double size = sample_mib(umib);
	snprintf(key, sizeof key, "gpu%.40s_total", device);
	return size <= 0 || !profile_setting_mib(p, key, &total) || fabs(total - size) <= size / 20;
}

static const char *device_of(const struct profile *p, const struct card *card)
{
	const char *named = card->oom->device, *only = only_device(p, card->oom->pid);
	bool other = !gpu_of(p, named) || !is_of_size(p, named, card->facts.card);
	return other && only ? only : named;
}

bool card_peak(struct sample *peak, const struct profile *p, const struct profile_gpu *gpu)
{
	const int64_t noise = 1000000;
	bool found = false;
	*peak = gpu->series.peak;
	for (size_t i = 0; i < p->n_ooms && !gpu->whole_device; i++) {
		const struct profile_oom *oom = &p->ooms[i];
		int64_t all[N_CARD_CLASSES];
		sum_owed(all, oom);
		const int64_t held = all[CARD_OWED_RESERVED] + all[CARD_OWED_OUTSIDE];
		if (strcmp(oom->device, gpu->device) != 0 || all[CARD_OWED_RESERVED] < 0 ||
		    all[CARD_OWED_OUTSIDE] < 0 || held <= peak->umib + noise ||
		    !is_of_size(p, gpu->device, all[CARD_OWED_TOTAL]))
			continue;
		*peak = (struct sample){ oom->at.us, held };
		found = true;
	}
	return found;
}

/* So many changes of that device are the process'. 0: it was alone there, or not all are known. */
static size_t count_own(const struct profile_vram *v, const char *device, pid_t pid)
{
	uint64_t all = 0;
	size_t own = 0, others = 0;
	for (size_t i = 0; i < v->n_taken; i++)
		all += v->taken[i].steps;
	for (size_t i = 0; i < v->n_steps; i++) {
		const bool there = strcmp(v->devices[v->steps[i].device], device) == 0;
		own += there && v->steps[i].pid == pid;
		others += there && v->steps[i].pid != pid;
	}
	return others > 0 && all == v->n_steps ? own : 0;
}

/* Where several processes of the program hold some of a device, its samples are their sum. */
static int read_own(struct card *card, const struct profile_vram *v, const char *device, size_t n)
{
	int64_t held = 0;
	card->curve = malloc(n * sizeof *card->curve);
	if (!card->curve)
		return -ENOMEM;
	for (size_t i = 0; i < v->n_steps && card->facts.n < n; i++) {
		const struct profile_vram_step *step = &v->steps[i];
		if (step->pid != card->oom->pid || strcmp(v->devices[step->device], device) != 0)
			continue;
		held = sum_of(held, step->umib);
		card->curve[card->facts.n++] = (struct sample){ step->us, held };
	}
	card->facts.curve = card->curve;
	return 0;
}

/* The least and the most of each column, in the order that they came in. */
static int read_curve(struct card *card, const struct profile *p)
{
	const char *device = device_of(p, card);
	const struct profile_gpu *gpu = gpu_of(p, device);
	if (!gpu || gpu->whole_device)
		return 0;
	const size_t own = count_own(&p->vram, device, card->oom->pid);
	if (own > 0)
		return read_own(card, &p->vram, device, own);
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

int card_open_of(struct card *card, const struct profile *p, const struct growth *g,
		 const struct profile_oom *oom)
{
	*card = (struct card){ .oom = oom };
	take_owed(card, p);
	card->facts.library = library_of(oom->who);
	card->facts.wanted = oom->at.umib;
	card->facts.at = oom->at.us;
	card->facts.deed = card_deed_at(g, oom->frame);
	card->fate = card_fate_of(p, oom);
	card->frame = oom->frame ? g->users[oom->frame] : 0;
	if (!card->frame)
		card->frame = oom->frame;
	int r = read_curve(card, p);
	if (r == 0)
		card_judge(&card->facts, &card->verdict);
	return r;
}

int card_open(struct card *card, const struct profile *p, const struct growth *g)
{
	const struct profile_oom *ranks[CARD_RANKS];
	size_t n_died, n = find_ranks(p, ranks, &n_died);
	*card = (struct card){ 0 };
	int r = n > 0 ? card_open_of(card, p, g, ranks[0]) : 0;
	if (n > 0)
		card->others = (n_died > 0 ? n_died : n) - 1;
	return r;
}

const char *card_place(char name[GROWTH_NAME], const struct growth *g, const struct card *card)
{
	if (!card->frame)
		return NULL;
	const struct growth_row row = growth_row_of(g, card->frame, GROWTH_TO_USER);
	return growth_name(name, g, &row, GROWTH_BY_LINE);
}

void card_close(struct card *card)
{
	free(card->curve);
	*card = (struct card){ 0 };
}
