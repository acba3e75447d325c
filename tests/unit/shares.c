#include "recorder/where/shares.h"

#include <stdlib.h>

#include "tests/check.h"

enum { PAGE = 4096, MIB = 1 << 20 };

static struct shares shares;

static void add(pid_t thread, uint64_t frame, uint64_t faults, uint64_t huge)
{
	shares_add(&shares, (struct share){ thread, frame, PROFILE_FAULT, 0, faults, huge, 0 });
}

static struct account account(int64_t change, int64_t shared, bool whole)
{
	struct account_of of = { change, PAGE, 256 << 10, shared, whole, .taken = -1 };
	return shares_account(&shares, &of);
}

/* So much has changed, of faults that took so much since the account before. */
static struct account_of since(int64_t change, int64_t taken, struct arrears arrears)
{
	return (struct account_of){ .change = change,
				    .page = PAGE,
				    .least = 256 << 10,
				    .whole = true,
				    .taken = taken,
				    .heard = shares_bytes(&shares, PAGE),
				    .arrears = arrears };
}

static void what_was_told_before_its_faults_is_not_told_again(void)
{
	add(1, 7, 2 * MIB / PAGE, 0);
	struct account_of of = since(MIB / 4, MIB / 4, (struct arrears){ 3 * MIB, 7 * MIB / 4 });
	struct account made = shares_account(&shares, &of);
	CHECK_INT(made.grown, MIB / 4);
	CHECK_INT(made.other, 0);
	CHECK_INT(made.again, 7 * MIB / 4);
	struct arrears after = shares_arrears(&of, &made, 2 * MIB, MIB / 4);
	CHECK_INT(after.ahead, 0);
	CHECK_INT(after.untold, 5 * MIB / 4);
	of.taken = 2 * MIB; /* they are of now */
	made = shares_account(&shares, &of);
	CHECK_INT(made.grown, 2 * MIB);
	CHECK_INT(made.other, MIB / 4 - 2 * MIB);
	CHECK_INT(made.again, 0);
	of.taken = -1; /* nobody knows */
	made = shares_account(&shares, &of);
	CHECK_INT(made.grown, MIB / 4);
	CHECK_INT(made.again, 7 * MIB / 4);
	shares.n = 0;
}

static void each_cpu_is_late_by_itself(void)
{
	struct account_of of = since(MIB, MIB, (struct arrears){ 0 });
	struct account made = shares_account(&shares, &of);
	CHECK_INT(made.other, MIB);
	struct arrears arrears = shares_arrears(&of, &made, 0, MIB);
	CHECK_INT(arrears.ahead, MIB);
	add(1, 7, MIB / 4 / PAGE, 0); /* of another one than those before */
	of = since(MIB / 4, MIB / 4, arrears);
	made = shares_account(&shares, &of);
	arrears = shares_arrears(&of, &made, MIB / 4, MIB / 4);
	CHECK_INT(made.grown, MIB / 4);
	CHECK_INT(arrears.ahead, MIB);
	shares.n = 0;
	add(1, 7, 5 * MIB / 4 / PAGE, 0); /* of those, at last */
	of = since(MIB / 4, MIB / 4, arrears);
	made = shares_account(&shares, &of);
	arrears = shares_arrears(&of, &made, 5 * MIB / 4, MIB / 4);
	CHECK_INT(made.grown, MIB / 4);
	CHECK_INT(made.other, 0);
	CHECK_INT(arrears.ahead, 0);
	CHECK_INT(arrears.untold, 0);
	shares.n = 0;
}

static void no_more_is_ahead_than_may_be_told(void)
{
	struct account_of of = since(20 * MIB, MIB, (struct arrears){ 0 });
	struct account made = shares_account(&shares, &of);
	CHECK_INT(shares_arrears(&of, &made, 0, 20 * MIB).ahead, MIB);
	of.heard = 3 * MIB / 4; /* and placed nowhere */
	CHECK_INT(shares_arrears(&of, &made, 0, 20 * MIB).ahead, MIB / 4);
}

static void weights_are_no_more_than_were_taken(void)
{
	add(1, 7, 8 * MIB / PAGE, 0);
	struct account_of of = since(MIB, MIB, (struct arrears){ MIB, 0 });
	struct account made = shares_account(&shares, &of);
	CHECK_INT(made.grown, 2 * MIB);
	CHECK_INT(made.other, -MIB);
	shares.n = 0;
}

static void faults_that_are_not_told_yet_are_of_no_huge_pages(void)
{
	add(1, 7, 8, 8);
	struct account_of of = since(40 * MIB, MIB, (struct arrears){ 0 });
	CHECK(shares_account(&shares, &of).few);
	of.taken = 20 * MIB;
	CHECK(!shares_account(&shares, &of).few);
	shares.n = 0;
}

static void same_places_are_one(void)
{
	add(1, 7, 3, 0);
	add(1, 8, 1, 0);
	add(1, 7, 2, 0);
	CHECK_INT(shares.n, 2);
	CHECK_INT(shares.items[0].faults, 5);
	CHECK_INT(shares_bytes(&shares, PAGE), 6 * PAGE);
	shares.n = 0;
}

static void many_places_lose_no_fault(void)
{
	for (int i = 0; i < 2 * SHARES_MOST; i++)
		add(1, (uint64_t)i + 1, 1, 0);
	CHECK_INT(shares.n, SHARES_MOST);
	CHECK_INT(shares_bytes(&shares, PAGE), (int64_t)2 * SHARES_MOST * PAGE);
	shares.n = 0;
}

static void parts_add_up(void)
{
	add(1, 1, 1, 0);
	add(1, 2, 2, 0);
	add(2, 3, 4, 0);
	shares_divide(&shares, 700, false);
	CHECK_INT(shares.items[0].bytes, 100);
	CHECK_INT(shares.items[1].bytes, 200);
	CHECK_INT(shares.items[2].bytes, 400);
	shares_divide(&shares, 1000003, false);
	CHECK_INT(shares.items[0].bytes + shares.items[1].bytes + shares.items[2].bytes, 1000003);
	shares.n = 0;
	shares_divide(&shares, 5, false); /* nobody to give it to */
	CHECK_INT(shares.n, 0);
}

static void growth_is_of_the_faults(void)
{
	add(1, 1, 1024, 0);
	struct account a = account(4 * MIB, 0, true);
	CHECK_INT(a.grown, 4 * MIB);
	CHECK_INT(a.other, 0);
	a = account(5 * MIB, 0, true); /* all is told, so that they brought more than a page each */
	CHECK_INT(a.grown, 5 * MIB);
	a = account(5 * MIB, 0, false); /* somebody else may have brought that */
	CHECK_INT(a.grown, 4 * MIB);
	CHECK_INT(a.other, MIB);
	a = account(4 * MIB - MIB / 8, 0, true); /* no more than the figures' own blur */
	CHECK_INT(a.grown, 4 * MIB - MIB / 8);
	CHECK_INT(a.other, 0);
	shares.n = 0;
}

static void huge_pages_weigh_theirs(void)
{
	add(1, 1, 10, 10);
	add(1, 2, 512, 0);
	struct account a = account(22 * MIB, 0, false);
	CHECK(a.huge);
	CHECK_INT(a.grown, 22 * MIB);
	shares_divide(&shares, a.grown, a.huge);
	CHECK_INT(shares.items[0].bytes, 20 * MIB);
	CHECK_INT(shares.items[1].bytes, 2 * MIB);
	a = account(2 * MIB, 0, true); /* far apart, but small */
	CHECK(!a.huge);
	CHECK_INT(a.grown, 2 * MIB);
	shares.n = 0;
}

static void what_was_given_back_meanwhile_has_grown_all_the_same(void)
{
	add(1, 1, 2048, 0);
	struct account a = account(MIB, 0, true);
	CHECK_INT(a.grown, 8 * MIB);
	CHECK_INT(a.other, -7 * MIB);
	CHECK_INT(a.copied, 0);
	a = account(-20 * MIB, 0, true);
	CHECK_INT(a.grown, 8 * MIB);
	CHECK_INT(a.other, -28 * MIB);
	shares.n = 0;
	a = account(-3 * MIB, 0, true);
	CHECK_INT(a.grown, 0);
	CHECK_INT(a.other, -3 * MIB);
}

static void a_child_copies_what_it_was_born_with(void)
{
	add(1, 1, 2048, 0);
	struct account a = account(0, 100 * MIB, true);
	CHECK_INT(a.copied, 8 * MIB);
	CHECK_INT(a.grown, 0);
	CHECK_INT(a.other, 0);
	a = account(6 * MIB, 100 * MIB, true); /* and grows as well */
	CHECK_INT(a.copied, 2 * MIB);
	CHECK_INT(a.grown, 6 * MIB);
	a = account(0, MIB, true); /* no more than there was */
	CHECK_INT(a.copied, MIB);
	CHECK_INT(a.grown, 7 * MIB);
	CHECK_INT(a.other, -7 * MIB);
	a = account(-50 * MIB, 100 * MIB, true); /* frees what it inherited */
	CHECK_INT(a.copied + a.grown, 8 * MIB);
	CHECK_INT(a.grown + a.other, -50 * MIB);
	shares.n = 0;
}

int main(void)
{
	RUN(what_was_told_before_its_faults_is_not_told_again);
	RUN(each_cpu_is_late_by_itself);
	RUN(no_more_is_ahead_than_may_be_told);
	RUN(weights_are_no_more_than_were_taken);
	RUN(faults_that_are_not_told_yet_are_of_no_huge_pages);
	RUN(same_places_are_one);
	RUN(many_places_lose_no_fault);
	RUN(parts_add_up);
	RUN(growth_is_of_the_faults);
	RUN(huge_pages_weigh_theirs);
	RUN(what_was_given_back_meanwhile_has_grown_all_the_same);
	RUN(a_child_copies_what_it_was_born_with);
	shares_free(&shares);
	return DONE();
}
