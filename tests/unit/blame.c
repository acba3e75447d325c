#include "recorder/where/blame.h"

#include "tests/check.h"

static const int64_t SECOND = 1000000000;

static struct code codes[] = {
	{ .file = (char *)"/x/a.py", .name = (char *)"<module>", .first = 1 },
	{ .file = (char *)"/x/a.py", .name = (char *)"fill", .first = 3 },
	{ .file = (char *)"/x/a.py", .name = (char *)"make", .first = 9 },
	{ .file = (char *)"/usr/lib/python3.11/threading.py", .name = (char *)"wait", .first = 5 },
};
enum { MODULE, FILL, MAKE, WAIT, NOBODY = -1 };

struct step {
	int code, line;
};

/* Innermost first, as stacks are. */
static struct blame_trail trail(struct step a, struct step b, struct step c)
{
	static struct stack stack;
	struct blame_trail made;
	struct step steps[] = { a, b, c };
	stack.n = 0;
	for (size_t i = 0; i < 3; i++)
		if (steps[i].code != NOBODY)
			stack.places[stack.n++] =
				(struct place){ &codes[steps[i].code], steps[i].line };
	blame_trail(&made, &stack);
	return made;
}

#define AT(code, line) ((struct step){ code, line })
#define NONE           AT(NOBODY, 0)

static uint64_t share_of(const struct blame_share *shares, size_t n, uint64_t frame)
{
	uint64_t sum = 0, own = 0;
	for (size_t i = 0; i < n; i++) {
		sum += shares[i].weight;
		own += shares[i].frame == frame ? shares[i].weight : 0;
	}
	return sum ? own * 100 / sum : 0;
}

static void learn(struct blame *blame, const struct blame_trail *trail, uint64_t frame,
		  uint64_t weight, int64_t now)
{
	blame_learn(blame, trail, &(struct blame_share){ .frame = frame, .weight = weight }, now);
}

static void a_line_that_sleeps_did_not_grow(void)
{
	static struct blame blame;
	struct blame_share shares[BLAME_MOST];
	struct blame_trail made = trail(AT(FILL, 5), AT(MODULE, 20), NONE);
	struct blame_trail sleeps = trail(AT(FILL, 6), AT(MODULE, 20), NONE);
	CHECK_INT(blame_find(&blame, &sleeps, shares), 0);
	learn(&blame, &made, 7, 100, SECOND);
	CHECK_INT(blame_find(&blame, &sleeps, shares), 1);
	CHECK_INT(shares[0].frame, 7);
	/* The same function, called from elsewhere, is another; its module has grown there all the
	 * same. */
	sleeps = trail(AT(FILL, 6), AT(MODULE, 21), NONE);
	CHECK_INT(blame_find(&blame, &sleeps, shares), 1);
	sleeps = trail(AT(FILL, 6), AT(MAKE, 21), NONE);
	CHECK_INT(blame_find(&blame, &sleeps, shares), 0);
	sleeps = trail(AT(WAIT, 6), AT(MAKE, 12), NONE);
	CHECK_INT(blame_find(&blame, &sleeps, shares), 0);
}

static void who_waits_deep_inside_is_charged_where_its_caller_grew(void)
{
	static struct blame blame;
	struct blame_share shares[BLAME_MOST];
	struct blame_trail one = trail(AT(MAKE, 10), AT(FILL, 4), AT(MODULE, 20));
	struct blame_trail two = trail(AT(MAKE, 11), AT(FILL, 4), AT(MODULE, 20));
	struct blame_trail waits = trail(AT(WAIT, 8), AT(FILL, 6), AT(MODULE, 20));
	for (int i = 0; i < 40; i++) {
		learn(&blame, &one, 1, 3000, SECOND + i);
		learn(&blame, &two, 2, 1000, SECOND + i);
	}
	size_t n = blame_find(&blame, &waits, shares);
	CHECK_INT(n, 2);
	CHECK(share_of(shares, n, 1) > 65 && share_of(shares, n, 1) < 80);
}

static void what_was_seen_long_ago_is_over(void)
{
	static struct blame blame;
	struct blame_share shares[BLAME_MOST];
	struct blame_trail before = trail(AT(FILL, 4), AT(MODULE, 20), NONE);
	struct blame_trail after = trail(AT(FILL, 8), AT(MODULE, 20), NONE);
	learn(&blame, &before, 1, 100000, SECOND);
	learn(&blame, &after, 2, 500, 4 * SECOND);
	size_t n = blame_find(&blame, &after, shares);
	CHECK(share_of(shares, n, 2) > 80);
	CHECK(share_of(shares, n, 1) > 0); /* but not forgotten, so soon */
}

static void who_took_small_pages_took_no_huge_ones(void)
{
	static struct blame blame;
	struct blame_share shares[BLAME_MOST], huge = { .frame = 2, .weight = 1, .huge = SECOND };
	struct blame_trail small = trail(AT(FILL, 4), AT(MODULE, 20), NONE);
	struct blame_trail large = trail(AT(FILL, 5), AT(MODULE, 20), NONE);
	learn(&blame, &small, 1, 1000, SECOND);
	size_t n = blame_find_own(&blame, &large, shares);
	CHECK_INT(n, 1);
	CHECK_INT(blame_keep_huge(shares, n, 1), 0);
	blame_learn(&blame, &large, &huge, SECOND);
	n = blame_find_own(&blame, &large, shares);
	CHECK_INT(blame_keep_huge(shares, n, 1), 0);
	blame_learn(&blame, &large, &huge, SECOND);
	n = blame_find_own(&blame, &small, shares);
	CHECK_INT(n, 2);
	CHECK_INT(blame_keep_huge(shares, n, 1), 1);
	CHECK_INT(shares[0].frame, 2);
	CHECK(blame_has(shares, 1, 2) && !blame_has(shares, 1, 1));
	CHECK_INT(blame_keep_huge(shares, 1, SECOND + 1), 0);
	/* It takes small ones too. */
	learn(&blame, &large, 2, 1000, SECOND);
	n = blame_find(&blame, &small, shares);
	CHECK_INT(blame_keep_huge(shares, n, 1), 1);
}

static void many_lines_and_functions_are_bounded(void)
{
	static struct blame blame;
	struct blame_share shares[BLAME_MOST];
	struct blame_trail last = { 0 };
	for (int i = 1; i <= 5000; i++) {
		last = trail(AT(MAKE, i % 50), AT(FILL, i), AT(MODULE, i % 7));
		learn(&blame, &last, (uint64_t)i, 100, SECOND + i);
	}
	CHECK(blame_find(&blame, &last, shares) <= BLAME_MOST);
	CHECK_INT(shares[0].frame, 5000);
}

static void what_two_looks_share_is_no_line_that_sleeps(void)
{
	struct blame_trail grew = trail(AT(FILL, 5), AT(MODULE, 20), NONE);
	struct blame_trail slept = trail(AT(FILL, 6), AT(MODULE, 20), NONE);
	struct blame_trail deep = trail(AT(WAIT, 8), AT(FILL, 6), AT(MODULE, 20));
	struct blame_trail other = trail(AT(FILL, 6), AT(MODULE, 21), NONE);
	struct blame_trail alone = trail(AT(MODULE, 20), NONE, NONE);
	CHECK_INT(blame_common(&grew, &slept), 1);
	CHECK_INT(blame_common(&slept, &slept), 1);
	CHECK_INT(blame_common(&slept, &deep), 1);
	CHECK_INT(blame_common(&grew, &deep), 2);
	CHECK_INT(blame_common(&slept, &other), other.n);
	CHECK_INT(blame_common(&alone, &alone), alone.n);
}

int main(void)
{
	RUN(a_line_that_sleeps_did_not_grow);
	RUN(who_waits_deep_inside_is_charged_where_its_caller_grew);
	RUN(what_was_seen_long_ago_is_over);
	RUN(who_took_small_pages_took_no_huge_ones);
	RUN(many_lines_and_functions_are_bounded);
	RUN(what_two_looks_share_is_no_line_that_sleeps);
	return DONE();
}
