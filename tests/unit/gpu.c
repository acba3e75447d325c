/* Whose figure of a GPU is recorded. */
#include "recorder/gpu/holders.h"
#include "recorder/gpu/judge.h"

#include <errno.h>

#include "tests/check.h"

#define MIB ((uint64_t)1 << 20)

static struct gpu_reading ours(uint64_t mine, uint64_t used)
{
	return (struct gpu_reading){
		.share = GPU_SHARE, .mine = mine * MIB, .has_used = true, .used = used * MIB
	};
}

static struct gpu_reading nobody(uint64_t used)
{
	return (struct gpu_reading){ .has_used = true, .used = used * MIB };
}

static enum gpu_scope judge(struct gpu_series *series, struct gpu_reading reading, bool opens)
{
	return gpu_judge(series, GPU_AUTO, &reading, opens);
}

static void nothing_is_told_before_something_is_held(void)
{
	struct gpu_series series = { 0 };
	CHECK_INT(judge(&series, nobody(500), false), GPU_UNTOLD);
	CHECK_INT(judge(&series, ours(0, 500), false), GPU_UNTOLD);
	CHECK_INT(judge(&series, ours(100, 600), false), GPU_OF_TREE);
	CHECK_INT(judge(&series, nobody(500), false), GPU_OF_TREE);
}

static void once_told_apart_the_use_of_others_does_not_matter(void)
{
	struct gpu_series series = { 0 };
	judge(&series, ours(100, 600), true);
	for (int i = 0; i < 10; i++)
		CHECK_INT(judge(&series, nobody(5000), true), GPU_OF_TREE);
}

static void a_use_that_nobody_explains_becomes_the_figure(void)
{
	struct gpu_series series = { 0 };
	judge(&series, nobody(500), true);
	struct gpu_reading more = nobody(700), noise = nobody(501);
	CHECK(gpu_is_unexplained(&series, &more));
	CHECK(!gpu_is_unexplained(&series, &noise));
	CHECK_INT(judge(&series, more, true), GPU_UNTOLD);
	CHECK_INT(judge(&series, more, true), GPU_UNTOLD);
	CHECK_INT(judge(&series, more, true), GPU_OF_DEVICE);
	CHECK_INT(series.baseline, 500 * MIB);
	CHECK_INT(judge(&series, nobody(400), false), GPU_OF_DEVICE);
}

static void not_where_the_tree_opens_no_device(void)
{
	struct gpu_series series = { 0 };
	for (int i = 0; i < 10; i++)
		CHECK_INT(judge(&series, nobody(i == 0 ? 500 : 900), false), GPU_UNTOLD);
}

static void readings_must_speak_for_it_in_a_row(void)
{
	struct gpu_series series = { 0 };
	judge(&series, nobody(500), true);
	for (int i = 0; i < 10; i++) {
		judge(&series, nobody(900), true);
		CHECK_INT(judge(&series, nobody(900), i % 2 == 0), GPU_UNTOLD);
		CHECK_INT(judge(&series, nobody(500), true), GPU_UNTOLD);
	}
}

static void a_driver_that_names_nobody_here_is_believed_later(void)
{
	struct gpu_series series = { 0 };
	struct gpu_reading blind = nobody(700);
	blind.blind = true;
	for (int i = 0; i < 9; i++)
		CHECK_INT(judge(&series, blind, true), GPU_UNTOLD);
	CHECK_INT(judge(&series, blind, true), GPU_OF_DEVICE);
	series = (struct gpu_series){ 0 };
	for (int i = 0; i < 20; i++)
		CHECK_INT(judge(&series, blind, false), GPU_UNTOLD);
}

static void a_late_match_takes_the_figure_back(void)
{
	struct gpu_series series = { 0 };
	judge(&series, nobody(500), true);
	for (int i = 0; i < 3; i++)
		judge(&series, nobody(900), true);
	CHECK_INT(series.scope, GPU_OF_DEVICE);
	CHECK_INT(judge(&series, ours(400, 900), true), GPU_OF_TREE);
}

static void a_hidden_figure_is_the_devices_at_once(void)
{
	struct gpu_series series = { 0 };
	struct gpu_reading hidden = { .share = GPU_HIDDEN, .has_used = true, .used = 900 * MIB };
	struct gpu_reading neither = { .share = GPU_HIDDEN };
	CHECK_INT(judge(&series, neither, true), GPU_UNTOLD);
	CHECK_INT(judge(&series, hidden, true), GPU_OF_DEVICE);
}

static void what_was_the_trees_may_be_anothers(void)
{
	struct gpu_series series = { 0 };
	struct gpu_reading doubted = {
		.share = GPU_HIDDEN, .doubted = true, .has_used = true, .used = 900 * MIB
	};
	CHECK_INT(judge(&series, ours(400, 900), true), GPU_OF_TREE);
	CHECK_INT(judge(&series, doubted, true), GPU_OF_DEVICE);
	CHECK_INT(judge(&series, doubted, true), GPU_OF_DEVICE);
	CHECK_INT(gpu_judge(&series, GPU_TREE, &doubted, true), GPU_UNTOLD);
}

static void a_wish_decides(void)
{
	struct gpu_series tree = { 0 }, device = { 0 };
	struct gpu_reading reading = nobody(500), more = nobody(900), mine = ours(400, 900);
	for (int i = 0; i < 5; i++) {
		CHECK_INT(gpu_judge(&tree, GPU_TREE, i ? &more : &reading, true), GPU_UNTOLD);
		CHECK_INT(gpu_judge(&device, GPU_DEVICE, &mine, true), GPU_OF_DEVICE);
	}
	CHECK_INT(gpu_judge(&tree, GPU_TREE, &mine, true), GPU_OF_TREE);
}

static void errors_end_a_series_when_they_last(void)
{
	struct gpu_series series = { 0 };
	struct gpu_reading passing = { .error = -EIO }, gone = { .error = -ENODEV };
	CHECK(!gpu_fails(&series, &passing));
	CHECK(!gpu_fails(&series, &passing));
	judge(&series, ours(1, 1), false);
	CHECK(!gpu_fails(&series, &passing));
	CHECK(!gpu_fails(&series, &passing));
	CHECK(gpu_fails(&series, &passing));
	series = (struct gpu_series){ 0 };
	CHECK(gpu_fails(&series, &gone));
	CHECK(series.ended);
}

static struct {
	size_t n;
	pid_t pid;
	uint64_t before, now;
} heard;

static void hear(void *context, unsigned device, pid_t pid, uint64_t before, uint64_t now)
{
	(void)context;
	CHECK_INT(device, 1);
	heard.n++;
	heard.pid = pid;
	heard.before = before;
	heard.now = now;
}

static void who_holds_more_is_told_once(void)
{
	struct holders holders = { 0 };
	struct gpu_reading reading = { 0 };
	heard.n = 0;
	gpu_add_part(&reading, 7, 3);
	gpu_add_part(&reading, 7, 4);
	CHECK_INT(reading.n_parts, 1);
	CHECK_INT(reading.mine, 7);
	CHECK_INT(reading.share, GPU_SHARE);
	holders_take(&holders, 1, &reading, hear, NULL);
	holders_take(&holders, 1, &reading, hear, NULL);
	CHECK_INT(heard.n, 1);
	CHECK_INT(heard.now, 7);
	const size_t before = heard.n;
	holders_take(&holders, 1, &(struct gpu_reading){ .cut = true }, hear, NULL);
	CHECK_INT(heard.n, before);
	holders_take(&holders, 1, &(struct gpu_reading){ 0 }, hear, NULL);
	CHECK_INT(heard.n, 2);
	CHECK_INT(heard.pid, 7);
	CHECK_INT(heard.before, 7);
	CHECK_INT(heard.now, 0);
	CHECK_INT(holders.n, 0);
	holders_free(&holders);
}

static void more_processes_than_there_is_room_for(void)
{
	struct gpu_reading reading = { 0 };
	for (pid_t pid = 1; pid <= GPU_PARTS + 5; pid++)
		gpu_add_part(&reading, pid, 2);
	CHECK_INT(reading.n_parts, GPU_PARTS);
	CHECK_INT(reading.mine, 2 * (GPU_PARTS + 5));
}

int main(void)
{
	RUN(nothing_is_told_before_something_is_held);
	RUN(once_told_apart_the_use_of_others_does_not_matter);
	RUN(a_use_that_nobody_explains_becomes_the_figure);
	RUN(not_where_the_tree_opens_no_device);
	RUN(readings_must_speak_for_it_in_a_row);
	RUN(a_driver_that_names_nobody_here_is_believed_later);
	RUN(a_late_match_takes_the_figure_back);
	RUN(a_hidden_figure_is_the_devices_at_once);
	RUN(what_was_the_trees_may_be_anothers);
	RUN(a_wish_decides);
	RUN(errors_end_a_series_when_they_last);
	RUN(who_holds_more_is_told_once);
	RUN(more_processes_than_there_is_room_for);
	return DONE();
}
