#include "share/fleet/clock.h"

#include <math.h>

#include "share/fleet/fleet.h"
#include "tests/check.h"

enum { NODES = 5, EACH = 4, N = NODES * EACH };

static struct fleet_member members[N];

/* A job of `length` seconds whose ranks start some milliseconds apart. */
static struct fleet job(int64_t length)
{
	static struct fleet_point point;
	static char nodes[][3] = { "n0", "n1", "n2", "n3", "n4" }, number[] = "7";
	for (int i = 0; i < N; i++) {
		int64_t from = 1700000000000000 + i * 3700;
		members[i] = (struct fleet_member){ .rank = i,
						    .node = nodes[i / EACH],
						    .job = number,
						    .from = from,
						    .to = from + length * 1000000,
						    .points = &point,
						    .n_points = 1 };
	}
	return (struct fleet){ .members = members, .n = N };
}

static void shift(int node, int64_t seconds)
{
	for (int i = 0; i < EACH; i++) {
		members[node * EACH + i].from += seconds * 1000000;
		members[node * EACH + i].to += seconds * 1000000;
	}
}

static void agree(void)
{
	struct fleet fleet = job(60);
	struct clock_off off[2];
	CHECK_INT(clock_find_off(&fleet, off, 2), 0);
	fleet.n = 0;
	CHECK_INT(clock_find_off(&fleet, off, 2), 0);
}

static void one_is_off(void)
{
	for (int64_t length = 60; length <= 3600; length *= 60) {
		struct fleet fleet = job(length);
		struct clock_off off[2];
		shift(2, 120);
		members[9].unsynchronised = true;
		CHECK_INT(clock_find_off(&fleet, off, 2), 1);
		CHECK_STR(off[0].node, "n2");
		CHECK(fabs(off[0].seconds - 120) < 1);
		CHECK(off[0].unsynchronised);
	}
}

static void the_furthest_are_told(void)
{
	struct fleet fleet = job(60);
	struct clock_off off[1];
	shift(1, 90);
	shift(4, -300);
	CHECK_INT(clock_find_off(&fleet, off, 1), 1);
	CHECK_STR(off[0].node, "n4");
	CHECK(fabs(off[0].seconds + 300) < 1);
}

/* Who starts late and ends with the others has started late; who runs once more, too. */
static void a_late_start_is_no_clock(void)
{
	struct fleet fleet = job(600);
	struct clock_off off[2];
	for (int i = 0; i < EACH; i++)
		members[i].from += 120 * 1000000LL;
	CHECK_INT(clock_find_off(&fleet, off, 2), 0);
	shift(2, 120);
	for (int i = 0; i < N; i++)
		members[i].job = NULL;
	CHECK_INT(clock_find_off(&fleet, off, 2), 0);
}

int main(void)
{
	RUN(agree);
	RUN(one_is_off);
	RUN(the_furthest_are_told);
	RUN(a_late_start_is_no_clock);
	return DONE();
}
