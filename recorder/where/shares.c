#include "recorder/where/shares.h"

#include <stdlib.h>

#include "share/array.h"

static const int64_t FEW_PERIODS = 4 << 20; /* bytes */

static bool is_same(const struct share *a, const struct share *b)
{
	return a->thread == b->thread && a->frame == b->frame && a->how == b->how &&
	       a->ticket == b->ticket;
}

static void merge(struct share *into, const struct share *share)
{
	into->faults += share->faults;
	into->huge += share->huge;
}

void shares_add(struct shares *shares, struct share share)
{
	for (size_t i = shares->n; i-- > 0;)
		if (is_same(&shares->items[i], &share)) {
			merge(&shares->items[i], &share);
			return;
		}
	struct share *new = shares->n < SHARES_MOST
				    ? array_more(&shares->items, &shares->n, sizeof *new)
				    : NULL;
	if (new)
		*new = share;
	else if (shares->n > 0)
		merge(&shares->items[shares->turn++ % shares->n], &share);
}

void shares_free(struct shares *shares)
{
	free(shares->items);
	*shares = (struct shares){ 0 };
}

static int64_t weight(const struct share *share, bool huge)
{
	uint64_t more = huge ? share->huge * (SHARES_HUGE - 1) : 0;
	uint64_t pages = share->faults + more, most = (uint64_t)1 << 40;
	return (int64_t)(pages < most ? pages : most);
}

static int64_t pages(const struct shares *shares, bool huge)
{
	int64_t sum = 0;
	for (size_t i = 0; i < shares->n; i++)
		sum += weight(&shares->items[i], huge);
	return sum;
}

int64_t shares_bytes(const struct shares *shares, int64_t page)
{
	return pages(shares, false) * page;
}

static int64_t lesser(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t least_0(int64_t n)
{
	return n > 0 ? n : 0;
}

/* Of more than were taken since the last account, the others were taken before it. Where it is not
 * known how many that were, what may have been told is taken to be. */
static int64_t told_before(const struct account_of *of, int64_t brought, int64_t kept)
{
	int64_t before = least_0(brought - least_0(of->taken));
	return lesser(lesser(before, of->arrears.ahead), brought - kept);
}

/* The faults have brought less than they would have, each a new page: what is missing was told
 * before, or was there before and only copied, or was given back meanwhile. */
static void explain_less(struct account *account, const struct account_of *of, int64_t brought)
{
	int64_t kept = least_0(of->change);
	if (of->taken >= 0) /* weights may be guesses; there were no more */
		brought = lesser(brought, of->taken + of->arrears.untold);
	brought = brought > kept ? brought : kept;
	account->again = told_before(of, brought, kept);
	brought -= account->again;
	int64_t missing = brought - kept;
	if (missing < of->least || missing < brought / 4) {
		account->grown = kept;
	} else {
		account->copied = missing < of->shared ? missing : of->shared;
		account->grown = brought - account->copied;
	}
	account->other = of->change - account->grown;
}

/* So much more may have been brought by those that come to be told only with the next, if it was
 * not by huge pages. */
static int64_t untold(int64_t brought)
{
	return brought / 2 + FEW_PERIODS;
}

/* Memory of files comes several pages a fault. */
enum { PAGES = 4 };

/* Faults that are not yet told, of small pages, explain that as well. */
static bool is_small(const struct account_of *of, int64_t bytes)
{
	return of->taken >= 0 && of->taken - of->heard >= bytes / PAGES;
}

struct account shares_account(const struct shares *shares, const struct account_of *of)
{
	struct account account = { 0 };
	int64_t brought = shares_bytes(shares, of->page);
	int64_t more = pages(shares, true) * of->page;
	if (more > brought && of->change > brought + brought / 2 + of->least) {
		account.huge = true;
		brought = more < of->change ? more : of->change;
	}
	if (of->change < brought) {
		explain_less(&account, of, brought);
	} else if (brought > 0 &&
		   of->change - brought < (of->whole ? untold(brought) : of->least)) {
		account.grown = of->change;
	} else {
		account.grown = brought;
		account.other = of->change - brought;
		account.few =
			of->whole && account.other >= FEW_PERIODS && !is_small(of, account.other);
	}
	return account;
}

struct arrears shares_arrears(const struct account_of *of, const struct account *account,
			      int64_t brought, int64_t told)
{
	struct arrears after = of->arrears;
	after.untold = least_0(after.untold + least_0(of->taken) - of->heard);
	after.ahead += told > brought ? told - brought : -account->again;
	after.ahead -= least_0(of->heard - brought); /* nobody tells anything with those any more */
	after.ahead = lesser(least_0(after.ahead), after.untold);
	return after;
}

void shares_divide(struct shares *shares, int64_t bytes, bool huge)
{
	int64_t left = bytes, of = pages(shares, huge);
	for (size_t i = 0; i < shares->n; i++) {
		int64_t part = weight(&shares->items[i], huge);
		int64_t mine = of > 0 ? (int64_t)((double)left * (double)part / (double)of) : 0;
		shares->items[i].bytes = mine;
		left -= mine;
		of -= part;
	}
	if (shares->n > 0)
		shares->items[shares->n - 1].bytes += left;
}
