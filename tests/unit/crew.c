#include "recorder/where/crew.h"

#include <errno.h>

#include "tests/pretend.h"

enum { PROCESS = 5000000 };

static void put(int thread, char state, unsigned faults, unsigned threads)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/task/%d/stat", PROCESS, thread);
	pretend_put(path,
		    "%d (a (b) c) %c 1 2 3 0 -1 4194304 %u 0 1 0 5 6 7 8 20 0 %u 0 99 4096 10 "
		    "18446744073709551615",
		    thread, state, faults, threads);
}

static void drop(int thread)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/task/%d", PROCESS, thread);
	pretend_remove(path);
}

static const struct crew_member *find(const struct crew *crew, pid_t thread)
{
	static const struct crew_member none;
	for (size_t i = 0; i < crew->n; i++)
		if (crew->members[i].thread == thread)
			return &crew->members[i];
	return &none;
}

static void a_stat_is_parsed(void)
{
	struct crew_stat stat;
	CHECK_INT(crew_parse("1 (x) S 1 2 3 0 -1 4194304 70 0 3 0 5 6 7 8 20 0 12 0 99", &stat), 0);
	CHECK_INT(stat.faults, 73);
	CHECK_INT(stat.threads, 12);
	CHECK_INT(stat.state, 'S');
	CHECK_INT(crew_parse("1 (x) S 1 2 3", &stat), -EINVAL);
	CHECK_INT(crew_parse("", &stat), -EINVAL);
}

static void each_thread_has_its_own_faults(void)
{
	struct crew crew = { .pid = PROCESS };
	pretend_begin();
	put(PROCESS, 'S', 1000, 2);
	put(PROCESS + 1, 'R', 500, 2);
	CHECK_INT(crew_look(&crew, 1000000), 0); /* what came before is no change */
	put(PROCESS + 1, 'R', 700, 2);
	put(PROCESS, 'S', 1003, 2);
	CHECK_INT(crew_look(&crew, 1000000), 203);
	CHECK_INT(find(&crew, PROCESS)->fresh, 3);
	CHECK_INT(find(&crew, PROCESS + 1)->fresh, 200);
	CHECK_INT(find(&crew, PROCESS + 1)->state, 'R');
	CHECK_INT(crew_look(&crew, 1000000), 0);

	struct crew_member *main = &crew.members[0];
	crew_ask(main);
	CHECK_INT(main->fresh, 0);
	put(PROCESS, 'R', 1010, 2);
	crew_ask(main);
	CHECK_INT(main->fresh, 7);
	CHECK(crew_runs(main));
	crew_close(&crew);
	pretend_end();
}

static void threads_come_and_go(void)
{
	struct crew crew = { .pid = PROCESS };
	pretend_begin();
	put(PROCESS, 'S', 1000, 1);
	crew_look(&crew, 1000000);
	put(PROCESS, 'S', 1000, 2); /* one is born, and has had all of its faults since */
	put(PROCESS + 5, 'R', 400, 2);
	CHECK_INT(crew_look(&crew, 1000000), 401);
	CHECK_INT(find(&crew, PROCESS + 5)->fresh, 401);
	drop(PROCESS + 5); /* and another stands in its place */
	put(PROCESS + 6, 'R', 90, 2);
	CHECK_INT(crew_look(&crew, 1000000), 91);
	CHECK_INT(crew.n, 2);
	pretend_gone(PROCESS);
	CHECK_INT(crew_look(&crew, 1000000), 0);
	CHECK_INT(crew.n, 0);
	crew_close(&crew);
	pretend_end();
}

/* Those that run come first, and the others' turn comes. */
static void of_many_some_are_asked(void)
{
	enum { MANY = 400 };
	struct crew crew = { .pid = PROCESS };
	pretend_begin();
	for (int i = 0; i < MANY; i++)
		put(PROCESS + i, 'S', 10, MANY);
	for (int i = 0; i <= MANY / CREW_ASKED; i++)
		crew_look(&crew, 1000000);
	CHECK_INT(crew.n, MANY);
	for (int i = 0; i < MANY; i++)
		put(PROCESS + i, 'S', 11, MANY);
	uint64_t found = 0;
	for (int i = 0; i < 40; i++) {
		uint64_t now = crew_look(&crew, 1000000);
		CHECK(now <= CREW_ASKED);
		found += now;
	}
	CHECK_INT(found, MANY);
	put(PROCESS + 77, 'R', 500, MANY);
	for (int i = 0; i < 40 && find(&crew, PROCESS + 77)->fresh == 0; i++)
		crew_look(&crew, 1000000);
	for (unsigned i = 1; i <= 5; i++) { /* from now on at once */
		put(PROCESS + 77, 'R', 500 + i * 100, MANY);
		CHECK_INT(crew_look(&crew, 1000000), 100);
	}
	crew_close(&crew);
	pretend_end();
}

int main(void)
{
	RUN(a_stat_is_parsed);
	RUN(each_thread_has_its_own_faults);
	RUN(threads_come_and_go);
	RUN(of_many_some_are_asked);
	return DONE();
}
