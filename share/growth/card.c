#include "share/growth/card.h"

#include <string.h>

#include "share/profile/record.h"

/* Of the card, so much is a rise; below it is noise of the allocator's pools. */
static const double RISE = 0.005;
/* A burst ends when nothing has risen for so long. µs */
static const int64_t BURST = 1500000;

/* Of the card: a model that takes so much is the cause, whatever the batch. */
static const double FULL = 0.6;

static int64_t told(int64_t umib)
{
	return umib > 0 ? umib : 0;
}

/* ---- how it filled ---- */

struct rises {
	int64_t first, last;  /* µs */
	int64_t sum, largest; /* umib */
	int64_t opening;      /* umib: of the sum, the first rise */
	int64_t early;        /* umib: of the sum, in the first half of the time */
	int64_t burst;        /* umib: of the sum, in the burst at the end … */
	int64_t burst_from;   /* … which began then; µs */
	int64_t pause;        /* µs: the longest without one, between two */
	size_t n, bursts;
};

static void begin_burst(struct rises *r, int64_t us)
{
	/* The first of several is what it needs in any case: its first pass. */
	if (++r->bursts == 2)
		*r = (struct rises){ .bursts = 2 };
	r->burst = 0;
	r->burst_from = us;
}

static void add_rise(struct rises *r, int64_t us, int64_t rise, bool early)
{
	if (r->bursts == 0 || us - r->last > BURST)
		begin_burst(r, us);
	if (r->n++ == 0) {
		r->first = us;
		r->opening = rise;
	} else if (us - r->last > r->pause) {
		r->pause = us - r->last;
	}
	r->last = us;
	r->sum += rise;
	r->burst += rise;
	r->early += early ? rise : 0;
	r->largest = rise > r->largest ? rise : r->largest;
}

/* Rises of the highest so far, from `from` on. The allocator gives back what it does not use before
 * it fails, so that falls say nothing. */
static void count_rises(const struct card_facts *f, int64_t from, struct rises *r)
{
	const int64_t least = (int64_t)(RISE * (double)f->total);
	const int64_t middle = from + (f->at - from) / 2;
	int64_t most = INT64_MAX;
	*r = (struct rises){ .first = f->at, .last = from, .burst_from = from };
	for (size_t i = 0; i < f->n && f->curve[i].us <= f->at; i++) {
		const struct sample *now = &f->curve[i];
		int64_t rise = most == INT64_MAX ? 0 : now->umib - most;
		if (most != INT64_MAX && rise < least)
			continue;
		most = now->umib;
		if (now->us > from && rise > 0)
			add_rise(r, now->us, rise, now->us <= middle);
	}
}

/* When the model was there with all that it needs: held so much for the first time. `at`: never. */
static int64_t settled_at(const struct card_facts *f, int64_t umib)
{
	for (size_t i = 0; i < f->n && f->curve[i].us <= f->at; i++)
		if (f->curve[i].umib >= umib)
			return f->curve[i].us;
	return f->at;
}

static int64_t held_at(const struct card_facts *f, int64_t us)
{
	int64_t held = 0;
	for (size_t i = 0; i < f->n && f->curve[i].us <= us; i++)
		held = f->curve[i].umib > held ? f->curve[i].umib : held;
	return held;
}

/* ---- what it was ---- */

/* It would have fitted, had the others not been there: into the card, and into what it may have. */
static bool is_neighbours(const struct card_facts *f)
{
	const int64_t others = told(f->neighbours), card = f->card > 0 ? f->card : f->total;
	const int64_t need = told(f->allocated) + f->wanted;
	return (double)others >= 0.1 * (double)f->total && f->wanted > told(f->free) &&
	       f->wanted <= told(f->free) + others && need <= f->total &&
	       need + told(f->outside) <= card;
}

/* While weights are loaded and in an optimizer's step it is not known what it would have come to.
 */
static bool is_unfinished(const struct card_facts *f)
{
	return f->deed == CARD_LOADING || f->deed == CARD_STEPPING;
}

/* The larger one of the two is the likelier cause where it had not come to all that it needs. */
static void judge_neighbours(const struct card_facts *f, enum card_cause own,
			     struct card_verdict *v)
{
	const bool larger = f->neighbours > told(f->allocated) + f->wanted;
	const bool keeps = is_unfinished(f) && own != CARD_CANNOT_TELL && !larger;
	v->cause = keeps ? own : CARD_NEIGHBOUR;
	/* Without a curve it may as well have grown. */
	v->sure &= !is_unfinished(f) && f->n > 0;
}

static bool is_fragments(const struct card_facts *f)
{
	if (f->reserved < 0 || f->allocated < 0 || f->wanted < 0)
		return false;
	int64_t unused = f->reserved - f->allocated;
	return (double)unused >= 0.2 * (double)f->reserved && unused >= f->wanted;
}

/* It would have fitted, had the pool's bound been the card, or had the process not held so much
 * beside the pool: a context with its libraries takes less by far. */
static bool is_pool(const struct card_facts *f)
{
	if (f->card <= 0 || f->wanted < 0 || f->allocated < 0 || f->free < 0)
		return false;
	const int64_t unused = f->reserved > f->allocated ? f->reserved - f->allocated : 0;
	bool bounded = f->total < f->card && f->allocated + f->wanted > f->total;
	bool beside = (double)told(f->outside) >= 0.2 * (double)f->card;
	return (bounded && f->wanted <= f->free + unused) ||
	       (beside && f->wanted <= f->free + f->outside);
}

/* Flat for much longer than it ever was between two rises, or all of it rose in a moment. */
static bool is_one_batch(const struct card_facts *f, const struct rises *r, int64_t from)
{
	const int64_t quiet = f->at - r->last, wanted = told(f->wanted);
	const int64_t gap = r->n > 1 ? (r->last - r->first) / (int64_t)(r->n - 1) : 0;
	if (r->n == 0 || quiet > (3 * gap > 2 * BURST ? 3 * gap : 2 * BURST))
		return true;
	return r->last - r->burst_from < 4000000 && r->burst_from - from > BURST &&
	       (double)(r->burst + wanted) > 0.6 * (double)(r->sum + wanted);
}

/* Record batches come after ever longer pauses; what rises all the time is kept, even if each step
 * takes longer than the one before, as with a cache that is read as a whole. */
static bool is_steady(const struct card_facts *f, const struct rises *r, int64_t from)
{
	const int64_t quiet = f->at - r->last, most = (f->at - from) / 8;
	return r->n >= 20 && r->pause <= most && quiet <= most;
}

/* Even steps that do not slow down keep something; ever rarer ones are record batches. */
static enum card_cause cause_of_rises(const struct card_facts *f, const struct rises *r,
				      int64_t from)
{
	const bool slows = (double)r->early > 0.645 * (double)r->sum && !is_steady(f, r, from);
	if (f->at - from < BURST)
		return CARD_CANNOT_TELL;
	if (is_one_batch(f, r, from))
		return CARD_ONE_BATCH;
	if (r->n >= 6 && !slows && (double)r->largest < 0.3 * (double)r->sum)
		return CARD_GROWTH;
	return r->n >= 3 && slows ? CARD_VARYING : CARD_CANNOT_TELL;
}

/* Gradients come and go with each pass; in the first backward pass there are some already. */
static bool has_trained(const struct card_facts *f)
{
	return told(f->optimizer) > 0 || (told(f->gradients) > 0 && f->deed != CARD_BACKWARD);
}

/* What is kept cannot be given back. A pool that fell so low, when it had risen by most of what it
 * rose in all, had been filled by batches that are gone. */
static bool gave_back(const struct card_facts *f, const struct card_verdict *v, int64_t from,
		      int64_t sum)
{
	const int64_t base = v->fixed + told(f->outside), before = held_at(f, from);
	int64_t most = before;
	for (size_t i = 0; i < f->n && f->curve[i].us <= f->at; i++) {
		const struct sample *now = &f->curve[i];
		if (now->us <= from)
			continue;
		most = now->umib > most ? now->umib : most;
		if (most - before > sum / 2 && now->umib - base < (most - before) / 2)
			return true;
	}
	return false;
}

/* From when on the model was there, with all that it needs, and had gone once through what it does:
 * that rises steeply, and would look as if it were to slow down. */
static int64_t begin_of_life(const struct card_facts *f, const struct card_verdict *v)
{
	int64_t first = has_trained(f) ? v->fixed : told(f->weights) + told(f->buffers);
	int64_t there = settled_at(f, first + told(f->outside) / 2); /* it grows with use */
	int64_t part = (f->at - there) / 20;
	return there + (part > BURST / 5 ? part : BURST / 5);
}

/* Was there a pass before this one? The pool keeps what that took. */
static bool is_first_pass(const struct card_facts *f, const struct card_verdict *v)
{
	int64_t passes = v->before - v->fixed - told(f->outside);
	bool at_once = f->at - settled_at(f, told(f->weights)) < BURST / 5; /* no sample between */
	return !has_trained(f) && (at_once || (double)passes < 0.02 * (double)f->total);
}

/* It has trained, or has lived on after its first pass: what came later filled the card. */
static enum card_cause cause_of_late(const struct card_facts *f, struct card_verdict *v)
{
	struct rises rises;
	int64_t from = begin_of_life(f, v);
	count_rises(f, from, &rises);
	enum card_cause cause = cause_of_rises(f, &rises, from);
	const bool at_end = rises.n > 0 && f->at - rises.last < 2 * BURST;
	v->gave_back = gave_back(f, v, from, rises.sum);
	if (cause == CARD_GROWTH && v->gave_back)
		cause = CARD_VARYING;
	v->since = cause == CARD_GROWTH ? rises.first : from;
	if (cause == CARD_ONE_BATCH || cause == CARD_CANNOT_TELL)
		v->since = at_end ? rises.burst_from - 1 : f->at;
	v->before = held_at(f, v->since);
	if (cause == CARD_GROWTH && rises.last > rises.first)
		v->per_second = (double)(rises.sum - rises.opening) * 1e6 /
				(double)(rises.last - rises.first);
	return cause;
}

/* The weights leave room for little, or it is the first batch that is too large for what is left.
 */
static enum card_cause cause_of_first_pass(const struct card_facts *f, const struct card_verdict *v)
{
	if ((double)v->fixed >= FULL * (double)f->total)
		return CARD_MODEL;
	bool passes = f->deed == CARD_FORWARD || f->deed == CARD_BACKWARD || f->deed == CARD_UNTOLD;
	return passes && v->variable + told(f->wanted) > v->fixed ? CARD_FIRST_BATCH
								  : CARD_CANNOT_TELL;
}

static enum card_cause cause_of_training(const struct card_facts *f, struct card_verdict *v)
{
	const double full = FULL * (double)f->total;
	if (f->deed == CARD_LOADING)
		return has_trained(f) ? CARD_SECOND : CARD_MODEL;
	if (f->deed == CARD_STEPPING && (double)(v->fixed + told(f->wanted)) >= full)
		return CARD_STATE;
	enum card_cause late = cause_of_late(f, v);
	if (v->fixed == 0) /* no model at all, but something that is kept */
		return late == CARD_GROWTH ? late : CARD_CANNOT_TELL;
	if (f->n > 0 && late != CARD_GROWTH && late != CARD_VARYING && is_first_pass(f, v))
		return cause_of_first_pass(f, v);
	if (late != CARD_CANNOT_TELL)
		return late;
	return (double)v->fixed >= full ? CARD_MODEL : CARD_CANNOT_TELL;
}

/* Data or model. */
static bool is_of_pass(enum card_cause cause)
{
	return cause >= CARD_MODEL && cause <= CARD_VARYING;
}

void card_judge(const struct card_facts *f, struct card_verdict *v)
{
	const bool has_bill = f->weights >= 0 && f->allocated >= 0;
	*v = (struct card_verdict){ .fixed = PROFILE_UNTOLD, .variable = PROFILE_UNTOLD };
	if (has_bill) {
		v->fixed = f->weights + told(f->gradients) + told(f->optimizer) + told(f->buffers);
		v->variable = f->allocated > v->fixed ? f->allocated - v->fixed : 0;
	}
	v->sure = has_bill && f->age == 0 && f->deed != CARD_UNTOLD;
	if (f->total <= 0)
		return;
	enum card_cause own = has_bill ? cause_of_training(f, v) : CARD_CANNOT_TELL;
	/* What grows fills any card, be it larger by what others hold or what lies unused. */
	const int64_t grown = own == CARD_GROWTH ? v->variable : -1;
	if (is_neighbours(f) && f->neighbours > grown)
		judge_neighbours(f, own, v);
	else if (is_fragments(f) && f->reserved - f->allocated > grown)
		v->cause = CARD_FRAGMENTS;
	else
		v->cause = own;
	/* Without a stack, data and model are mistaken for each other. */
	if (f->deed == CARD_UNTOLD && is_of_pass(v->cause))
		v->cause = CARD_CANNOT_TELL;
	if (v->cause == CARD_CANNOT_TELL && is_pool(f)) {
		v->cause = CARD_POOL;
		v->sure = true; /* it is a matter of sums */
	}
}

/* ---- names ---- */

static const struct {
	const char *key, *name;
} causes[CARD_CAUSES] = {
	[CARD_CANNOT_TELL] = { "cannot-tell", "cannot tell" },
	[CARD_MODEL] = { "model", "model" },
	[CARD_STATE] = { "optimizer-state", "model: the optimizer's state" },
	[CARD_SECOND] = { "second-model", "model: a second one" },
	[CARD_FIRST_BATCH] = { "first-batch", "data: the first batch" },
	[CARD_ONE_BATCH] = { "one-batch", "data: one batch" },
	[CARD_VARYING] = { "varying-sizes", "data: varying sizes" },
	[CARD_GROWTH] = { "growth", "growth" },
	[CARD_FRAGMENTS] = { "fragmentation", "fragmentation" },
	[CARD_NEIGHBOUR] = { "neighbour", "another process" },
	[CARD_POOL] = { "pool", "a pool" },
};

const char *card_cause_key(enum card_cause cause)
{
	return causes[cause].key;
}

const char *card_cause_name(enum card_cause cause)
{
	return causes[cause].name;
}

/* The first row that fits; NULL fits all. */
enum card_deed card_deed_of(const char *path, const char *function)
{
	static const struct {
		const char *path, *function;
		enum card_deed deed;
	} rows[] = {
		{ "/torch/optim/lr_scheduler", NULL, CARD_OTHER },
		{ "/torch/optim/", NULL, CARD_STEPPING },
		{ "/torch/autograd/", NULL, CARD_BACKWARD },
		{ "/torch/_tensor.py", "backward", CARD_BACKWARD },
		{ "/torch/nn/init.py", NULL, CARD_LOADING },
		{ "/torch/serialization.py", NULL, CARD_LOADING },
		{ "/safetensors/", NULL, CARD_LOADING },
		{ "/torch/nn/", "__init__", CARD_LOADING },
		{ "/torch/nn/", "reset_parameters", CARD_LOADING },
		{ "/torch/nn/modules/module.py", "_apply", CARD_LOADING },
		{ "/torch/nn/modules/module.py", "to", CARD_LOADING },
		{ "/torch/nn/modules/module.py", "cuda", CARD_LOADING },
		{ "/torch/nn/modules/module.py", "load_state_dict", CARD_LOADING },
		{ "/transformers/modeling_utils.py", "from_pretrained", CARD_LOADING },
		{ "/torch/nn/", NULL, CARD_FORWARD },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const char *name = function ? strrchr(function, '.') : NULL;
		name = name ? name + 1 : function;
		if (strstr(path, rows[i].path) &&
		    (!rows[i].function || (name && strcmp(name, rows[i].function) == 0)))
			return rows[i].deed;
	}
	return CARD_UNTOLD;
}
