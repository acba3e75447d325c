#include "share/growth/card_bill.h"

#include <stddef.h>
#include <string.h>

#include "share/profile/profile.h"

static const char *const keys[N_CARD_CLASSES] = {
#define CARD_KEY(id, key, words) [CARD_OWED_##id] = (key),
	CARD_CLASSES(CARD_KEY)
#undef CARD_KEY
};

static const struct {
	const char *key, *name;
} rows[N_CARD_ROWS] = {
#define CARD_NAME(id, key, name) [CARD_ROW_##id] = { (key), (name) },
	CARD_ROWS(CARD_NAME)
#undef CARD_NAME
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

const char *card_row_key(enum card_row row)
{
	return rows[row].key;
}

const char *card_row_name(enum card_row row)
{
	return rows[row].name;
}

/* ---- which ---- */

const struct profile_owed *card_owed(const struct profile_oom *oom, enum card_class class)
{
	for (size_t i = 0; i < oom->n_owed; i++)
		if (card_class_of(oom->owed[i].class) == (int)class)
			return &oom->owed[i];
	return NULL;
}

static bool is_kin(const struct profile_oom *a, const struct profile_oom *b)
{
	return a->pid == b->pid && strcmp(a->device, b->device) == 0;
}

const struct profile_oom *card_billed(const struct profile *p, const struct profile_oom *oom)
{
	for (size_t i = (size_t)(oom - p->ooms) + 1; i-- > 0;)
		if (is_kin(&p->ooms[i], oom) && card_owed(&p->ooms[i], CARD_OWED_WEIGHTS))
			return &p->ooms[i];
	return NULL;
}

/* ---- its rows ---- */

static int row_of(enum card_class class)
{
	static const struct {
		enum card_class class;
		enum card_row row;
	} pairs[] = {
		{ CARD_OWED_WEIGHTS, CARD_ROW_WEIGHTS },
		{ CARD_OWED_GRADIENTS, CARD_ROW_GRADIENTS },
		{ CARD_OWED_OPTIMIZER, CARD_ROW_OPTIMIZER },
		{ CARD_OWED_BUFFERS, CARD_ROW_BUFFERS },
		{ CARD_OWED_ACTIVATIONS, CARD_ROW_ACTIVATIONS },
		{ CARD_OWED_UNUSED, CARD_ROW_UNUSED },
		{ CARD_OWED_OUTSIDE, CARD_ROW_OUTSIDE },
		{ CARD_OWED_NEIGHBOUR, CARD_ROW_NEIGHBOUR },
		{ CARD_OWED_REST, CARD_ROW_REST },
		{ CARD_OWED_FREE, CARD_ROW_FREE },
	};
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
		if (pairs[i].class == class)
			return (int)pairs[i].row;
	return -1;
}

static void add(struct card_bill *bill, enum card_row row, int64_t umib)
{
	int64_t held = bill->rows[row].there ? bill->rows[row].umib : PROFILE_UNTOLD;
	bill->rows[row].there = true;
	if (umib >= 0)
		held = held > 0 ? held + umib : umib;
	bill->rows[row].umib = held;
}

/* What its words tell that are no rows. */
struct sums {
	int64_t allocated, reserved;
};

static void take(struct card_bill *bill, struct sums *sums)
{
	*sums = (struct sums){ PROFILE_UNTOLD, PROFILE_UNTOLD };
	for (size_t i = 0; i < bill->of->n_owed; i++) {
		const struct profile_owed *owed = &bill->of->owed[i];
		int class = card_class_of(owed->class);
		int row = class < 0 ? -1 : row_of((enum card_class) class);
		if (row >= 0)
			add(bill, (enum card_row)row, owed->umib);
		if (class == CARD_OWED_TOTAL)
			bill->total = owed->umib;
		else if (class == CARD_OWED_ALLOWED)
			bill->allowed = owed->umib;
		else if (class == CARD_OWED_ALLOCATED)
			sums->allocated = owed->umib;
		else if (class == CARD_OWED_RESERVED)
			sums->reserved = owed->umib;
		bill->cut |= class == CARD_OWED_WEIGHTS && strcmp(owed->whom, "at least") == 0;
	}
}

/* Nobody looked what is in use. */
static void undivided(struct card_bill *bill, const struct sums *sums)
{
	if (bill->rows[CARD_ROW_WEIGHTS].there || sums->allocated < 0)
		return;
	bill->rows[CARD_ROW_ACTIVATIONS].there = bill->rows[CARD_ROW_UNUSED].there = false;
	add(bill, CARD_ROW_USED, sums->allocated);
	if (sums->reserved >= sums->allocated)
		add(bill, CARD_ROW_UNUSED, sums->reserved - sums->allocated);
}

/* What no row tells of is told as such. */
static void balance(struct card_bill *bill)
{
	const int64_t noise = 1000000;
	int64_t left = bill->total;
	for (size_t i = 0; i < N_CARD_ROWS; i++)
		if (bill->rows[i].there && bill->rows[i].umib > 0)
			left -= bill->rows[i].umib;
	if (left > 0)
		add(bill, CARD_ROW_REST, left);
	else if (left < -noise)
		bill->over = -left;
}

bool card_bill_make(struct card_bill *bill, const struct profile *p, const struct profile_oom *oom)
{
	struct sums sums;
	const struct profile_oom *before = card_billed(p, oom);
	*bill = (struct card_bill){ .of = before ? before : oom };
	bill->age = oom->at.us - bill->of->at.us;
	take(bill, &sums);
	if (bill->total <= 0)
		return false;
	if (bill->allowed < 0 || bill->allowed >= bill->total)
		bill->allowed = 0;
	undivided(bill, &sums);
	balance(bill);
	return true;
}
