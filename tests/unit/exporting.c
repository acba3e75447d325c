#include <stdlib.h>
#include <string.h>

#include "plotter/export/clock.h"
#include "plotter/export/lanes.h"
#include "plotter/export/proto.h"
#include "tests/check.h"

/* ---- figures ---- */

static void pages_come_back_whole(void)
{
	for (uint64_t n = 0; n < 5000; n++) {
		CHECK_INT(export_bytes(sample_umib(n * 4096)), n * 4096);
		CHECK_INT(export_bytes(-sample_umib(n * 4096)), -(long long)(n * 4096));
	}
	CHECK_INT(export_bytes(sample_umib((1ULL << 50) + 4096)), (1LL << 50) + 4096);
}

static void other_figures_are_off_by_a_byte_at_most(void)
{
	for (uint64_t bytes = 1; bytes < 1ULL << 40; bytes = bytes * 3 / 2 + 1)
		CHECK(llabs(export_bytes(sample_umib(bytes)) - (long long)bytes) <= 1);
	CHECK(export_bytes(INT64_MAX) > 0);
	CHECK(export_bytes(INT64_MIN) < 0);
}

/* ---- protocol buffers ---- */

static void messages_are_as_the_format_has_them(void)
{
	struct proto inner = { 0 }, outer = { 0 };
	proto_number(&inner, 1, 150);
	proto_text(&inner, 2, "testing");
	proto_message(&outer, 100, &inner);
	static const char expected[] = "\xa2\x06\x0c\x08\x96\x01\x12\x07testing";
	CHECK_INT(outer.n, sizeof expected - 1);
	CHECK(memcmp(outer.bytes, expected, outer.n) == 0);
	proto_clear(&outer);
	proto_number(&outer, 1, UINT64_MAX);
	CHECK_INT(outer.n, 11);
	CHECK(!outer.failed);
	proto_clear(&outer);
	proto_message(&outer, 3, &(struct proto){ 0 });
	CHECK_INT(outer.n, 2);
	proto_free(&inner);
	proto_free(&outer);
}

/* ---- lanes ---- */

static struct profile_call calls[64];
static struct profile profile = { .calls = calls };

static void call(int64_t from, int64_t to)
{
	calls[profile.n_calls++] = (struct profile_call){ .from = { from, 1 }, .to = { to, 1 } };
}

struct walk {
	const struct lane_call *open[64];
	size_t depth, events;
	int64_t at;
};

static int step(void *context, const struct lane_call *of, bool begins)
{
	struct walk *walk = context;
	int64_t at = begins ? of->from.us : of->to.us;
	CHECK(at >= walk->at);
	walk->at = at;
	walk->events++;
	if (begins)
		walk->open[walk->depth++] = of;
	else
		CHECK(walk->open[--walk->depth] == of);
	return 0;
}

static void whatever_overlaps_nests_in_its_lane(void)
{
	unsigned seed = 1;
	for (int round = 0; round < 200; round++) {
		profile.n_calls = 0;
		for (int i = 0; i < 40; i++) {
			seed = seed * 1103515245 + 12345;
			int64_t from = seed >> 16 & 31, length = seed >> 24 & 15;
			call(from + 1, from + 1 + length);
		}
		struct lanes lanes;
		size_t events = 0;
		CHECK_INT(lanes_make(&lanes, &(struct export){ .profile = &profile }), 0);
		CHECK_INT(lanes.n, 40);
		for (size_t i = 0; i < lanes.n_lanes; i++) {
			struct walk walk = { 0 };
			CHECK_INT(lanes_each(&lanes, i, step, &walk), 0);
			CHECK_INT(walk.depth, 0);
			events += walk.events;
		}
		CHECK_INT(events, 80);
		lanes_free(&lanes);
	}
}

static void stacks_need_one_lane(void)
{
	struct lanes lanes;
	profile.n_calls = 0;
	call(1, 9);
	call(2, 5);
	call(2, 3);
	call(5, 9);
	call(9, 12);
	CHECK_INT(lanes_make(&lanes, &(struct export){ .profile = &profile }), 0);
	CHECK_INT(lanes.n_lanes, 1);
	lanes_free(&lanes);
	profile.n_calls = 0;
	CHECK_INT(lanes_make(&lanes, &(struct export){ .profile = &profile }), 0);
	CHECK_INT(lanes.n_lanes, 0);
	lanes_free(&lanes);
}

/* ---- clocks ---- */

static void what_ran_together_stays_together(void)
{
	struct profile a = { .start_us = 1000000, .ended = true, .ended_us = 9000000 };
	struct profile b = { .start_us = 4000000, .ended = true, .ended_us = 12000000 };
	const struct profile *both[] = { &a, &b };
	int64_t shift[2];
	clock_align(both, 2, shift);
	CHECK_INT(shift[0], 0);
	CHECK_INT(shift[1], 0);
	b.start_us += 86400000000;
	b.ended_us += 86400000000;
	clock_align(both, 2, shift);
	CHECK_INT(shift[0], 0);
	CHECK_INT(b.start_us + shift[1], a.start_us);
}

int main(void)
{
	RUN(pages_come_back_whole);
	RUN(other_figures_are_off_by_a_byte_at_most);
	RUN(messages_are_as_the_format_has_them);
	RUN(whatever_overlaps_nests_in_its_lane);
	RUN(stacks_need_one_lane);
	RUN(what_ran_together_stays_together);
	return DONE();
}
