/* BILL: what MEM's figure consists of, a record a class and moment. */
#include <errno.h>
#include <stdlib.h>

#include "share/array.h"
#include "share/profile/loading.h"

enum { MOST = 4096 }; /* bills that are kept */

/* How much of what was held at the peak it may not tell of. */
static double miss(const struct bill *bill, int64_t umib)
{
	double total = (double)bill_total(bill), off = (double)bill->umib[BILL_OFF];
	return off + (total < (double)umib ? (double)umib - total : 0);
}

static bool is_better(const struct bill *bill, const struct bill *than)
{
	return bill_total(bill) - bill->umib[BILL_OFF] > bill_total(than) - than->umib[BILL_OFF];
}

/* Two and two become one, the larger. */
static void thin_out(struct profile_bills *b)
{
	size_t n = 0;
	for (size_t i = 0; i + 1 < b->n; i += 2)
		b->all[n++] = b->all[i + is_better(&b->all[i + 1], &b->all[i])];
	b->n = n;
}

static int keep(struct profile_bills *b, const struct bill *bill)
{
	if (b->n == MOST)
		thin_out(b);
	struct bill *kept = array_more(&b->all, &b->n, sizeof *kept);
	if (!kept)
		return -ENOMEM;
	*kept = *bill;
	return 0;
}

/* All the records of one moment are one bill. */
static int take(struct loading *l, const struct profile_record *record)
{
	struct profile_bills *b = &l->profile.bills;
	if (!loading_shows(l, record->at.us))
		return 0;
	if (b->n == 0 || record->at.us != b->all[b->n - 1].us) {
		int r = keep(b, &(struct bill){ .us = record->at.us });
		if (r < 0)
			return r;
		b->taken++;
	}
	enum bill_class class = bill_find(record->text);
	int64_t *figure = &b->all[b->n - 1].umib[class];
	int64_t room = INT64_MAX / (4 * BILL_CLASSES);
	int64_t more = record->at.umib < 0 ? 0 : record->at.umib;
	*figure = more < room - *figure ? *figure + more : room;
	return 0;
}

static int64_t distance(const struct bill *bill, const struct sample *peak)
{
	return bill->us > peak->us ? bill->us - peak->us : peak->us - bill->us;
}

/* The one that tells best of the peak; of those that tell of it to 1 % the nearest in time. */
static const struct bill *find_highest(const struct profile_bills *b, const struct sample *peak)
{
	const struct bill *best = &b->all[0];
	double least = miss(best, peak->umib), near = (double)peak->umib / 100;
	for (size_t i = 1; i < b->n; i++) {
		const struct bill *bill = &b->all[i];
		double by = miss(bill, peak->umib);
		bool both = by <= near && least <= near;
		if (both ? distance(bill, peak) >= distance(best, peak) : by >= least)
			continue;
		best = bill;
		least = by;
	}
	return best;
}

/* One that is of no moment may have been taken while the program came to its end. */
static const struct bill *find_last(const struct profile_bills *b)
{
	for (size_t i = b->n; i-- > 0;)
		if (bill_is_whole(&b->all[i]))
			return &b->all[i];
	return &b->all[b->n - 1];
}

static int settle(struct loading *l)
{
	struct profile_bills *b = &l->profile.bills;
	if (b->n == 0)
		return 0;
	b->highest = *find_highest(b, &l->profile.memory.peak);
	b->last = *find_last(b);
	return 0;
}

static void drop(struct profile *p)
{
	free(p->bills.all);
	p->bills = (struct profile_bills){ 0 };
}

static void begin(struct loading *l)
{
	drop(&l->profile);
}

const struct loading_part loading_bill = {
	.kinds = 1u << PROFILE_BILL,
	.take = take,
	.settle = settle,
	.begin = begin,
	.free = drop,
};
