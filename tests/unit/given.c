/* An environment that a program hands on, with our library in it and without. */
#include <stdlib.h>
#include <string.h>

#include "recorder/python/given.h"
#include "tests/check.h"

static const struct given ours = { "/opt/ours.so", "OURS=1,2" };

static void it_is_taken_out_of_the_list(void)
{
	static const char *const lists[][2] = {
		{ "/opt/ours.so", "" },
		{ "/opt/ours.so:/a.so", "/a.so" },
		{ "/a.so /opt/ours.so:/b.so", "/a.so:/b.so" },
		{ "/opt/ours.so.1:/a/opt/ours.so", "/opt/ours.so.1:/a/opt/ours.so" },
		{ "", "" },
	};
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
		char out[64];
		given_without(lists[i][0], ours.library, out);
		CHECK_STR(out, lists[i][1]);
	}
}

static void what_is_missing_is_added(void)
{
	static char first[] = "A=1", second[] = "LD_PRELOAD=/a.so", third[] = "OURS_TOO=3";
	char *const list[] = { first, second, third, NULL };
	size_t room = given_room(&ours, list);
	void *memory = malloc(room);
	char **whole = given_complete(&ours, list, memory);
	CHECK_STR(given_value(whole, "LD_PRELOAD"), "/opt/ours.so:/a.so");
	CHECK_STR(given_value(whole, "OURS"), "1,2");
	CHECK_STR(given_value(whole, "OURS_TOO"), "3");
	CHECK_INT(given_room(&ours, whole), 0);
	free(memory);
}

static void what_is_no_environment_stays(void)
{
	char *const none[] = { NULL };
	static char one[] = "A=";
	char **long_one = calloc(10001, sizeof *long_one);
	for (size_t i = 0; i < 10000; i++)
		long_one[i] = one;
	CHECK_INT(given_room(&ours, NULL), 0);
	CHECK_INT(given_room(&ours, none), 0);
	CHECK_INT(given_room(&ours, long_one), 0);
	free(long_one);
}

int main(void)
{
	RUN(it_is_taken_out_of_the_list);
	RUN(what_is_missing_is_added);
	RUN(what_is_no_environment_stays);
	return DONE();
}
