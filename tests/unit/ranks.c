/* What is told of many recordings beside each other. */
#include "share/fleet/ranks.h"

#include <errno.h>

#include "share/fleet/store.h"
#include "share/fleet/total.h"
#include "tests/check.h"

enum { S = 1000000 };

/* ---- the sum ---- */

static int64_t sum_at(const struct total *t, int64_t us)
{
	return t->sums[(us - t->from) / t->width];
}

static void the_sum_is_of_who_lives(void)
{
	struct total t;
	const struct fleet_point first[] = { { 0, 10, 10, 10, 10 }, { 5 * S, 30, 5, 5, 20 } };
	const struct fleet_point second[] = { { 4 * S, 7, 7, 7, 7 } };
	CHECK_INT(total_open(&t, 0, 10 * S - 1, 10), 0);
	CHECK_INT(t.width, S);
	CHECK_INT(total_peak(&t).umib, -1);
	total_add(&t, first, 2, 7 * S);
	total_add(&t, second, 1, 4 * S);
	total_add(&t, second, 0, 9 * S);
	CHECK_INT(sum_at(&t, 0), 10);
	CHECK_INT(sum_at(&t, 3 * S), 10); /* held on */
	CHECK_INT(sum_at(&t, 4 * S), 17);
	CHECK_INT(sum_at(&t, 5 * S), 30);
	CHECK_INT(sum_at(&t, 7 * S), 20);
	CHECK_INT(sum_at(&t, 8 * S), -1); /* nobody */
	CHECK_INT(total_peak(&t).umib, 30);
	CHECK_INT(total_peak(&t).us, 5 * S);
	total_close(&t);
}

static void what_lies_outside_is_no_danger(void)
{
	struct total t;
	const struct fleet_point far[] = { { -5 * S, 1, 1, 1, 1 }, { 99 * S, 2, 2, 2, 2 } };
	CHECK_INT(total_open(&t, 0, 0, 4), 0);
	total_add(&t, far, 2, -9 * S);
	total_add(&t, far, 2, 500 * S);
	CHECK(total_peak(&t).umib > 0);
	total_close(&t);
}

/* ---- a fleet ---- */

static struct fleet_member members[64];

static struct fleet fleet_of(size_t n, int64_t length)
{
	memset(members, 0, sizeof members);
	for (size_t i = 0; i < n; i++)
		members[i] = (struct fleet_member){
			.rank = (long)i,
			.from = 1000 * S,
			.to = 1000 * S + length,
			.highest = { (int64_t)(i + 1) * S, 1000 * S, 1000 * S },
			.ended = true,
		};
	return (struct fleet){ .members = members, .n = n };
}

static void move(size_t i, int64_t by, int64_t end)
{
	members[i].from += by;
	members[i].to += end;
}

static void name_nodes(size_t n, char *names[])
{
	for (size_t i = 0; i < n; i++)
		members[i].node = names[i];
}

/* ---- clocks ---- */

static char a[] = "a", b[] = "b", c[] = "c", d[] = "d";
static char *four[] = { a, b, c, d, a, b, c, d };

static void a_clock_that_is_off_is_told_by_begin_and_end(void)
{
	struct fleet fleet = fleet_of(8, 100 * S);
	struct fleet_clocks clocks;
	name_nodes(8, four);
	move(2, 120 * S, 120 * S);
	move(6, 121 * S, 119 * S);
	CHECK_INT(fleet_clocks_make(&clocks, &fleet), 0);
	CHECK_INT(clocks.n, 1);
	CHECK_STR(clocks.all[0].node, "c");
	CHECK_INT(clocks.all[0].ahead, 120 * S);
	CHECK(clocks.all[0].ends && clocks.all[0].apart);
	fleet_clocks_free(&clocks);
}

static void who_only_begins_late_may_have_been_started_then(void)
{
	struct fleet fleet = fleet_of(8, 1000 * S);
	struct fleet_clocks clocks;
	char sentence[FLEET_CLOCK_SENTENCE];
	name_nodes(8, four);
	move(1, -60 * S, 0);
	move(5, -60 * S, 0);
	CHECK_INT(fleet_clocks_make(&clocks, &fleet), 0);
	CHECK_INT(clocks.n, 1);
	CHECK(!clocks.all[0].ends && !clocks.all[0].apart);
	CHECK_STR(fleet_clock_say(sentence, &clocks.all[0]),
		  "the ranks of b begin 60.0 s earlier than the others: its clock is off, or they "
		  "were started then");
	fleet_clocks_free(&clocks);
}

static void restarts_and_small_differences_tell_nothing(void)
{
	struct fleet fleet = fleet_of(8, 1000 * S);
	struct fleet_clocks clocks;
	name_nodes(8, four);
	move(1, 9 * S, 0);
	move(2, 300 * S, 0);
	members[2].restart = 1;
	members[3].unsynchronised = true;
	CHECK_INT(fleet_clocks_make(&clocks, &fleet), 0);
	CHECK_INT(clocks.n, 0);
	CHECK_INT(clocks.unsynchronised, 1);
	CHECK_STR(clocks.first, "d");
	fleet_clocks_free(&clocks);
}

static void a_clock_that_was_set_meanwhile_is_told_of_the_farthest(void)
{
	struct fleet fleet = fleet_of(8, 1000 * S);
	struct fleet_clocks clocks;
	char sentence[FLEET_CLOCK_SENTENCE];
	name_nodes(8, four);
	members[1].clock_moved = 5 * S;
	members[2].clock_moved = -120 * S;
	members[3].clock_moved = S - 1;
	CHECK_INT(fleet_clocks_make(&clocks, &fleet), 0);
	CHECK_INT(clocks.moved, 2);
	CHECK_STR(
		fleet_clocks_say_moved(sentence, &clocks),
		"in 2 of 8 recordings the wall clock moved meanwhile, on c back by 2 min 00 s: it "
		"was set, and moments are told as if it had not");
	fleet_clocks_free(&clocks);
	CHECK(fleet_clock_moved(200000, 100000) && !fleet_clock_moved(200000, 300000));
}

/* Tasks of a queue, which begin when there is room. */
static void who_begin_one_after_the_other_have_no_clock_to_go_by(void)
{
	struct fleet fleet = fleet_of(4, 10 * S);
	struct fleet_clocks clocks;
	name_nodes(4, four);
	for (size_t i = 0; i < 4; i++)
		move(i, (int64_t)i * 60 * S, (int64_t)i * 60 * S);
	CHECK_INT(fleet_clocks_make(&clocks, &fleet), 0);
	CHECK_INT(clocks.n, 0);
	fleet_clocks_free(&clocks);
}

static void other_jobs_and_steps_begin_when_they_do(void)
{
	struct fleet fleet = fleet_of(8, 100 * S);
	struct fleet_clocks clocks;
	name_nodes(8, four);
	move(2, 120 * S, 120 * S);
	move(6, 120 * S, 120 * S);
	members[2].step = members[6].step = a;
	CHECK_INT(fleet_clocks_make(&clocks, &fleet), 0);
	CHECK_INT(clocks.n, 0);
	fleet_clocks_free(&clocks);
	members[2].step = members[6].step = NULL;
	members[5].rank = -1;
	CHECK_INT(fleet_clocks_make(&clocks, &fleet), 0);
	CHECK_INT(clocks.n, 0);
	fleet_clocks_free(&clocks);
}

/* ---- nodes ---- */

static void a_nodes_sum_is_told_against_its_limit(void)
{
	struct fleet fleet = fleet_of(4, 10 * S);
	struct fleet_nodes nodes;
	char *two[] = { a, b, b, NULL };
	struct fleet_point points[4];
	name_nodes(4, two);
	for (size_t i = 0; i < 3; i++) {
		points[i] = (struct fleet_point){ 1000 * S, 40 * S, 40 * S, 40 * S, 40 * S };
		members[i].points = &points[i];
		members[i].n_points = 1;
		members[i].limit = i == 0 ? 45 * S : 100 * S;
	}
	CHECK_INT(fleet_nodes_make(&nodes, &fleet), 0);
	CHECK_INT(nodes.n, 2); /* who tells no node is in none */
	CHECK_INT(nodes.all[0].peak.umib, 40 * S);
	CHECK_STR(nodes.all[0].name, "a");
	CHECK_INT(nodes.all[1].peak.umib, 80 * S);
	CHECK_INT(nodes.all[1].ranks, 2);
	CHECK_NEAR(fleet_node_share(&nodes.all[1]), 0.8, 1e-9);
	fleet_nodes_free(&nodes);
}

/* ---- lines ---- */

static void the_line_that_differs_comes_first(void)
{
	struct fleet fleet = fleet_of(5, 10 * S);
	struct fleet_lines lines;
	struct fleet_grown all[5][2];
	for (size_t i = 0; i < 4; i++) {
		all[i][0] = (struct fleet_grown){ a, b, 1, 500 * S };
		all[i][1] = (struct fleet_grown){ a, c, 2, (i == 3 ? 90 : 10) * S };
		members[i].grown = all[i];
		members[i].n_grown = 2;
	}
	CHECK_INT(fleet_lines_make(&lines, &fleet), 0);
	CHECK_INT(lines.telling, 4);
	CHECK_INT(lines.n, 2);
	CHECK_INT(lines.all[0].grown->line, 2);
	CHECK_INT(lines.all[0].most, 3);
	CHECK_INT(lines.all[0].usual, 10 * S);
	CHECK_INT(lines.all[0].umib, 120 * S);
	CHECK_INT(lines.all[1].usual, 500 * S);
	fleet_lines_free(&lines);
}

/* ---- the whole ---- */

static void the_sentence_tells_failures_apart_from_open_ends(void)
{
	struct fleet fleet = fleet_of(4, 10 * S);
	struct fleet_ranks ranks;
	char sentence[FLEET_SENTENCE];
	members[1].status = 3;
	members[2].ended = false;
	members[2].status = PROFILE_STATUS_UNKNOWN;
	members[0].status = PROFILE_STATUS_UNKNOWN; /* nobody told: that is no failure */
	CHECK_INT(fleet_ranks_make(&ranks, &fleet), 0);
	CHECK_INT(ranks.n_bad, 2);
	CHECK_INT(ranks.failed, 1);
	CHECK(!fleet_ranks_odd(&ranks));
	CHECK_STR(fleet_ranks_say(sentence, &ranks),
		  "4 recordings: rank 3 held most, 4.0 MiB (exact); the median of the ranks is "
		  "2.5 MiB. Rank 1 ended badly, after 10.0 s (exit 3). The recording of rank 2 has "
		  "no end: it breaks off, or goes on, after 10.0 s.");
	fleet_ranks_free(&ranks);
}

static void what_is_stored_twice_is_there_once(void)
{
	struct store store;
	struct fleet_point *points;
	CHECK_INT(store_open(&store, "/tmp/x.dat"), 0);
	for (int i = 0; i < 3; i++) {
		struct fleet_member m = { .rank = i == 1 ? 0 : 1, .from = 5, .to = 6 };
		m.points = calloc(2, sizeof *m.points);
		m.n_points = 2;
		m.points[1].umib = i;
		CHECK_INT(store_add(&store, &m), 0);
	}
	store_sort(&store);
	CHECK_INT(store.n, 2);
	CHECK_INT(store.all[0].member.rank, 0);
	CHECK_INT(store_points(&store, &store.all[0], &points), 0);
	CHECK_INT(points[1].umib, 1);
	free(points);
	store_close(&store);
}

int main(void)
{
	RUN(the_sum_is_of_who_lives);
	RUN(what_lies_outside_is_no_danger);
	RUN(a_clock_that_is_off_is_told_by_begin_and_end);
	RUN(who_only_begins_late_may_have_been_started_then);
	RUN(restarts_and_small_differences_tell_nothing);
	RUN(a_clock_that_was_set_meanwhile_is_told_of_the_farthest);
	RUN(who_begin_one_after_the_other_have_no_clock_to_go_by);
	RUN(other_jobs_and_steps_begin_when_they_do);
	RUN(a_nodes_sum_is_told_against_its_limit);
	RUN(the_line_that_differs_comes_first);
	RUN(the_sentence_tells_failures_apart_from_open_ends);
	RUN(what_is_stored_twice_is_there_once);
	return DONE();
}
