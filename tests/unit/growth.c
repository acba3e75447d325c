#include "share/growth/table.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "share/commands/report.h"
#include "share/growth/names.h"
#include "share/growth/phases.h"
#include "tests/check.h"

static char path[] = "/tmp/mprof-growth-XXXXXX";
static struct growth seen; /* of the profile loaded last */

static struct profile load(const char *text)
{
	struct profile profile;
	int fd = open(path, O_WRONLY | O_TRUNC);
	CHECK(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
	CHECK_INT(profile_load(&profile, path, NULL), 0);
	CHECK_INT(profile.flaws.malformed, 0);
	growth_close(&seen);
	CHECK_INT(growth_open(&seen, &profile.growth, NULL), 0);
	return profile;
}

#define NUMPY "/usr/lib/python3/dist-packages/numpy/core/_methods.py"
#define JSON  "/usr/lib/python3.11/json/__init__.py"

/* main of a.py calls work, which calls numpy, and json by itself; frame 6 is numpy's alone. */
#define TREE                                                                                 \
	"CMDLINE a.py\nMEM 1.0 1700000000.0\nPATH 1 /x/a.py\nPATH 2 " NUMPY "\nPATH 3 " JSON \
	"\nFRAME 1 0 1 30 <module>\nFRAME 2 1 1 10 work\nFRAME 3 2 2 49 _sum\n"              \
	"FRAME 4 1 1 12 work\nFRAME 5 4 3 99 loads\nFRAME 6 0 2 49 _sum\n"

#define GROW(mib, moment, held, pid, frame) \
	"GROW " #mib " 17000000" #moment " " #held " " #pid " " #pid " " #frame "\n"

static struct growth_table table_of(enum growth_by by, enum growth_to to)
{
	struct growth_table table;
	CHECK_INT(growth_table_make(&table, &seen, by, to), 0);
	return table;
}

static const char *name(const struct growth_table *t, size_t row, enum growth_by by)
{
	static char out[GROWTH_NAME];
	return row < t->n ? growth_name(out, &seen, &t->rows[row], by) : "no such row";
}

static void growth_is_charged_to_the_nearest_of_the_users(void)
{
	struct profile p = load(TREE GROW(8, 00.1, 8, 5, 0) GROW(100, 00.2, 108, 5, 3) GROW(
		30, 00.3, 138, 5, 5) GROW(-20, 00.4, 118, 5, 2) GROW(7, 00.5, 125, 5, 6));
	struct growth_table t = table_of(GROWTH_BY_LINE, GROWTH_TO_USER);
	CHECK_INT(t.n, 4);
	CHECK_INT(t.grew, 145000000);
	CHECK_INT(t.net, 125000000);
	CHECK_INT(t.steps, 5);
	CHECK_STR(name(&t, 0, GROWTH_BY_LINE), "a.py:10 work");
	CHECK_INT(t.rows[0].grew, 100000000);
	CHECK_INT(t.rows[0].net, 80000000);
	CHECK_INT(t.rows[0].steps, 2);
	CHECK_STR(name(&t, 1, GROWTH_BY_LINE), "a.py:12 work");
	CHECK_STR(name(&t, 2, GROWTH_BY_LINE), "(no known line)");
	CHECK_STR(name(&t, 3, GROWTH_BY_LINE), "(none of your code)");
	growth_table_free(&t);
	profile_free(&p);
}

static void growth_is_charged_to_the_innermost(void)
{
	struct profile p = load(TREE GROW(100, 00.2, 100, 5, 3) GROW(30, 00.3, 130, 5, 5)
					GROW(20, 00.4, 150, 5, 2) GROW(7, 00.5, 157, 5, 6));
	struct growth_table t = table_of(GROWTH_BY_LINE, GROWTH_TO_INNERMOST);
	CHECK_INT(t.n, 3);
	CHECK_STR(name(&t, 0, GROWTH_BY_LINE), "numpy/core/_methods.py:49 _sum");
	CHECK_INT(t.rows[0].grew, 107000000);
	CHECK_STR(name(&t, 1, GROWTH_BY_LINE), "json/__init__.py:99 loads");
	growth_table_free(&t);
	profile_free(&p);
}

static void rows_are_of_what_is_asked_for(void)
{
	static const struct {
		enum growth_by by;
		size_t n;
		const char *first, *second;
	} cases[] = {
		{ GROWTH_BY_FUNCTION, 3, "numpy/core/_methods.py _sum", "json/__init__.py loads" },
		{ GROWTH_BY_FILE, 3, "numpy/core/_methods.py", "json/__init__.py" },
		{ GROWTH_BY_MODULE, 3, "numpy.core._methods", "json" },
	};
	struct profile p = load(TREE GROW(100, 00.2, 100, 5, 3) GROW(30, 00.3, 130, 5, 5)
					GROW(5, 00.4, 135, 5, 2) GROW(6, 00.5, 141, 5, 4));
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct growth_table t = table_of(cases[i].by, GROWTH_TO_INNERMOST);
		CHECK_INT(t.n, cases[i].n);
		CHECK_STR(name(&t, 0, cases[i].by), cases[i].first);
		CHECK_STR(name(&t, 1, cases[i].by), cases[i].second);
		CHECK_INT(t.rows[2].grew, 11000000);
		growth_table_free(&t);
	}
	profile_free(&p);
}

/* Made by exec: 1 by `python -c`, 3 by the user's file, as 4; 6 by a package, 7 and 8
 * are methods that packages made, 9 is called by nobody of the user's; 10 was typed in. */
static void what_exec_made_is_whose_who_made_it(void)
{
	struct profile p =
		load("MEM 1.0 1700000000.0\nPATH 1 <string>\nPATH 2 /x/a.py\nPATH 3 " NUMPY
		     "\nPATH 4 <attrs generated init a.B>\nPATH 5 <stdin>\n"
		     "PATH 6 <lambdifygenerated-1>\n"
		     "FRAME 1 0 1 1 <module>\nFRAME 2 0 2 9 main\nFRAME 3 2 1 1 <module>\n"
		     "FRAME 4 3 1 7 f\nFRAME 5 2 3 40 load\nFRAME 6 5 1 1 <module>\n"
		     "FRAME 7 2 1 2 __init__\nFRAME 8 2 4 2 __init__\nFRAME 9 0 3 1 run\n"
		     "FRAME 10 5 5 3 typed\nFRAME 11 9 1 3 <module>\nFRAME 12 4 6 2 "
		     "_lambdifygenerated\nFRAME 13 1 1 3 f\n");
	static const size_t users[] = { 0, 1, 2, 2, 2, 2, 2, 2, 2, 0, 10, 0, 2, 13 };
	CHECK_INT(seen.n_frames, sizeof users / sizeof *users);
	for (size_t i = 0; i < seen.n_frames; i++)
		CHECK_INT(seen.users[i], users[i]);
	profile_free(&p);
}

static void threads_have_their_own_rows(void)
{
	struct profile p = load(TREE "GROW 5 1700000000.1 5 5 5 2\nGROW 9 1700000000.2 14 5 7 2\n"
				     "GROW 1 1700000000.3 15 5 0 0\n");
	struct growth_table t = table_of(GROWTH_BY_THREAD, GROWTH_TO_INNERMOST);
	CHECK_INT(t.n, 3);
	CHECK_STR(name(&t, 0, GROWTH_BY_THREAD), "thread 7 of process 5");
	CHECK_STR(name(&t, 1, GROWTH_BY_THREAD), "main thread of process 5");
	CHECK_STR(name(&t, 2, GROWTH_BY_THREAD), "(no known thread of process 5)");
	growth_table_free(&t);
	profile_free(&p);
}

/* A child had 50 MiB and is gone when the parent peaks by itself. */
static void what_died_is_not_alive_at_the_peak(void)
{
	struct profile p = load(TREE GROW(10, 00.1, 10, 5, 2) GROW(
		50, 00.2, 50, 6, 4) "GONE 6 1700000000.3 50 0\n" GROW(70, 00.4, 80, 5, 2)
					GROW(-60, 00.5, 20, 5, 2));
	struct growth_table t = table_of(GROWTH_BY_LINE, GROWTH_TO_USER);
	CHECK_INT(p.growth.peak.at.umib, 80000000);
	CHECK_INT(t.n, 2);
	CHECK_INT(t.rows[0].at_peak, 80000000);
	CHECK_INT(t.rows[1].grew, 50000000);
	CHECK_INT(t.rows[1].at_peak, 0);
	growth_table_free(&t);
	t = table_of(GROWTH_BY_THREAD, GROWTH_TO_INNERMOST);
	CHECK_INT(t.rows[1].pid, 6);
	CHECK_INT(t.rows[1].at_peak, 0);
	growth_table_free(&t);
	profile_free(&p);
}

static void steps_know_what_all_hold(void)
{
	struct profile p = load(TREE GROW(10, 00.1, 10, 5, 2) GROW(
		50, 00.2, 50, 6, 4) "GONE 6 1700000000.3 50 0\n" GROW(1, 00.4, 11, 5, 2));
	CHECK_INT(p.growth.n_steps, 3);
	CHECK_INT(p.growth.steps[1].together, 60000000);
	CHECK_INT(p.growth.steps[2].together, 11000000);
	profile_free(&p);
}

/* ---- names ---- */

static void names_are_as_long_as_they_must_be(void)
{
	struct profile p =
		load("MEM 1.0 1700000000.0\nPATH 1 /x/a/run.py\nPATH 2 /x/b/run.py\n"
		     "PATH 3 /x/b/other.py\nPATH 4 other.py\nPATH 5 /x/brother.py\n"
		     "PATH 6 <string>\nPATH 7 <frozen importlib._bootstrap>\n"
		     "PATH 8 /v/lib/python3.12/site-packages/a/vendor/site-packages/b/run.py\n"
		     "PATH 9 /usr/lib/python311.zip/json/decoder.py\n");
	char out[GROWTH_NAME];
	const struct growth *g = &seen;
	CHECK_STR(growth_path(g, 0), "a/run.py");
	CHECK_STR(growth_path(g, 1), "b/run.py");
	CHECK_STR(growth_path(g, 2), "b/other.py");
	CHECK_STR(growth_path(g, 3), "other.py");
	CHECK_STR(growth_path(g, 4), "brother.py");
	CHECK_STR(growth_path(g, 5), "<string>");
	CHECK_STR(growth_path(g, 7), "b/run.py");
	CHECK_STR(growth_path(g, 8), "json/decoder.py");
	CHECK_STR(growth_module(out, g, 0), "a.run");
	CHECK_STR(growth_module(out, g, 8), "json.decoder");
	CHECK_STR(growth_package(out, g, 6), "importlib");
	CHECK_STR(growth_package(out, g, 5), "<string>");
	CHECK_STR(growth_package(out, g, 8), "json");
	profile_free(&p);
}

static void names_that_part_too_far_out_are_whole(void)
{
#define DEEP "/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17/18/19/20/x.py"
	struct profile p = load("MEM 1.0 1700000000.0\nPATH 1 /a" DEEP "\nPATH 2 /b" DEEP
				"\nPATH 3 /a/y.py\n");
	CHECK_STR(growth_path(&seen, 0), "/a" DEEP);
	CHECK_STR(growth_path(&seen, 1), "/b" DEEP);
	CHECK_STR(growth_path(&seen, 2), "y.py");
	profile_free(&p);
}

/* ---- phases ---- */

static int phases_of(double seconds, struct growth_phase phases[2 * GROWTH_PHASES + 1])
{
	return growth_phases(&seen, 1700000000000000 + (int64_t)(seconds * 1e6), phases);
}

static void a_phase_for_each_function_and_direction(void)
{
	struct growth_phase f[2 * GROWTH_PHASES + 1];
	struct profile p = load(TREE "FRAME 7 1 1 20 train\n" GROW(40, 00.01, 40, 5, 2) GROW(
		40, 00.02, 80, 5, 4) GROW(1, 00.03, 81, 5, 7) GROW(19, 00.04, 100, 5, 3)
					GROW(100, 00.05, 200, 5, 7) GROW(-150, 00.06, 50, 5, 7));
	CHECK_INT(phases_of(0.06, f), 3);
	CHECK_INT(f[0].end, 4); /* the one MiB of train is too small */
	CHECK_INT(f[0].net, 100000000);
	CHECK_INT(f[1].net, 100000000);
	CHECK_INT(f[1].from, f[0].to);
	CHECK_INT(f[2].net, -150000000);
	CHECK_INT(f[2].grew, 0);
	CHECK_INT(f[2].held, 50000000);
	profile_free(&p);
}

static void what_ended_is_told_apart(void)
{
	struct growth_phase f[2 * GROWTH_PHASES + 1];
	struct profile p = load(TREE GROW(50, 00.01, 50, 6, 4) "GONE 6 1700000000.02 50 0\n" GROW(
		80, 00.03, 80, 5, 2));
	CHECK_INT(phases_of(0.04, f), 1);
	CHECK_INT(f[0].grew, 130000000);
	CHECK_INT(f[0].net, 80000000);
	CHECK_INT(f[0].ended, -50000000);
	CHECK_INT(f[0].most, 80000000);
	profile_free(&p);
}

static void a_long_pause_is_a_phase(void)
{
	struct growth_phase f[2 * GROWTH_PHASES + 1];
	struct profile p = load(TREE "FRAME 7 1 1 20 train\n" GROW(40, 00.0, 40, 5, 2)
					GROW(40, 05.0, 80, 5, 7));
	CHECK_INT(phases_of(10, f), 4);
	CHECK_INT(f[1].first, f[1].end);
	CHECK_INT(f[1].to - f[1].from, 5000000);
	CHECK_INT(f[1].held, 40000000);
	CHECK_INT(f[3].first, f[3].end);
	CHECK_INT(f[3].held, 80000000);
	profile_free(&p);
}

/* A loop that takes and releases is one phase, with the most that it held. */
/* Told at one moment, each with what is held after all of it. */
static void shares_of_one_change_are_alive_together(void)
{
	struct growth_phase f[2 * GROWTH_PHASES + 1];
	struct profile p = load(TREE GROW(10, 01.0, 10, 5, 1) GROW(30, 02.0, 100, 5, 2) GROW(
		20, 02.0, 100, 5, 4) GROW(40, 02.0, 100, 5, 1) GROW(-40, 03.0, 60, 5, 1));
	const struct profile_growth *g = &p.growth;
	CHECK_INT(g->frames[1].at_peak, 50000000);
	CHECK_INT(g->frames[2].at_peak, 30000000);
	CHECK_INT(g->frames[4].at_peak, 20000000);
	CHECK_INT(g->steps[1].together, 40000000);
	CHECK_INT(g->steps[2].together, 60000000);
	CHECK_INT(g->steps[3].together, 100000000);
	int n = phases_of(3, f);
	for (int i = 0; i < n; i++)
		CHECK(f[i].begun == 0 && f[i].ended == 0);
	profile_free(&p);
}

static void ups_and_downs_are_few_phases(void)
{
	enum { N = 30000 };
	struct growth_phase f[2 * GROWTH_PHASES + 1];
	char *text = malloc(N * 48 + 1024), *at = text;
	at += sprintf(at, TREE "GROW 50 1700000000.0 50 5 5 2\n");
	for (int i = 0; i < N; i++)
		at += sprintf(at, "GROW %s50 1700000001.%06d %d 5 5 %d\n", i % 2 ? "-" : "", i,
			      i % 2 ? 50 : 100, i % 3 + 2);
	struct profile p = load(text);
	int n = phases_of(1.1, f);
	CHECK(n >= 1 && n <= 2 * GROWTH_PHASES + 1);
	size_t steps = 0;
	int64_t net = 0, most = 0;
	for (int i = 0; i < n; i++) {
		CHECK_INT(f[i].first, steps);
		steps = f[i].end;
		net += f[i].net;
		most = f[i].most > most ? f[i].most : most;
	}
	CHECK_INT(steps, p.growth.n_steps);
	CHECK_INT(net, 50000000);
	CHECK_INT(most, 100000000);
	profile_free(&p);
	free(text);
}

/* ---- the sentence ---- */

static void check_sentence(const char *text, const char *expected)
{
	char sentence[REPORT_SENTENCE];
	struct profile p = load(text);
	struct report report;
	CHECK_INT(report_open(&report, &p, NULL), 0);
	report_sentence(sentence, &report);
	report_close(&report);
	CHECK_STR(sentence, expected);
	profile_free(&p);
}

static void the_peak_is_told_in_a_sentence(void)
{
#define META "META metric=rss pid=5 tree=0\n"
	check_sentence(TREE META GROW(100, 02.5, 100, 5, 3),
		       "peak 100.0 MiB at 2.50 s in work, a.py:10, inside numpy _sum");
	check_sentence(TREE META GROW(100, 02.5, 100, 5, 2),
		       "peak 100.0 MiB at 2.50 s in work, a.py:10");
	check_sentence(TREE META GROW(100, 02.5, 100, 5, 6),
		       "peak 100.0 MiB at 2.50 s in numpy _sum, numpy/core/_methods.py:49");
	check_sentence(TREE META GROW(100, 02.5, 100, 5, 0),
		       "peak 100.0 MiB at 2.50 s, at no known line");
	check_sentence(TREE META GROW(100, 02.5, 100, 5, 2) "GONE 5 1700000003.0 180 0\n",
		       "peak 100.0 MiB at 2.50 s in work, a.py:10; it once held 180.0 MiB, between "
		       "two looks");
	/* Growth adds up to more than it can have held. */
	check_sentence(TREE META GROW(100, 02.5, 100, 5, 2) "META peak_most=97.5\n",
		       "peak about 97.5 MiB at 2.50 s in work, a.py:10");
	/* Of two processes the marks say nothing of what they held together. */
	check_sentence(TREE META GROW(100, 02.5, 100, 5, 2)
			       GROW(1, 02.6, 1, 6, 2) "GONE 5 1700000003.0 180 0\n",
		       "peak 101.0 MiB at 2.60 s in work, a.py:10");
}

int main(void)
{
	int fd = mkstemp(path);
	close(fd);
	RUN(growth_is_charged_to_the_nearest_of_the_users);
	RUN(growth_is_charged_to_the_innermost);
	RUN(rows_are_of_what_is_asked_for);
	RUN(what_exec_made_is_whose_who_made_it);
	RUN(threads_have_their_own_rows);
	RUN(what_died_is_not_alive_at_the_peak);
	RUN(steps_know_what_all_hold);
	RUN(names_are_as_long_as_they_must_be);
	RUN(names_that_part_too_far_out_are_whole);
	RUN(a_phase_for_each_function_and_direction);
	RUN(what_ended_is_told_apart);
	RUN(a_long_pause_is_a_phase);
	RUN(shares_of_one_change_are_alive_together);
	RUN(ups_and_downs_are_few_phases);
	RUN(the_peak_is_told_in_a_sentence);
	unlink(path);
	return DONE();
}
