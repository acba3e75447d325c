/* A test program is functions, RUN one by one; each prints a TAP line, each failed CHECK a line
 * before it. */
#pragma once

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Is this run by valgrind, which takes the place of the program's own memory and pace? */
static inline int check_in_valgrind(void)
{
	const char *loaded = getenv("LD_PRELOAD");
	return loaded && strstr(loaded, "vgpreload");
}

static int check_failed, check_failures, check_count;

#define CHECK(condition)                                                                \
	do {                                                                            \
		if (!(condition)) {                                                     \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
			check_failed = 1;                                               \
		}                                                                       \
	} while (0)

#define CHECK_INT(got, expected)                                                                   \
	do {                                                                                       \
		long long check_got = (long long)(got), check_expected = (long long)(expected);    \
		if (check_got != check_expected) {                                                 \
			fprintf(stderr, "%s:%d: %s is %lld, not %lld\n", __FILE__, __LINE__, #got, \
				check_got, check_expected);                                        \
			check_failed = 1;                                                          \
		}                                                                                  \
	} while (0)

#define CHECK_STR(got, expected)                                                                 \
	do {                                                                                     \
		const char *check_got = (got), *check_expected = (expected);                     \
		if (!check_got || strcmp(check_got, check_expected) != 0) {                      \
			fprintf(stderr, "%s:%d: %s is \"%s\", not \"%s\"\n", __FILE__, __LINE__, \
				#got, check_got ? check_got : "(null)", check_expected);         \
			check_failed = 1;                                                        \
		}                                                                                \
	} while (0)

#define CHECK_NEAR(got, expected, tolerance)                                                   \
	do {                                                                                   \
		double check_got = (got), check_expected = (expected);                         \
		double check_off = check_got - check_expected;                                 \
		if (!(check_off <= (tolerance) && check_off >= -(tolerance))) {                \
			fprintf(stderr, "%s:%d: %s is %g, not %g\n", __FILE__, __LINE__, #got, \
				check_got, check_expected);                                    \
			check_failed = 1;                                                      \
		}                                                                              \
	} while (0)

static inline void check_told(const char *test)
{
	check_failures += check_failed;
	printf("%sok %d - %s\n", check_failed ? "not " : "", ++check_count, test);
	fflush(stdout);
}

#define RUN(test)                  \
	do {                       \
		check_failed = 0;  \
		test();            \
		check_told(#test); \
	} while (0)

/* The same for one that measures on a machine that may give it no processor for a while: it is made
 * again, a little later each time. What is false stays false. */
#define RUN_MEASURED(test)                                                                 \
	do {                                                                               \
		check_failed = 1;                                                          \
		for (unsigned check_try = 0; check_failed && check_try < 6; check_try++) { \
			if (check_try > 0)                                                 \
				printf("# again: %s\n", #test);                            \
			poll(NULL, 0, 100 * (int)check_try);                               \
			check_failed = 0;                                                  \
			test();                                                            \
		}                                                                          \
		check_told(#test);                                                         \
	} while (0)

/* The last line of main: return DONE(); */
#define DONE() (printf("1..%d\n", check_count), check_failures != 0)
