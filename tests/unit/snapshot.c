#include "share/snapshot/snapshot.h"

#include <errno.h>

#include "share/snapshot/live.h"
#include "share/snapshot/memo.h"
#include "tests/check.h"

/* An input that gives as much at a time as it was told to. */
struct source {
	const char *bytes;
	size_t n, step;
};

static ssize_t read_source(void *handle, void *buffer, size_t size)
{
	struct source *s = handle;
	size_t n = s->n < s->step ? s->n : s->step;
	n = n < size ? n : size;
	memcpy(buffer, s->bytes, n);
	s->bytes += n;
	s->n -= n;
	return (ssize_t)n;
}

static int read_bytes(struct snapshot *s, const char *bytes, size_t n, size_t step)
{
	struct source source = { bytes, n, step };
	struct profile_input input = { .read = read_source, .handle = &source };
	return snapshot_read(s, &input, NULL);
}

#define READ(s, text) read_bytes(s, text, sizeof(text) - 1, 1 << 20)

/* A list is put into what has no mark. */
static const char torn[] = "\x80\x02}X\x08\0\0\0segments](}(X\x06\0\0\0device"
			   "K\x01X\x0a\0\0\0total_sizeM\0\x02X\x06\0\0\0blocks]uaes.";

/* {"segments": [{"device": 1, "total_size": 512, "blocks": []}]} */
static void test_segment_in_pieces(void)
{
	struct snapshot *s = malloc(sizeof *s);
	static const char whole[] = "\x80\x02}X\x08\0\0\0segments]}(X\x06\0\0\0device"
				    "K\x01X\x0a\0\0\0total_sizeM\0\x02X\x06\0\0\0blocks]uas.";
	for (size_t step = 1; step < sizeof whole; step++) {
		CHECK_INT(read_bytes(s, whole, sizeof whole - 1, step), 0);
		CHECK_INT(s->devices[1].reserved, 512);
		CHECK_INT(s->devices[1].segments, 1);
		CHECK(!s->devices[0].seen);
		snapshot_free(s);
	}
	free(s);
}

static void test_refused(void)
{
	struct snapshot *s = malloc(sizeof *s);
	CHECK_INT(read_bytes(s, torn, sizeof torn - 1, 7), -EPROTO);
	snapshot_free(s);
	CHECK_INT(READ(s, "\x80\x02"
			  "cos\nsystem\n."),
		  -ENOTSUP);
	CHECK_STR(s->why, "GLOBAL at byte 2");
	snapshot_free(s);
	CHECK_INT(READ(s, "\x80\x06}."), -EPROTO);
	snapshot_free(s);
	CHECK_INT(READ(s, "\x80\x02}"), -ENODATA);
	CHECK_STR(s->why, "byte 3");
	snapshot_free(s);
	CHECK_INT(READ(s, "\x80\x02}."), -EINVAL);
	snapshot_free(s);
	CHECK_INT(READ(s, "\x80\x02}}."), -EPROTO); /* two are left */
	snapshot_free(s);
	CHECK_INT(READ(s, "\x80\x02h\0."), -EPROTO); /* never put there */
	snapshot_free(s);
	free(s);
}

static void test_memo_takes_no_room_for_nothing(void)
{
	struct memo memo = { 0 };
	for (uint32_t i = 0; i < 1000000; i++)
		CHECK_INT(memo_put(&memo, i, 0), 0);
	CHECK_INT(memo.used, 0);
	CHECK_INT(memo.n, 1000000);
	CHECK_INT(memo_put(&memo, 70000, 5), 0);
	CHECK_INT(memo_get(&memo, 70000), 5);
	CHECK_INT(memo_get(&memo, 70001), 0);
	CHECK_INT(memo_get(&memo, 60000), 0); /* nothing was ever put so near it */
	CHECK_INT(memo_put(&memo, 60000, 7), 0);
	CHECK_INT(memo_get(&memo, 60000), 7);
	CHECK_INT(memo_put(&memo, 60000, 0), 0);
	CHECK_INT(memo_get(&memo, 60000), 0);
	CHECK_INT(memo_put(&memo, 65000, 3), 0);
	CHECK_INT(memo_get(&memo, 4095), 0); /* and the pages without any are still of zeros */
	CHECK_INT(memo_get(&memo, UINT32_MAX), 0);
	CHECK_INT(memo_put(&memo, UINT32_MAX, 5), -E2BIG);
	memo_free(&memo);
}

static void test_live(void)
{
	struct live live = { 0 };
	int64_t size;
	uint32_t place;
	for (uint64_t i = 0; i < 50000; i++)
		CHECK_INT(live_add(&live, i * 512, (int64_t)i, (uint32_t)i % 1000), 0);
	for (uint64_t i = 0; i < 50000; i += 2)
		CHECK_INT(live_take(&live, i * 512, &size, &place), 1);
	for (uint64_t i = 1; i < 50000; i += 2) {
		CHECK_INT(live_take(&live, i * 512, &size, &place), 1);
		CHECK_INT(size, i);
		CHECK_INT(place, i % 1000);
	}
	CHECK_INT(live_take(&live, 512, &size, &place), 0);
	CHECK_INT(live.n, 0);
	live_free(&live);
}

static void test_peak(void)
{
	struct device d = { .requested = 300 };
	struct live live = { 0 };
	const struct device_block held = { DEVICE_ALLOCATED, 512, 100, 2 };
	const struct device_event events[] = {
		{ .action = DEVICE_ALLOC, .address = 1, .size = 70, .place = 1 },
		{ .action = DEVICE_FREE, .address = 9, .size = 20 }, /* was there before */
		{ .action = DEVICE_ALLOC, .address = 2, .size = 30, .place = 3 },
		{ .action = DEVICE_FREE, .address = 1, .size = 70 },
		{ .action = DEVICE_ALLOC, .address = 2, .size = 5, .place = 3 }, /* again */
	};
	CHECK_INT(device_add_block(&d, &held), 0);
	for (size_t i = 0; i < sizeof events / sizeof *events; i++)
		CHECK_INT(device_add_event(&d, &live, &events[i]), 0);
	CHECK_INT(d.most, 80);
	CHECK_INT(d.net, -15);
	CHECK_INT(device_start(&d), 415);
	CHECK_INT(device_at_peak(&d, 1), 70);
	CHECK_INT(device_at_peak(&d, 2), 100);
	CHECK_INT(device_at_peak(&d, 3), 30);
	CHECK_INT(device_before(&d, 2), 100);
	live_free(&live);
	device_free(&d);
}

int main(void)
{
	RUN(test_segment_in_pieces);
	RUN(test_refused);
	RUN(test_memo_takes_no_room_for_nothing);
	RUN(test_live);
	RUN(test_peak);
	return DONE();
}
