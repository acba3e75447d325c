/* Which word holds the pointer to the next instruction is learned from where it fits. */
#include "recorder/python/slots.h"

#include "tests/check.h"

static void learn(struct slots *slots, uint64_t place, int times, const int *fitting, size_t n)
{
	uint8_t fits[SLOTS_WORDS] = { 0 };
	for (size_t i = 0; i < n; i++)
		fits[fitting[i]] = 1;
	for (int i = 0; i < times; i++)
		slots_learn(slots, place, SLOT_NEXT, fits);
}

static int choose(const struct slots *slots, uint64_t place)
{
	return slots_choose(slots, place, SLOT_NEXT, NULL);
}

static void knows_nothing_at_first(void)
{
	struct slots slots = { 0 };
	const int both[] = { 3, 7 };
	CHECK_INT(choose(&slots, 100), SLOTS_NONE);
	CHECK(!slots_is_learned(&slots, 100));
	learn(&slots, 100, 5, both, 2);
	CHECK_INT(choose(&slots, 100), SLOTS_NONE); /* one of them is stale: which? */
	slots_forget(&slots);
}

static void believes_the_only_one(void)
{
	struct slots slots = { 0 };
	const int one[] = { 3 };
	learn(&slots, 100, 1, one, 1);
	CHECK_INT(choose(&slots, 100), SLOTS_NONE);
	learn(&slots, 100, 9, one, 1);
	CHECK_INT(choose(&slots, 100), 3);
	CHECK_INT(choose(&slots, 200), 3); /* nor was it seen otherwise */
	slots_forget(&slots);
}

/* Behind an instruction that calls nobody the loop does not stand when it has called somebody. */
static void leaves_out_what_stands_where_nobody_is_called(void)
{
	struct slots slots = { 0 };
	const int both[] = { 3, 7 };
	learn(&slots, 100, 16, both, 2);
	for (int i = 0; i < 9; i++) {
		slots_hold(&slots, 3, i % 3 == 0);
		slots_hold(&slots, 7, false);
	}
	CHECK_INT(choose(&slots, 100), 7);
	CHECK(!slots_is_candidate(&slots, 100, 3) && slots_is_candidate(&slots, 100, 7));
	for (int i = 0; i < 9; i++) /* it was chance */
		slots_hold(&slots, 3, false);
	CHECK(slots_is_candidate(&slots, 100, 3));
	slots_forget(&slots);
}

/* A word that nothing is kept in any more fits at one place, where something was once. */
static void believes_what_serves_everywhere(void)
{
	struct slots slots = { 0 };
	const int here[] = { 2, 9 }, there[] = { 9 }, elsewhere[] = { 9, 4 };
	learn(&slots, 100, 16, here, 2);
	learn(&slots, 200, 16, there, 1);
	learn(&slots, 300, 16, elsewhere, 2);
	learn(&slots, 400, 16, there, 1);
	CHECK_INT(choose(&slots, 100), 9);
	CHECK_INT(choose(&slots, 300), 9);
	slots_forget(&slots);
}

/* Nor is it believed where it was seen not to serve. */
static void believes_another_where_that_one_never_fits(void)
{
	struct slots slots = { 0 };
	const int common[] = { 9 }, own[] = { 5 }, none[] = { 0 };
	for (uint64_t place = 1; place <= 8; place++)
		learn(&slots, place * 100, 8, common, 1);
	for (uint64_t place = 10; place <= 13; place++)
		learn(&slots, place * 100, 8, own, 1);
	learn(&slots, 2000, 8, none, 0);
	CHECK_INT(choose(&slots, 100), 9);
	CHECK_INT(choose(&slots, 1000), 5);
	CHECK_INT(choose(&slots, 2000), SLOTS_NONE);
	CHECK_INT(choose(&slots, 5000), 9);
	slots_forget(&slots);
}

static void keeps_no_more_places_than_it_has_room_for(void)
{
	struct slots slots = { 0 };
	const int one[] = { 1 };
	for (uint64_t place = 1; place < 2000; place++)
		learn(&slots, place, 2, one, 1);
	CHECK_INT(choose(&slots, 5), 1);
	slots_forget(&slots);
}

/* What is left over from one call is the same wherever the loop stands. */
static void believes_what_differs_from_place_to_place(void)
{
	struct slots slots = { 0 };
	const int both[] = { 3, 7 };
	for (uint64_t place = 1; place <= 4; place++) {
		learn(&slots, place, 8, both, 2);
		slots_see(&slots, place, 3, 0x1000);
		slots_see(&slots, place, 7, 0x1000 + place * 8);
	}
	CHECK_INT(choose(&slots, 1), 7);
	CHECK(!slots_is_rival(&slots, 1, 7, 3));
	CHECK(slots_is_rival(&slots, 1, 3, 7));
	slots_forget(&slots);
}

static void believes_what_the_stack_of_a_moment_later_says(void)
{
	struct slots slots = { 0 };
	const int both[] = { 3, 7 };
	for (uint64_t place = 1; place <= 4; place++) {
		learn(&slots, place, 8, both, 2);
		for (int word = 3; word <= 7; word += 4)
			slots_see(&slots, place, word, 0x1000 + place * 8);
	}
	CHECK(slots_is_rival(&slots, 1, 3, 7) && slots_is_rival(&slots, 1, 7, 3)); /* who knows? */
	slots_prove(&slots, 1, 3);
	for (int i = 0; i < 6; i++)
		slots_prove(&slots, 1, 7);
	CHECK_INT(choose(&slots, 1), 7);
	CHECK(!slots_is_rival(&slots, 1, 7, 3));
	slots_forget(&slots);
}

/* Two that were right as often may both be it; one that never was is left over. */
static void leaves_out_what_was_never_right(void)
{
	struct slots slots = { 0 };
	const int all[] = { 2, 4, 6 };
	learn(&slots, 100, 16, all, 3);
	CHECK(slots_is_candidate(&slots, 100, 2));
	for (int i = 0; i < 10; i++) {
		slots_see(&slots, 100, 4, 1);
		slots_see(&slots, 100, 6, 2);
		slots_prove(&slots, 100, 4);
		slots_prove(&slots, 100, 6);
	}
	CHECK_INT(choose(&slots, 100), SLOTS_NONE);
	CHECK(!slots_is_candidate(&slots, 100, 2));
	CHECK(slots_is_candidate(&slots, 100, 4));
	CHECK(slots_is_candidate(&slots, 100, 6));
	CHECK_INT(slots_proofs(&slots, 100, 2), 0);
	CHECK_INT(slots_proofs(&slots, 100, 4), 20); /* there, and anywhere */
	slots_forget(&slots);
}

/* A line that takes long is seen often, whatever was told. */
static void does_not_believe_what_is_rare_for_being_right_by_chance(void)
{
	struct slots slots = { 0 };
	const int common[] = { 3 }, both[] = { 3, 7 };
	for (uint64_t place = 200; place < 206; place++)
		learn(&slots, place, 16, common, 1);
	learn(&slots, 100, 16, both, 2);
	slots_see(&slots, 100, 3, 1);
	slots_see(&slots, 100, 7, 2);
	for (int i = 0; i < 90; i++) {
		slots_prove(&slots, i < 80 ? 200 : 100, 3);
		slots_prove(&slots, 100, i < 40 ? 7 : 9);
	}
	CHECK_INT(choose(&slots, 100), 3);
	CHECK(!slots_is_candidate(&slots, 100, 7));
	slots_forget(&slots);
}

static void leaves_out_code_whose_frame_is_not_there(void)
{
	struct slots_words words = { .all = { 0x1000, 10, 20, 30 }, .n = 4 };
	const uint64_t frames[SLOTS_WORDS] = { 0, 0x1000, 0x2000, 0 };
	slots_leave_out_others(&words, frames);
	CHECK_INT(words.all[1], 10);
	CHECK_INT(words.all[2], 0);
	CHECK_INT(words.all[3], 30); /* nobody knows */
	const uint64_t none[SLOTS_WORDS] = { 0, 0x3000, 0x2000, 0 };
	slots_leave_out_others(&words, none);
	CHECK_INT(words.all[1], 10);
}

int main(void)
{
	RUN(knows_nothing_at_first);
	RUN(believes_the_only_one);
	RUN(leaves_out_what_stands_where_nobody_is_called);
	RUN(believes_what_serves_everywhere);
	RUN(believes_another_where_that_one_never_fits);
	RUN(believes_what_differs_from_place_to_place);
	RUN(believes_what_the_stack_of_a_moment_later_says);
	RUN(leaves_out_what_was_never_right);
	RUN(keeps_no_more_places_than_it_has_room_for);
	RUN(does_not_believe_what_is_rare_for_being_right_by_chance);
	RUN(leaves_out_code_whose_frame_is_not_there);
	return DONE();
}
