#include "recorder/bill/pace.h"

static const int64_t SECOND = 1000000000;

/* ns: a process' map lock is held for reading, for so long at most where nobody has asked. */
static const int64_t CHEAP = 50000000;

/* ns: before the first one was taken. */
static const int64_t A_GIB = 9000000, A_PROCESS = 500000;

static const uint64_t STEP = 1 << 20; /* bytes: less is no growth */

static int64_t estimate(const struct pace *p, uint64_t bytes, size_t n)
{
	if (p->at == 0)
		return (int64_t)(bytes >> 20) * A_GIB / 1024 + (int64_t)n * A_PROCESS;
	double by_bytes = (double)bytes / (double)(p->bytes ? p->bytes : 1);
	double by_n = (double)n / (double)(p->n ? p->n : 1);
	double ratio = by_bytes > by_n ? by_bytes : by_n;
	return ratio < 1e6 ? (int64_t)((double)p->cost * (ratio > 1 ? ratio : 1)) : INT64_MAX;
}

/* At the first tick a program holds nothing yet that would be its own. */
static bool is_wanted(const struct pace *p, int64_t now, uint64_t bytes)
{
	if (now == p->first)
		return false;
	if (p->at == 0 || p->torn || bytes > p->bytes + p->bytes / 10 + STEP)
		return true;
	return now - p->first > (p->at - p->first) / 4 * 5 + SECOND;
}

bool pace_is_due(struct pace *p, int64_t now, uint64_t bytes, size_t n)
{
	if (p->first == 0) {
		p->first = now;
		p->purse = (struct purse)PURSE_USUAL;
		p->purse.share = p->asked ? p->purse.share : 1000;
	}
	if (now < p->purse.not_before)
		return false;
	if (p->asked)
		return true;
	if (!is_wanted(p, now, bytes))
		return false;
	bool cheap = estimate(p, bytes, n) <= CHEAP;
	p->spared |= !cheap;
	return cheap;
}

int64_t pace_most(const struct pace *p)
{
	return p->asked ? 0 : CHEAP;
}

void pace_pay(struct pace *p, int64_t now, uint64_t bytes, size_t n, int64_t cost)
{
	p->at = now;
	p->bytes = bytes;
	p->n = n;
	p->cost = cost;
	purse_pay(&p->purse, now, cost);
}
