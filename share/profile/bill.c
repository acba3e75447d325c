/* BILL: what MEM's figure consists of, a record a class and moment. */
#include <errno.h>
#include <stdlib.h>

#include "share/array.h"
#include "share/profile/loading.h"

enum { MOST = 4096 }; /* bills that are kept */

/* Two and two become one, the larger; the highest and the last are kept beside them. */
static void thin_out(struct profile_bills *b)
{
	size_t n = 0;
	for (size_t i = 0; i + 1 < b->n; i += 2) {
		bool second = bill_total(&b->all[i + 1]) > bill_total(&b->all[i]);
		b->all[n++] = b->all[i + second];
	}
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
	if (b->taken == 0 || record->at.us != b->last.us) {
		int r = keep(b, &(struct bill){ .us = record->at.us });
		if (r < 0)
			return r;
		b->taken++;
		b->last = (struct bill){ .us = record->at.us };
	}
	enum bill_class class = bill_find(record->text);
	int64_t *figure = &b->last.umib[class];
	int64_t room = INT64_MAX / (4 * BILL_CLASSES);
	int64_t more = record->at.umib < 0 ? 0 : record->at.umib;
	*figure = more < room - *figure ? *figure + more : room;
	b->all[b->n - 1] = b->last;
	if (b->taken == 1 || b->highest.us == b->last.us ||
	    bill_total(&b->last) > bill_total(&b->highest))
		b->highest = b->last;
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
	.begin = begin,
	.free = drop,
};
