#include "share/profile/profile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/check.h"

static char path[] = "/tmp/mprof-profile-XXXXXX";

static struct profile load_wish(const char *text, const struct profile_wish *wish)
{
	struct profile profile;
	int fd = open(path, O_WRONLY | O_TRUNC);
	CHECK(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
	CHECK_INT(profile_load(&profile, path, wish), 0);
	return profile;
}

static struct profile load(const char *text)
{
	return load_wish(text, NULL);
}

#define HEAD                                                                                     \
	"CMDLINE ./x\nMEM 1.000000 1700000000.0000\nMEM 3.500000 1700000001.0000\nMEM 2.000000 " \
	"1700000002.0000\n"

static void samples_and_their_peak(void)
{
	struct profile p = load(HEAD);
	CHECK_STR(p.command, "./x");
	CHECK_INT(p.memory.samples, 3);
	CHECK_INT(p.memory.peak.umib, 3500000);
	CHECK_INT(p.memory.peak.us, 1700000001000000);
	CHECK_INT(p.start_us, 1700000000000000);
	CHECK_INT(p.flaws.malformed, 0);
	CHECK(!p.flaws.cut);
	profile_free(&p);
}

static void the_first_of_equal_peaks_is_the_peak(void)
{
	struct profile p = load(HEAD "MEM 3.500000 1700000003.0000\n");
	CHECK_INT(p.memory.peak.us, 1700000001000000);
	profile_free(&p);
}

static void malformed_lines_are_skipped_and_counted(void)
{
	static const char *const bad[] = {
		"MEM",
		"MEM ",
		"MEM 1.0",
		"MEM x 1700000003.0",
		"MEM -5 1700000003.0",
		"MEM -5.000000 1700000003.000000",
		"CHLD 1 -2.0 1700000003.0",
		"PEAK -2.0 1700000003.0",
		"GONE 1 1700000003.0 -1.0 0",
		"GONE 1 1700000003.0 ?1 0",
		"EXIT 0 1700000003.0 -1.0 2 0",
		"MEM 1.0 y",
		"MEM nan 1700000003.0",
		"MEM inf 1700000003.0",
		"MEM 1.0 -1.0",
		"MEM 1.0 99999999999.0",
		"MEM 99999999999999.0 1700000003.0",
		"MEM 0x10 1700000003.0",
		"MEM 1.0.0 1700000003.0",
		"CHLD 1 2.0",
		"CHLD -1 2.0 1700000003.0",
		"PROC 1 2",
		"GONE 1 1700000003.0 1.0",
		"PATH 1",
		"FRAME 1 0 1 -3 f",
		"FRAME 1 0 1 3",
		"GROW 1.0 1700000003.0 2.0 5 5",
		"GROW x 1700000003.0 2.0 5 5 1",
		"EXIT 0 1700000003.0 1.0 2",
		"EXIT 999 1700000003.0 1.0 2 0",
		"FUNC f 1.0 1700000003.0 2.0",
		"FUNC f 1.0 1700000003.0 2.0 1700000002.0 0",
		"FUNC  1.0 1700000003.0 2.0 1700000004.0",
		"",
		" ",
		"\x01\x02",
	};
	char text[1024];
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		snprintf(text, sizeof text, HEAD "%s\nMEM 2.5 1700000009.5\n", bad[i]);
		struct profile p = load(text);
		if (p.flaws.malformed != 1 || p.memory.samples != 4)
			printf("# \"%s\"\n", bad[i]);
		CHECK_INT(p.flaws.malformed, 1);
		CHECK_INT(p.flaws.first_malformed, 5);
		CHECK_INT(p.memory.samples, 4);
		profile_free(&p);
	}
}

static void unknown_tags_are_passed_over(void)
{
	struct profile p = load(HEAD "VAL swap 1.0 1700000003.0\nNEWTAG\nMEMORY 1 2\n");
	CHECK_INT(p.flaws.malformed, 0);
	CHECK_INT(p.memory.samples, 3);
	profile_free(&p);
}

static void a_tag_with_a_nul_is_another(void)
{
	static const char lines[] = HEAD "MEM\0 9.0 1700000003.0\nCHLD\0 7 9.0 1700000003.0\n";
	struct profile p;
	int fd = open(path, O_WRONLY | O_TRUNC);
	CHECK(write(fd, lines, sizeof lines - 1) == (ssize_t)sizeof lines - 1);
	close(fd);
	CHECK_INT(profile_load(&p, path, NULL), 0);
	CHECK_INT(p.memory.samples, 3);
	CHECK_INT(p.n_children, 0);
	profile_free(&p);
}

static void extra_fields_and_other_line_ends_are_accepted(void)
{
	struct profile p = load("CMDLINE x\r\nMEM 1.5 1700000000.5 extra\r\nMEM 7 1700000001\r\n");
	CHECK_STR(p.command, "x");
	CHECK_INT(p.memory.samples, 2);
	CHECK_INT(p.memory.peak.umib, 7000000);
	profile_free(&p);
}

static void an_unended_line_is_dropped(void)
{
	struct profile p = load(HEAD "MEM 99.000000 1700000003.0000");
	CHECK(p.flaws.cut);
	CHECK_INT(p.memory.samples, 3);
	CHECK_INT(p.memory.peak.umib, 3500000);
	profile_free(&p);
}

static void endless_lines_are_bounded(void)
{
	size_t n = 1 << 20;
	char *text = malloc(n + 256);
	strcpy(text, HEAD "MEM ");
	memset(text + strlen(text) + 1, 0, 1);
	size_t at = strlen(text);
	memset(text + at, '1', n - at);
	strcpy(text + n, "\nMEM 9.0 1700000005.0\n");
	struct profile p = load(text);
	CHECK_INT(p.memory.samples, 4);
	CHECK_INT(p.flaws.malformed, 1);
	profile_free(&p);
	strcpy(text, "CMDLINE ");
	memset(text + 8, 'x', n - 8);
	strcpy(text + n, "\nMEM 9.0 1700000005.0\n");
	p = load(text);
	CHECK_INT(p.memory.samples, 1);
	CHECK(p.command && strlen(p.command) > 1000 && strlen(p.command) <= n);
	profile_free(&p);
	free(text);
}

static void the_last_run_is_read(void)
{
	struct profile p =
		load(HEAD "FUNC old 1.0 1700000000.1 2.0 1700000001.9 0\n"
			  "FUNC new 1.0 1700000050.5 2.0 1700000051.0 0\n"
			  "CMDLINE second\nMEM 9.0 1700000050.0\nMEM 8.0 1700000052.0\n");
	CHECK_INT(p.runs, 2);
	CHECK_STR(p.command, "second");
	CHECK_INT(p.memory.samples, 2);
	CHECK_INT(p.n_calls, 1);
	CHECK_STR(p.functions[p.calls[0].function].name, "new");
	CHECK_INT(p.functions[0].calls, 0);
	profile_free(&p);
}

static void calls_with_and_without_a_level(void)
{
	struct profile p = load(
		HEAD "FUNC a.b 1.0 1700000000.5 2.0 1700000001.0\nFUNC two words 1.0 1700000000.2 "
		     "4.0 1700000001.5 3\n");
	CHECK_INT(p.n_calls, 2);
	CHECK_STR(p.functions[p.calls[0].function].name, "two words"); /* sorted by start */
	CHECK_INT(p.calls[0].level, 3);
	CHECK_INT(p.functions[1].growth, 3000000);
	CHECK_INT(p.functions[1].us, 1300000);
	CHECK_STR(p.functions[p.calls[1].function].name, "a.b");
	CHECK_INT(p.calls[1].level, 0);
	profile_free(&p);
}

static void calls_that_never_ended(void)
{
	struct profile p = load(
		HEAD "ENTER a.f 1.0 1700000000.5 0 77\nENTER a.g 1.5 1700000000.6 1 77\n"
		     "ENTER a.g 1.5 1700000000.7 1 78\nFUNC a.g 1.5 1700000000.7 2.0 1700000001.0 "
		     "1\nENTER two words 1.0 1700000001.0 0 77\nENTER a.h 1.0 1700000001.0 0\n");
	CHECK_INT(p.flaws.malformed, 2);
	CHECK_INT(p.n_calls, 1);
	CHECK_INT(p.n_entered, 2);
	CHECK_STR(p.functions[p.entered[0].function].name, "a.f");
	CHECK_INT(p.entered[0].at.umib, 1000000);
	CHECK_STR(p.functions[p.entered[1].function].name, "a.g");
	CHECK_INT(p.entered[1].thread, 77);
	CHECK_INT(p.entered[1].level, 1);
	profile_free(&p);
}

static void lines_by_function_and_process(void)
{
	struct profile p = load(
		HEAD
		"LINE 'a b.py:12' m.f 2.5 -0.5 3.5 7 42\nLINE 'a b.py:11' m.f 2.0 1.0 2.0 1 42\n"
		"LINE 'a b.py:12' m.f 2.0 0.25 4.5 3 42\nLINE 'a b.py:12' m.f 1.0 0.0 1.0 1 43\n"
		"LINE c:d.py:1 m.g 1.0 0.0 1.0 1\n");
	CHECK_INT(p.flaws.malformed, 0);
	CHECK_INT(p.n_listings, 3);
	CHECK_STR(p.listings[0].file, "a b.py");
	CHECK_STR(p.listings[0].function, "m.f");
	CHECK_INT(p.listings[0].pid, 42);
	CHECK_INT(p.listings[0].n_lines, 2);
	CHECK_INT(p.listings[0].lines[0].line, 11);
	const struct profile_line *line = &p.listings[0].lines[1];
	CHECK_INT(line->line, 12);
	CHECK_INT(line->umib, 2500000);
	CHECK_INT(line->increment, -250000);
	CHECK_INT(line->peak, 4500000);
	CHECK_INT(line->occurrences, 10);
	CHECK_INT(p.listings[1].pid, 43);
	CHECK_STR(p.listings[2].file, "c:d.py");
	CHECK_INT(p.listings[2].pid, 0);
	profile_free(&p);
	p = load(HEAD "LINE a.py:12 m.f 1.0 0.0 1.0 1 42\n" HEAD);
	CHECK_INT(p.n_listings, 0); /* of an earlier run */
	profile_free(&p);
}

static void malformed_lines_of_functions(void)
{
	static const char *const bad[] = {
		"LINE a.py m.f 1.0 0.0 1.0 1 4",
		"LINE a.py:x m.f 1.0 0.0 1.0 1 4",
		"LINE :7 m.f 1.0 0.0 1.0 1 4",
		"LINE 'a.py:7 m.f 1.0 0.0 1.0 1 4",
		"LINE a.py:7 m.f 1.0 0.0 1.0",
		"LINE a.py:7 1.0 0.0 1.0 1",
		"LINE a.py:7 m.f 1.0 0.0 1.0 -1 4",
		"LINE a.py:-7 m.f 1.0 0.0 1.0 1 4",
		"LINE a.py:7",
		"LINE a.py:7 m.f nan 0.0 1.0 1 4",
		"LINE a.py:7 m.f 1.0 0.0 1.0 1 x",
		"ENTER f 1.0 1700000000.5 0 -7",
	};
	char text[1024];
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		snprintf(text, sizeof text, HEAD "%s\n", bad[i]);
		struct profile p = load(text);
		if (p.flaws.malformed != 1)
			printf("# \"%s\"\n", bad[i]);
		CHECK_INT(p.flaws.malformed, 1);
		CHECK_INT(p.n_listings + p.n_entered, 0);
		profile_free(&p);
	}
}

/* Twenty of the largest figures there may be are more than 64 bits hold. */
static void sums_stay_within_bounds(void)
{
	static const char most[] = "1000000000000.0";
	char text[8192];
	size_t used = (size_t)snprintf(text, sizeof text, HEAD);
	for (int i = 0; i < 20; i++)
		used += (size_t)snprintf(text + used, sizeof text - used,
					 "CHLD %d %s 1700000000.5\n"
					 "FUNC f -%s 1700000000.0 %s 1700000001.0 0\n"
					 "LINE a.py:7 m.f %s %s %s 1 4\n"
					 "GROW %s 1700000000.5 %s %d 7 0\n",
					 i + 2, most, most, most, most, most, most, most, most,
					 i + 2);
	struct profile p = load(text);
	CHECK_INT(p.flaws.malformed, 0);
	CHECK_INT(p.together.umib, INT64_MAX);
	CHECK_INT(p.functions[0].growth, INT64_MAX);
	CHECK_INT(p.listings[0].lines[0].increment, INT64_MAX);
	CHECK_INT(p.growth.frames[0].net, INT64_MAX);
	CHECK_INT(p.growth.peak.at.umib, INT64_MAX);
	profile_free(&p);
}

static void crowds_of_calls_keep_their_sums(void)
{
	size_t n = 100000;
	char *text = malloc(n * 80 + 512), *at = text + sprintf(text, "%s", HEAD);
	for (size_t i = 0; i < n; i++)
		at += sprintf(at, "FUNC f 1.0 1700000000.%06zu 1.5 1700000001.%06zu 0\n",
			      i % 1000000, i % 1000000);
	struct profile p = load(text);
	CHECK_INT(p.functions[0].calls, n);
	CHECK(p.n_calls <= 65536);
	CHECK_INT(p.n_calls + p.dropped_calls, n);
	profile_free(&p);
	free(text);
}

static void children_by_pid_and_birth(void)
{
	struct profile p = load(HEAD "PROC 7 1 1700000000.0 sh worker\nCHLD 7 5.0 "
				     "1700000001.0\nCHLD 8 2.0 1700000001.0\n"
				     "GONE 7 1700000001.5 6.0 -9\nPROC 7 1 1700000001.6 "
				     "again\nCHLD 7 1.0 1700000002.0\n");
	CHECK_INT(p.n_children, 3);
	CHECK_STR(p.children[0].name, "sh worker");
	CHECK_INT(p.children[0].series.peak.umib, 5000000);
	CHECK_INT(p.children[0].high_water, 6000000);
	CHECK_INT(p.children[0].status, -9);
	CHECK(p.children[1].name == NULL);
	CHECK_STR(p.children[2].name, "again");
	CHECK_INT(p.children[2].status, PROFILE_STATUS_UNKNOWN);
	CHECK_INT(p.together.umib, 9000000); /* until one has gone */
	profile_free(&p);
}

static void crowds_of_children_are_bounded(void)
{
	size_t n = 6000;
	char *text = malloc(n * 64 + 512), *at = text + sprintf(text, "%s", HEAD);
	for (size_t i = 0; i < n; i++)
		at += sprintf(at, "CHLD %zu 1.0 1700000001.0\n", i + 1);
	struct profile p = load(text);
	CHECK_INT(p.n_children, 4096);
	CHECK(p.untracked_children > 0);
	profile_free(&p);
	free(text);
}

static void a_figure_that_nobody_knows(void)
{
	struct profile p = load("META pid=42\n" HEAD "PROC 7 42 1700000001.0 sh\n"
				"GONE 7 1700000002.0 ? 3\nGONE 42 1700000003.0 ? ?\n");
	CHECK_INT(p.flaws.malformed, 0);
	CHECK_INT(p.children[0].high_water, 0);
	CHECK_INT(p.children[0].status, 3);
	CHECK_INT(p.high_water, 0);
	profile_free(&p);
}

static void settings_and_the_end(void)
{
	struct profile p = load("CMDLINE x\nMETA format=1 pid=42 host='a b' odd\n" HEAD
				"GONE 42 1700000003.0 12.5 0\n"
				"EXIT -11 1700000003.0 20.25 3 7\n");
	CHECK_INT(p.runs, 2);
	profile_free(&p);
	p = load("META format=1 pid=42 host='a b' odd\nMEM 1.0 1700000000.0\nGONE 42 1700000003.0 "
		 "12.5 0\n"
		 "EXIT -11 1700000003.0 20.25 3 7\n");
	CHECK_STR(profile_setting(&p, "host"), "a b");
	CHECK(profile_setting(&p, "odd") == NULL);
	CHECK_INT(p.high_water, 12500000);
	CHECK(p.ended);
	CHECK_INT(p.status, -11);
	CHECK_INT(p.ru_maxrss, 20250000);
	CHECK_INT(p.missed, 7);
	profile_free(&p);
	p = load(HEAD "EXIT ? 1700000003.0 0.0 3 0\n");
	CHECK_INT(p.status, PROFILE_STATUS_UNKNOWN);
	profile_free(&p);
}

static void a_window_has_its_own_peak(void)
{
	const struct profile_wish wish = { .from = 1.5, .to = 3 };
	struct profile p = load_wish(
		HEAD "MEM 3.000000 1700000003.0000\nMEM 9.000000 1700000004.0000\n", &wish);
	CHECK_INT(p.memory.samples, 2);
	CHECK_INT(p.memory.peak.umib, 3000000);
	CHECK_INT(p.memory.columns.n, 4); /* and the neighbours, for the curve */
	CHECK_INT(p.start_us, 1700000000000000);
	profile_free(&p);
}

static void growth_is_a_tree_of_frames(void)
{
	struct profile p = load(HEAD "PATH 1 /a b/train.py\nFRAME 1 0 1 9 <module>\n"
				     "FRAME 2 1 1 5 load rows\nFRAME 3 1 1 7 drop\n"
				     "GROW 9.0 1700000000.1 9.0 5 5 0\n"
				     "GROW 100.0 1700000000.2 109.0 5 5 2\n"
				     "GROW -40.0 1700000000.3 69.0 5 5 3\n"
				     "GROW 10.0 1700000000.4 79.0 5 8 2\n");
	CHECK_INT(p.flaws.malformed, 0);
	CHECK_INT(p.growth.n_frames, 4);
	CHECK_INT(p.growth.n_steps, 4);
	const struct profile_frame *load_rows = &p.growth.frames[2];
	CHECK_STR(load_rows->function, "load rows");
	CHECK_STR(p.growth.paths[load_rows->path], "/a b/train.py");
	CHECK_INT(load_rows->line, 5);
	CHECK_INT(load_rows->caller, 1);
	CHECK_INT(load_rows->net, 110000000);
	CHECK_INT(load_rows->at_peak, 100000000);
	CHECK_INT(load_rows->steps, 2);
	CHECK_INT(p.growth.frames[3].net, -40000000);
	CHECK_INT(p.growth.frames[3].grew, 0);
	CHECK_INT(p.growth.frames[3].at_peak, 0);
	CHECK_INT(p.growth.frames[0].at_peak, 9000000);
	CHECK_INT(p.growth.peak.at.umib, 109000000);
	CHECK_INT(p.growth.peak.frame, 2);
	CHECK_INT(p.growth.n_threads, 2);
	CHECK_INT(p.growth.threads[1].net, 10000000);
	profile_free(&p);
}

static void frames_told_again_are_the_same(void)
{
	struct profile p =
		load(HEAD "PATH 1 a.py\nPATH 2 b.py\nFRAME 1 0 1 9 f\nFRAME 2 1 2 5 g\n"
			  "GROW 1 1700000000.1 1 5 5 2\nPATH 1 b.py\nPATH 2 a.py\n"
			  "FRAME 1 0 2 9 f\nFRAME 2 1 1 5 g\nGROW 2 1700000000.2 3 5 5 2\n");
	CHECK_INT(p.growth.n_frames, 3);
	CHECK_INT(p.growth.n_paths, 2);
	CHECK_INT(p.growth.frames[2].net, 3000000);
	profile_free(&p);
}

static void numbers_that_mean_nothing_are_passed_over(void)
{
	struct profile p = load(HEAD "FRAME 1 0 1 9 f\nPATH 7 a.py\nPATH 1 a.py\n"
				     "FRAME 1 1 1 9 f\nFRAME 3 0 1 9 f\n"
				     "GROW 1 1700000000.1 1 5 5 1\n"
				     "GROW 1 1700000000.1 1 5 5 9223372036854775807\n");
	CHECK_INT(p.growth.n_steps, 0);
	CHECK_INT(p.growth.n_frames <= 2, 1);
	profile_free(&p);
}

static void the_peak_is_of_all_processes_that_live(void)
{
	struct profile p =
		load(HEAD "PATH 1 a.py\nFRAME 1 0 1 1 f\nFRAME 2 0 1 2 g\n"
			  "GROW 50 1700000000.1 50 5 5 1\nGROW 40 1700000000.2 40 6 6 2\n"
			  "GONE 6 1700000000.3 40 0\nGROW 30 1700000000.4 80 5 5 1\n");
	CHECK_INT(p.growth.peak.at.umib, 90000000);
	CHECK_INT(p.growth.peak.frame, 2);
	CHECK_INT(p.growth.peak.pid, 6);
	profile_free(&p);
}

static void crowds_of_steps_keep_their_sums(void)
{
	enum { N = 100000 };
	char *text = malloc(N * 48 + 256), *at = text;
	at += sprintf(at, HEAD "PATH 1 a.py\nFRAME 1 0 1 1 f\nFRAME 2 0 1 2 g\n");
	for (int i = 0; i < N; i++)
		at += sprintf(at, "GROW 0.5 1700000001.%06d %d.5 5 5 %d\n", i, i / 2, i % 2 + 1);
	struct profile p = load(text);
	CHECK(p.growth.n_steps <= 65536);
	CHECK_INT(p.growth.frames[1].net, N / 2 * 500000LL);
	CHECK_INT(p.growth.frames[2].steps, N / 2);
	int64_t sum = 0;
	for (size_t i = 0; i < p.growth.n_steps; i++)
		sum += p.growth.steps[i].delta;
	CHECK_INT(sum, N * 500000LL);
	profile_free(&p);
	free(text);
}

static void a_file_may_end_anywhere(void)
{
	const char *text =
		HEAD "FUNC f 1.0 1700000000.5 2.0 1700000001.0 0\nPROC 7 1 1700000000.0 sh\n"
		     "EXIT 0 1700000003.0 20.25 3 7\n";
	char cut[512];
	for (size_t n = 0; n <= strlen(text); n++) {
		snprintf(cut, n + 1, "%s", text);
		struct profile p = load(cut);
		CHECK_INT(p.flaws.malformed, 0);
		CHECK(p.memory.samples <= 3);
		profile_free(&p);
	}
}

static void what_is_no_file_is_told(void)
{
	struct profile profile;
	CHECK_INT(profile_load(&profile, "/no/such/file", NULL), -ENOENT);
	CHECK_INT(profile_load(&profile, "/", NULL), -EISDIR);
}

#define PUT(...) profile_put(&w, &(struct profile_record){ __VA_ARGS__ })

static void what_is_written_is_read(void)
{
	struct profile_writer w;
	char *argv[] = { (char[]){ "./a b" }, (char[]){ "c\nd" }, NULL };
	const struct profile_pair pairs[] = { { "pid", "5" }, { "host", "x y" } };
	CHECK_INT(profile_create(&w, path, 0), -EEXIST);
	CHECK_INT(profile_create(&w, path, PROFILE_REPLACE), 0);
	CHECK_INT(profile_clear(&w), 0);
	profile_put_cmdline(&w, argv);
	profile_put_meta(&w, pairs, 2);
	profile_put_memory(&w, 1700000000123456, 5 << 20);
	profile_put_memory(&w, 1700000001123456, (5 << 20) + 1);
	PUT(.kind = PROFILE_PROC, .pid = 7, .ppid = 5, .at.us = 1700000001123456, .text = "od\nd");
	profile_put_child(&w, 7, 1700000001123456, 1 << 19);
	const struct sample at = { 1700000001123456, 1500000 };
	PUT(.kind = PROFILE_ENTER, .function = "m.a b", .at = at, .level = 2, .thread = 11);
	PUT(.kind = PROFILE_ENTER, .function = "m.f", .at = at, .thread = 11);
	PUT(.kind = PROFILE_FUNC, .function = "m.f", .at = at, .end = at);
	PUT(.kind = PROFILE_LINE, .place = { "/a 'b\n.py", 7 }, .function = "m.<locals>.f g",
	    .at.umib = 5000000, .increment = -1000000, .peak = 6000000, .occurrences = 9,
	    .foreign = 250000, .pid = 5);
	PUT(.kind = PROFILE_PATH, .number = 1, .text = "/é/a b.py");
	PUT(.kind = PROFILE_FRAME, .number = 1, .path = 1, .place.line = 15, .function = "K.f");
	PUT(.kind = PROFILE_GROW, .increment = sample_umib_change(-(1 << 19)),
	    .at = { 1700000001123456, 5000000 }, .pid = 5, .thread = 6, .frame = 1);
	PUT(.kind = PROFILE_GROW, .increment = 1000000, .at = { 1700000001123456, 6000000 },
	    .pid = 5, .frame = 1, .how = PROFILE_LATE);
	PUT(.kind = PROFILE_GROW, .increment = 3000000, .at = { 1700000001123456, 3000000 },
	    .pid = 9, .how = PROFILE_INHERITED);
	PUT(.kind = PROFILE_OOM, .pid = 5, .device = "0", .at = { 1700000001123456, 256000000 },
	    .frame = 1, .text = "torch 2.11");
	PUT(.kind = PROFILE_OWED, .pid = 5, .device = "0", .function = "weights",
	    .at.umib = 7000000, .text = "");
	PUT(.kind = PROFILE_OWED, .pid = 5, .device = "0", .function = "neighbour",
	    .at.umib = PROFILE_UNTOLD, .text = "9 a b");
	PUT(.kind = PROFILE_HEAP, .pid = 5, .frame = 1, .live = -1000000, .given_back = 1000000,
	    .blocks = -4, .spread = 250000, .at.us = 1700000001123456);
	PUT(.kind = PROFILE_GONE, .pid = 5, .at.us = 1700000001123456, .peak = 6000000,
	    .status = 3);
	PUT(.kind = PROFILE_MARK, .at = { 1700000001123456, 5000000 }, .text = "epoch\n3");
	PUT(.kind = PROFILE_PEAK, .since = 1700000000123456, .at = { 1700000001123456, 7000000 });
	profile_put_value(&w, "swap", 1700000001123456, 1 << 19);
	profile_put_gpu(&w, "0", 1700000001123456, 8 << 20, true);
	PUT(.kind = PROFILE_RANK, .member = 2, .rank = -1, .at = { 1700000001123456, 9000000 },
	    .from = 1700000000123456, .to = 1700000001123457, .status = -9, .text = "node='a b'");
	PUT(.kind = PROFILE_RMEM, .member = 2, .at = { 1700000001123456, 8000000 }, .last = 1);
	PUT(.kind = PROFILE_RMEM, .member = 2, .at = { 1700000001123456, 8000000 });
	PUT(.kind = PROFILE_RMARK, .member = 2, .at = { 1700000001123456, 1 }, .text = "epoch 1");
	PUT(.kind = PROFILE_RGROW, .member = 2, .increment = 5, .place = { "/a 'b.py", 7 },
	    .function = "f g");
	PUT(.kind = PROFILE_EXIT, .status = 3, .at.us = 1700000001123456, .peak = 7000000,
	    .samples = 2, .missed = 1);
	CHECK_INT(profile_finish(&w), 0);
	struct profile p;
	CHECK_INT(profile_load(&p, path, NULL), 0);
	CHECK_INT(p.flaws.malformed, 0);
	CHECK_STR(p.command, "'./a b' $'c\\nd'");
	CHECK_STR(profile_setting(&p, "host"), "x y");
	CHECK_INT(p.memory.first.us, 1700000000123456);
	CHECK_INT(p.memory.peak.umib, 5000001);
	CHECK_STR(p.children[0].name, "od\\nd"); /* written out: a record is one line */
	CHECK_INT(p.children[0].series.peak.umib, 500000);
	CHECK_INT(p.n_entered, 1);
	CHECK_STR(p.functions[p.entered[0].function].name, "m.a_b");
	CHECK_INT(p.entered[0].thread, 11);
	CHECK_INT(p.n_calls, 1);
	CHECK_STR(p.functions[p.calls[0].function].name, "m.f");
	CHECK_STR(p.listings[0].file, "/a 'b\n.py");
	CHECK_STR(p.listings[0].function, "m.<locals>.f_g");
	CHECK_INT(p.listings[0].pid, 5);
	CHECK_INT(p.listings[0].lines[0].line, 7);
	CHECK_INT(p.listings[0].lines[0].increment, -1000000);
	CHECK_INT(p.n_ranks, 1);
	CHECK_INT(p.ranks[0].member, 2);
	CHECK_INT(p.ranks[0].rank, -1);
	CHECK_INT(p.ranks[0].peak.umib, 9000000);
	CHECK_INT(p.ranks[0].to, 1700000001123457);
	CHECK_INT(p.ranks[0].status, -9);
	CHECK_STR(p.ranks[0].told, "node='a b'");
	CHECK_STR(p.growth.paths[0], "/é/a b.py");
	CHECK_STR(p.growth.frames[1].function, "K.f");
	CHECK_INT(p.growth.steps[0].delta, -500000);
	CHECK_INT(p.growth.steps[0].at.umib, 5000000);
	CHECK_INT(p.growth.steps[0].thread, 6);
	CHECK_INT(p.growth.steps[0].how, PROFILE_UNSAID);
	CHECK_INT(p.growth.steps[1].how, PROFILE_LATE);
	CHECK_INT(p.growth.n_steps, 2);
	CHECK_INT(p.growth.inherited, 3000000);
	CHECK_INT(p.n_ooms, 1);
	CHECK_INT(p.ooms[0].frame, 1);
	CHECK_INT(p.ooms[0].at.umib, 256000000);
	CHECK_STR(p.ooms[0].who, "torch 2.11");
	CHECK_INT(p.ooms[0].n_owed, 2);
	CHECK_STR(p.ooms[0].owed[0].class, "weights");
	CHECK_INT(p.ooms[0].owed[1].umib, PROFILE_UNTOLD);
	CHECK_STR(p.ooms[0].owed[1].whom, "9 a b");
	CHECK_INT(p.high_water, 6000000);
	CHECK_INT(p.status, 3);
	CHECK_INT(p.missed, 1);
	CHECK_STR(p.marks[0].label, "epoch\\n3");
	CHECK_INT(p.marks[0].at.umib, 5000000);
	CHECK_INT(p.peaks.peak.umib, 7000000);
	CHECK_INT(p.highest.umib, 7000000);
	CHECK_INT(p.highest.from, 1700000000123456);
	CHECK_INT(p.highest.to, 1700000001123456);
	CHECK_STR(p.values[0].metric, "swap");
	CHECK_INT(p.values[0].series.peak.umib, 500000);
	CHECK(p.gpus[0].whole_device);
	profile_free(&p);
}

static void how_a_growth_is_known_is_told_by_a_word(void)
{
	static const int hows[] = { PROFILE_UNSAID, PROFILE_FAULT,  PROFILE_LATE,
				    PROFILE_POLLED, PROFILE_UNSAID, PROFILE_FAULT };
	struct profile p = load(HEAD "GROW 1.0 1700000001.0 1.0 5 5 0\n"
				     "GROW 1.0 1700000001.0 2.0 5 5 0 fault\n"
				     "GROW 1.0 1700000001.0 3.0 5 5 0 late\n"
				     "GROW 1.0 1700000001.0 4.0 5 5 0 polled\n"
				     "GROW 1.0 1700000001.0 5.0 5 5 0 guessed by whom\n"
				     "GROW 1.0 1700000001.0 6.0 5 5 0 fault and more\n"
				     "GROW 4.0 1700000001.0 4.0 6 0 0 inherited\n");
	CHECK_INT(p.flaws.malformed, 0);
	CHECK_INT(p.growth.n_steps, 6);
	for (size_t i = 0; i < p.growth.n_steps; i++)
		CHECK_INT(p.growth.steps[i].how, hows[i]);
	CHECK_INT(p.growth.peak.at.umib, 10000000); /* what a child inherits is held by it too */
	profile_free(&p);
}

static void further_figures_are_series_of_their_own(void)
{
	struct profile p = load(HEAD "PEAK 8.000000 1700000000.5000 1700000000.25\n"
				     "PEAK 9.250000 1700000001.0000\n"
				     "PEAK 9.000000 1700000001.0000 1700000002.0\n"
				     "VAL swap 1.000000 1700000001.0000\n"
				     "VAL pss 2.000000 1700000001.0000\n"
				     "VAL swap 4.000000 1700000002.0000\n"
				     "GPU 0 512.000000 1700000001.0000 tree\n"
				     "GPU 1 100.000000 1700000001.0000 tree\n"
				     "GPU 1 700.000000 1700000002.0000 device\n");
	CHECK_INT(p.flaws.malformed, 1); /* an interval that ends before it begins */
	CHECK_INT(p.peaks.samples, 2);
	CHECK_INT(p.highest.umib, 9250000);
	CHECK_INT(p.highest.from, 0);
	CHECK_INT(p.peaks.peak.umib, 9250000);
	CHECK_INT(p.memory.peak.umib, 3500000);
	CHECK_INT(p.n_values, 2);
	CHECK_STR(p.values[0].metric, "swap");
	CHECK_INT(p.values[0].series.peak.umib, 4000000);
	CHECK_INT(p.values[1].series.samples, 1);
	CHECK_INT(p.n_gpus, 2);
	CHECK(!p.gpus[0].whole_device);
	CHECK(p.gpus[1].whole_device);
	CHECK_INT(p.gpus[1].tree_peak.umib, 100000000);
	CHECK_INT(p.gpus[1].device_peak.umib, 700000000);
	CHECK_INT(p.gpus[0].device_peak.us, 0);
	CHECK_INT(p.gpus[1].series.peak.umib, 700000000);
	profile_free(&p);
}

static void records_of_one_moment_are_a_bill(void)
{
	struct profile p = load(HEAD "BILL program 1.000000 1700000001.000000\n"
				     "BILL heap 2.500000 1700000001.000000\n"
				     "BILL later 0.250000 1700000001.000000\n"
				     "BILL hugetlb 8.000000 1700000001.000000\n"
				     "BILL program 1.500000 1700000002.000000\n"
				     "BILL heap 1.500000\n");
	CHECK_INT(p.flaws.malformed, 1);
	CHECK_INT(p.bills.taken, 2);
	CHECK_INT(p.bills.n, 2);
	CHECK_INT(bill_total(&p.bills.highest), 3750000);
	CHECK_INT(p.bills.highest.umib[BILL_UNTOLD], 250000);
	CHECK_INT(p.bills.highest.umib[BILL_HUGETLB], 8000000);
	CHECK_INT(p.bills.last.us, 1700000002000000);
	CHECK_INT(bill_total(&p.bills.last), 1500000);
	CHECK_INT(p.bills.all[0].umib[BILL_HEAP], 2500000);
	profile_free(&p);
}

static void of_very_many_bills_the_higher_are_kept(void)
{
	enum { N = 10000, LINE = 48 };
	char *text = malloc(N * LINE + 256), *at = text;
	at += sprintf(at, "%s", HEAD);
	for (int i = 0; i < N; i++)
		at += sprintf(at, "BILL heap %d.000000 17000%05d.000000\n", i == 777 ? 99 : 1, i);
	struct profile p = load(text);
	CHECK_INT(p.bills.taken, N);
	CHECK(p.bills.n <= 4096 && p.bills.n >= 1024);
	CHECK_INT(bill_total(&p.bills.highest), 99000000);
	int64_t most = 0;
	for (size_t i = 0; i < p.bills.n; i++) {
		most = p.bills.all[i].umib[BILL_HEAP] > most ? p.bills.all[i].umib[BILL_HEAP]
							     : most;
		CHECK(i == 0 || p.bills.all[i].us > p.bills.all[i - 1].us);
	}
	CHECK_INT(most, 99000000);
	profile_free(&p);
	free(text);
}

/* Of two that hold as much as the peak, and one that holds more but is of no moment. */
static void the_bill_of_the_peak_is_the_nearest(void)
{
	struct profile p = load("CMDLINE ./x\nMEM 100.000000 1700000000.0000\n"
				"MEM 200.000000 1700000005.0000\nMEM 199.000000 1700000009.0000\n"
				"BILL heap 200.000000 1700000000.500000\n"
				"BILL heap 198.500000 1700000004.500000\n"
				"BILL heap 210.000000 1700000005.000000\n"
				"BILL off 10.000000 1700000005.000000\n"
				"BILL heap 50.000000 1700000008.000000\n"
				"BILL heap 20.000000 1700000009.000000\n"
				"BILL off 30.000000 1700000009.000000\n");
	CHECK_INT(p.bills.highest.us, 1700000004500000);
	CHECK_INT(p.bills.last.us, 1700000008000000); /* the one after that is of no moment */
	CHECK_INT(bill_total(&p.bills.all[4]), 20000000);
	profile_free(&p);
	p = load("CMDLINE ./x\nMEM 9000.000000 1700000000.0000\n"
		 "BILL heap 50.000000 1699999999.000000\n"
		 "BILL heap 8000.000000 1700000000.000000\n"
		 "BILL off 1000.000000 1700000000.000000\n");
	CHECK_INT(bill_total(&p.bills.highest), 8000000000); /* better than none of that time */
	profile_free(&p);
}

/* The quick way of reading a moment is for one shape; all others mean the same. */
static void a_moment_may_have_any_number_of_digits(void)
{
	struct profile p = load(HEAD "VAL a 1.500000 1700000001.123456\n"
				     "VAL b 1.5 1700000001.1234560\n"
				     "VAL c  01.50000000 01700000001.123456789 \n"
				     "VAL d 1.500000   1700000001.123456 more\n"
				     "VAL e 1.500000 8999999999.999999\n"
				     "VAL f 1.500000 9000000000.000000\n"
				     "VAL g 1.500000 170000000:.123456\n"
				     "VAL h 1.500000 -700000001.123456\n"
				     "VAL i 1.500000 1700000001.12345x\n"
				     "VAL j 1.50000: 1700000001.123456\n"
				     "VAL k -1.500000 1700000001.123456\n");
	CHECK_INT(p.flaws.malformed, 5);
	CHECK_INT(p.n_values, 6);
	for (size_t i = 0; i < 4; i++) {
		CHECK_INT(p.values[i].series.last.us, 1700000001123456);
		CHECK_INT(p.values[i].series.last.umib, 1500000);
	}
	CHECK_INT(p.values[4].series.last.us, 8999999999999999);
	CHECK_INT(p.values[5].series.last.umib, -1500000);
	profile_free(&p);
}

static void malformed_further_figures_are_counted(void)
{
	struct profile p = load(HEAD "PEAK 9.25\nPEAK nan 1700000001.0\nVAL swap\nVAL swap 1.0\n"
				     "VAL 1.0 1700000001.0\nGPU 0 1.0 1700000001.0\n"
				     "GPU 0 1.0 1700000001.0 elsewhere\nGPU 0 1.0 1700000001.0 \n");
	CHECK_INT(p.flaws.malformed, 8);
	CHECK_INT(p.peaks.samples + p.n_values + p.n_gpus, 0);
	profile_free(&p);
}

static void more_metrics_than_can_be_kept_are_passed_over(void)
{
	char text[8192] = HEAD;
	size_t used = strlen(text);
	for (int i = 0; i < 100; i++)
		used += (size_t)snprintf(text + used, sizeof text - used,
					 "VAL m%d 1.0 1700000001.0\nGPU %d 1.0 1700000001.0 tree\n",
					 i, i);
	struct profile p = load(text);
	CHECK_INT(p.n_values, 32);
	CHECK_INT(p.n_gpus, 32);
	profile_free(&p);
}

static int put_again(void *context, const struct profile_record *record)
{
	return profile_put(context, record);
}

static int put_samples_again(void *context, const struct sample *samples, size_t n)
{
	for (size_t i = 0; i < n; i++)
		profile_put(context,
			    &(struct profile_record){ .kind = PROFILE_MEM, .at = samples[i] });
	return 0;
}

/* A line of each kind, as our recorders write it. */
static void what_is_read_is_written_the_same(void)
{
	static const char lines[] =
		"CMDLINE './a b' $'c\\nd'\nMETA format=1 host='a b'\nMEM 1.500000 "
		"1700000000.123456\n"
		"PEAK 7.000000 1700000001.000000 1700000000.123456\nVAL swap 0.500000 "
		"1700000001.000000\n"
		"GPU 0 8.000000 1700000001.000000 device\nGPU 1 8.000000 1700000001.000000 tree\n"
		"CHLD 7 2.000000 1700000001.000000\nGROW -0.500000 1700000001.000000 5.000000 5 6 "
		"1\n"
		"ENTER m.f 1.000000 1700000001.000000 2 77\n"
		"FUNC m.f 1.000000 1700000001.000000 -2.000000 1700000002.000000 0\n"
		"PROC 7 5 1700000001.000000 sh worker\nGONE 7 1700000002.000000 6.000000 -9\n"
		"GONE 8 1700000002.000000 0.000000 ?\nPATH 1 /a b.py\nFRAME 1 0 1 15 K.f x\n"
		"LINE $'/a \\'b\\n.py:7' m.f 5.000000 -1.000000 6.000000 9 5 0.250000\n"
		"MARK 5.000000 1700000002.000000 epoch 3\nEXIT 3 1700000003.000000 7.000000 2 1\n";
	static const struct profile_sink sink = { put_samples_again, put_again };
	char again[2 * sizeof lines] = "";
	struct profile_writer w;
	struct profile_input input;
	struct profile_flaws flaws;
	struct profile p = load(lines);
	profile_free(&p);
	CHECK_INT(profile_open(&input, path), 0);
	unlink(path);
	CHECK_INT(profile_create(&w, path, 0), 0);
	CHECK_INT(profile_read(&input, &sink, &w, &flaws), 0);
	profile_close(&input);
	CHECK_INT(flaws.malformed, 0);
	CHECK_INT(profile_finish(&w), 0);
	int fd = open(path, O_RDONLY);
	CHECK(read(fd, again, sizeof again - 1) > 0);
	close(fd);
	CHECK_STR(again, lines);
}

int main(void)
{
	int fd = mkstemp(path);
	if (fd < 0)
		return 1;
	close(fd);
	RUN(samples_and_their_peak);
	RUN(the_first_of_equal_peaks_is_the_peak);
	RUN(malformed_lines_are_skipped_and_counted);
	RUN(unknown_tags_are_passed_over);
	RUN(a_tag_with_a_nul_is_another);
	RUN(extra_fields_and_other_line_ends_are_accepted);
	RUN(an_unended_line_is_dropped);
	RUN(endless_lines_are_bounded);
	RUN(the_last_run_is_read);
	RUN(calls_with_and_without_a_level);
	RUN(calls_that_never_ended);
	RUN(lines_by_function_and_process);
	RUN(malformed_lines_of_functions);
	RUN(sums_stay_within_bounds);
	RUN(crowds_of_calls_keep_their_sums);
	RUN(children_by_pid_and_birth);
	RUN(crowds_of_children_are_bounded);
	RUN(a_figure_that_nobody_knows);
	RUN(settings_and_the_end);
	RUN(a_window_has_its_own_peak);
	RUN(growth_is_a_tree_of_frames);
	RUN(frames_told_again_are_the_same);
	RUN(numbers_that_mean_nothing_are_passed_over);
	RUN(the_peak_is_of_all_processes_that_live);
	RUN(crowds_of_steps_keep_their_sums);
	RUN(a_file_may_end_anywhere);
	RUN(what_is_no_file_is_told);
	RUN(what_is_written_is_read);
	RUN(what_is_read_is_written_the_same);
	RUN(how_a_growth_is_known_is_told_by_a_word);
	RUN(further_figures_are_series_of_their_own);
	RUN(records_of_one_moment_are_a_bill);
	RUN(the_bill_of_the_peak_is_the_nearest);
	RUN(of_very_many_bills_the_higher_are_kept);
	RUN(a_moment_may_have_any_number_of_digits);
	RUN(malformed_further_figures_are_counted);
	RUN(more_metrics_than_can_be_kept_are_passed_over);
	unlink(path);
	return DONE();
}
