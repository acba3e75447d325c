#include "share/default_name.h"

#include <stdio.h>

#include "tests/check.h"

#define STAMP "mprofile_20240101000000"

static void names_of_ranks(void)
{
	static const char *const good[] = {
		STAMP ".dat",
		STAMP "_26.0_r00007_n0.dat",
		STAMP "_26.0_r00007_n0.dat.gz",
		STAMP "_r00007_n0.dat",
		STAMP "_123.server.4_r1234567_cn-01_a3.dat",
		STAMP "_26.0_r00007_n0_2.dat",
		STAMP "_26.0_r00007_n0_a1_12.dat",
		STAMP "_26.batch_n0.dat",
		STAMP "_26.batch_n0_a2.dat",
	};
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		CHECK(default_name_is(good[i]));
		if (!default_name_is(good[i]))
			fprintf(stderr, "%s\n", good[i]);
	}
}

/* clean removes what has such a name. */
static void names_that_somebody_gave(void)
{
	static const char *const bad[] = {
		STAMP "_good.dat",
		STAMP "_26_n0.dat",
		STAMP "_r7_n0.dat",
		STAMP "_r0000x_n0.dat",
		STAMP "_r00007.dat",
		STAMP "_r00007_.dat",
		STAMP "__r00007_n0.dat",
		STAMP "_26.0_r00007_n0_good.dat",
		STAMP "_26.0_r00007_n0_2_a1.dat",
		STAMP "_26.0_r00007_n0_a.dat",
		STAMP "_26.0_r00007_n0_2_3.dat",
		STAMP "_26.0_r00007_n0_.dat",
		STAMP "_.batch_n0.dat",
		STAMP "_26.batch.dat",
		STAMP "_26.0_r00007_n0.png",
		STAMP "x_26.0_r00007_n0.dat",
		STAMP "_1/26.0_r00007_n0.dat",
		STAMP "_",
		"mprofile_2024.dat",
		"mprofile_.dat",
		"mprofile_2024010100000.dat",
		".dat",
		"",
	};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		CHECK(!default_name_is(bad[i]));
		if (default_name_is(bad[i]))
			fprintf(stderr, "%s\n", bad[i]);
	}
}

static void a_folder_says_the_same(void)
{
	CHECK(default_name_belongs(STAMP "_26.0_r00007_n0.dat", "26", "n0"));
	CHECK(default_name_belongs(STAMP "_26_r00007_n0_a1.dat", "26", "n0"));
	CHECK(!default_name_belongs(STAMP "_26.0_r00007_n0.dat", "2", "n0"));
	CHECK(!default_name_belongs(STAMP "_26.0_r00007_n0.dat", "26", "n"));
	CHECK(!default_name_belongs(STAMP "_26.0_r00007_n0.dat", "26", "n1"));
	CHECK(!default_name_belongs(STAMP "_r00007_n0.dat", "26", "n0"));
	CHECK(!default_name_belongs(STAMP ".dat", "26", "n0"));
}

static void words_part_nothing(void)
{
	char word[DEFAULT_NAME_WORD], longest[200];
	CHECK_STR(default_name_word(word, "26"), "26");
	CHECK_STR(default_name_word(word, "../a_b\n"), "+.-a-b-");
	CHECK_STR(default_name_word(word, "-x"), "+x");
	CHECK_STR(default_name_word(word, NULL), "");
	memset(longest, 'a', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	CHECK_INT(strlen(default_name_word(word, longest)), DEFAULT_NAME_WORD - 1);
}

int main(void)
{
	RUN(names_of_ranks);
	RUN(names_that_somebody_gave);
	RUN(a_folder_says_the_same);
	RUN(words_part_nothing);
	return DONE();
}
