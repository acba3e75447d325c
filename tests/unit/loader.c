/* What a loader tells of the bytes so far is what profile_load makes of them in a file. */
#include "share/profile/profile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/check.h"

static char path[] = "/tmp/mprof-loader-XXXXXX";

/* ---- a recording ---- */

static char text[1 << 18];
static size_t length;

__attribute__((format(printf, 1, 2))) static void say(const char *format, ...)
{
	va_list values;
	va_start(values, format);
	length += (size_t)vsnprintf(text + length, sizeof text - length, format, values);
	va_end(values);
}

/* Some of everything, and what comes together to go on long after a snapshot: open calls, lines
 * that add up, frames before and after their peak. */
static void say_moment(int i)
{
	double t = 1700000000 + i * 0.01;
	say("MEM %d.%06d %.6f\n", 100 + i * 7919 % 50, i, t);
	if (i % 2 == 0)
		say("CHLD %d 5.%06d %.6f\n", 200 + i % 9, i, t);
	if (i % 3 == 0)
		say("PEAK 160.%06d %.6f %.6f\nVAL swap %d.5 %.6f\n", i, t, t - 0.01, i, t);
	if (i % 5 == 0)
		say("GPU %d 10.%06d %.6f %s\nMARK 3.0 %.6f step %d\n", i % 2, i, t,
		    i % 4 ? "tree" : "device", t, i);
	if (i % 7 == 0)
		say("PROC %d 100 %.6f worker %d\nGONE %d %.6f 9.5 0\n", 200 + i % 9, t, i,
		    200 + (i + 4) % 9, t);
	if (i % 4 == 0)
		say("GROW %s%d.5 %.6f 100.0 %d 100 %d\nENTER f%d 1.0 %.6f 0 5\n", i % 3 ? "" : "-",
		    i % 11, t, i % 40 ? 100 : 205, i % 3, i % 6, t);
	if (i % 8 == 0)
		say("FUNC f%d 1.0 %.6f 2.0 %.6f 0\nLINE '/x/a b.py:%d' f 2.5 0.5 3.0 1 5\n", i % 6,
		    t, t + 0.005, i % 13);
	if (i % 50 == 0)
		say("JUNK x\nMEM x y\n\nFOO 1 2\nPATH 2 /y/%d.py\nFRAME 2 1 2 %d g\n", i, i);
}

static void make_recording(void)
{
	length = 0;
	say("MEM 1.0 1600000000.0\nCHLD 3 2.0 1600000000.0\nFUNC f0 1.0 1600000000.0 2.0 "
	    "1600000001.0 0\nENTER old 1.0 1600000000.0 0 5\nGROW 1.0 1600000000.0 1.0 1 1 0\n");
	for (int run = 0; run < 2; run++) {
		say("CMDLINE ./x 'a b' %d\nMETA format=1 pid=100 host='a b'\nMARK 1.0 1699999999.5 "
		    "early\nPATH 1 /x/a.py\nPATH 2 /usr/lib/python3/dist-packages/n.py\nFRAME 1 0 "
		    "1 "
		    "9 <module>\nFRAME 2 1 2 5 _sum\n",
		    run);
		for (int i = 0; i < 300; i++)
			say_moment(i + 300 * run);
		say("GONE 100 1700000031.0 170.0 0\nEXIT %d 1700000031.0 180.0 3000 2\n", run);
	}
	say("MEM 7.0 17000000");
}

/* ---- are they the same? ---- */

#define SAME(member) CHECK_INT(a->member, b->member)

static void same_sample(struct sample a, struct sample b)
{
	CHECK_INT(a.us, b.us);
	CHECK_INT(a.umib, b.umib);
}

static void same_text(const char *a, const char *b)
{
	CHECK_STR(a ? a : "(none)", b ? b : "(none)");
}

static void same_series(const struct profile_series *a, const struct profile_series *b)
{
	SAME(samples);
	SAME(columns.n);
	SAME(columns.width);
	same_sample(a->first, b->first);
	same_sample(a->last, b->last);
	same_sample(a->peak, b->peak);
	for (size_t i = 0; i < a->columns.n && i < b->columns.n; i++) {
		CHECK_INT(a->columns.items[i].n, b->columns.items[i].n);
		if (a->columns.items[i].n == 0)
			continue;
		same_sample(a->columns.items[i].first, b->columns.items[i].first);
		same_sample(a->columns.items[i].last, b->columns.items[i].last);
		same_sample(a->columns.items[i].low, b->columns.items[i].low);
		same_sample(a->columns.items[i].high, b->columns.items[i].high);
	}
}

static void same_children(const struct profile *a, const struct profile *b)
{
	SAME(n_children);
	SAME(untracked_children);
	SAME(high_water);
	same_sample(a->together, b->together);
	for (size_t i = 0; i < a->n_children && i < b->n_children; i++) {
		SAME(children[i].pid);
		SAME(children[i].born);
		SAME(children[i].gone);
		SAME(children[i].high_water);
		SAME(children[i].status);
		same_text(a->children[i].name, b->children[i].name);
		same_series(&a->children[i].series, &b->children[i].series);
	}
}

static void same_calls(const struct profile *a, const struct profile *b)
{
	SAME(n_functions);
	SAME(n_calls);
	SAME(n_entered);
	SAME(dropped_calls);
	for (size_t i = 0; i < a->n_functions && i < b->n_functions; i++) {
		SAME(functions[i].calls);
		SAME(functions[i].us);
		SAME(functions[i].growth);
		same_text(a->functions[i].name, b->functions[i].name);
	}
	for (size_t i = 0; i < a->n_calls && i < b->n_calls; i++) {
		SAME(calls[i].function);
		SAME(calls[i].level);
		same_sample(a->calls[i].from, b->calls[i].from);
		same_sample(a->calls[i].to, b->calls[i].to);
	}
	for (size_t i = 0; i < a->n_entered && i < b->n_entered; i++) {
		SAME(entered[i].function);
		SAME(entered[i].thread);
		same_sample(a->entered[i].at, b->entered[i].at);
	}
}

static void same_lines(const struct profile *a, const struct profile *b)
{
	SAME(n_listings);
	SAME(dropped_lines);
	for (size_t i = 0; i < a->n_listings && i < b->n_listings; i++) {
		SAME(listings[i].n_lines);
		SAME(listings[i].pid);
		same_text(a->listings[i].file, b->listings[i].file);
		for (size_t k = 0; k < a->listings[i].n_lines && k < b->listings[i].n_lines; k++) {
			SAME(listings[i].lines[k].line);
			SAME(listings[i].lines[k].umib);
			SAME(listings[i].lines[k].increment);
			SAME(listings[i].lines[k].occurrences);
		}
	}
}

static void same_growth(const struct profile *a, const struct profile *b)
{
	SAME(growth.n_paths);
	SAME(growth.n_frames);
	SAME(growth.n_steps);
	SAME(growth.n_threads);
	same_sample(a->growth.peak.at, b->growth.peak.at);
	for (size_t i = 0; i < a->growth.n_frames && i < b->growth.n_frames; i++) {
		SAME(growth.frames[i].caller);
		SAME(growth.frames[i].path);
		SAME(growth.frames[i].net);
		SAME(growth.frames[i].grew);
		SAME(growth.frames[i].at_peak);
		SAME(growth.frames[i].steps);
		same_text(a->growth.frames[i].function, b->growth.frames[i].function);
	}
	for (size_t i = 0; i < a->growth.n_steps && i < b->growth.n_steps; i++) {
		SAME(growth.steps[i].frame);
		SAME(growth.steps[i].delta);
		SAME(growth.steps[i].together);
	}
	for (size_t i = 0; i < a->growth.n_threads && i < b->growth.n_threads; i++) {
		SAME(growth.threads[i].pid);
		SAME(growth.threads[i].net);
		SAME(growth.threads[i].at_peak);
	}
}

static void same_figures(const struct profile *a, const struct profile *b)
{
	same_series(&a->memory, &b->memory);
	same_series(&a->peaks, &b->peaks);
	SAME(highest.umib);
	SAME(highest.from);
	SAME(n_values);
	SAME(n_gpus);
	for (size_t i = 0; i < a->n_values && i < b->n_values; i++) {
		same_text(a->values[i].metric, b->values[i].metric);
		same_series(&a->values[i].series, &b->values[i].series);
	}
	for (size_t i = 0; i < a->n_gpus && i < b->n_gpus; i++) {
		same_text(a->gpus[i].device, b->gpus[i].device);
		SAME(gpus[i].whole_device);
		same_sample(a->gpus[i].tree_peak, b->gpus[i].tree_peak);
		same_series(&a->gpus[i].series, &b->gpus[i].series);
	}
}

static void same(const struct profile *a, const struct profile *b)
{
	same_text(a->path, b->path);
	same_text(a->command, b->command);
	SAME(start_us);
	SAME(runs);
	SAME(ended);
	SAME(status);
	SAME(ended_us);
	SAME(ru_maxrss);
	SAME(missed);
	SAME(flaws.malformed);
	SAME(flaws.first_malformed);
	SAME(flaws.lines);
	SAME(flaws.cut);
	SAME(n_settings);
	SAME(n_marks);
	same_text(profile_setting(a, "host"), profile_setting(b, "host"));
	for (size_t i = 0; i < a->n_marks && i < b->n_marks; i++)
		same_text(a->marks[i].label, b->marks[i].label);
	same_figures(a, b);
	same_children(a, b);
	same_calls(a, b);
	same_lines(a, b);
	same_growth(a, b);
}

/* ---- the tests ---- */

static void check_prefix(struct profile_loader *loader, size_t n, const struct profile_wish *wish)
{
	const struct profile *now;
	struct profile whole;
	int fd = open(path, O_WRONLY | O_TRUNC);
	CHECK(write(fd, text, n) == (ssize_t)n);
	close(fd);
	CHECK_INT(profile_load(&whole, path, wish), 0);
	CHECK_INT(profile_loader_snapshot(loader, &now), 0);
	same(now, &whole);
	profile_free(&whole);
}

static void check_pieces(size_t piece, size_t every, const struct profile_wish *wish)
{
	struct profile_loader *loader;
	struct profile last;
	CHECK_INT(profile_loader_open(&loader, path, wish), 0);
	for (size_t at = 0, next = every; at < length; at += piece) {
		size_t n = length - at < piece ? length - at : piece;
		CHECK_INT(profile_loader_feed(loader, text + at, n), 0);
		if (at + n >= next) {
			check_prefix(loader, at + n, wish);
			next += every;
		}
	}
	check_prefix(loader, length, wish);
	CHECK_INT(profile_loader_finish(loader, &last), 0);
	CHECK_INT(last.flaws.cut, true);
	CHECK_INT(last.runs, 2);
	profile_free(&last);
}

static void a_snapshot_is_what_loading_gives(void)
{
	static const struct {
		size_t piece, every;
	} cases[] = { { 1, 4321 }, { 7, 1777 }, { 4096, 4096 }, { 1 << 20, 1 } };
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		check_pieces(cases[i].piece, cases[i].every, NULL);
}

static void a_window_is_kept_while_it_grows(void)
{
	const struct profile_wish window = { .columns = 16, .from = 0.5, .to = 2.25 };
	check_pieces(7, 2777, &window);
	check_pieces(4096, 4096, &window);
}

static void curves_alone_are_the_same_curves(void)
{
	const struct profile_wish curves = { .curves = true };
	check_pieces(7, 5777, &curves);
}

/* Calls all as long, the last to begin written first: which of them are dropped when there are too
 * many does not depend on when one looked. */
static void dropped_calls_are_the_same_calls(void)
{
	struct profile_loader *loaders[2];
	const struct profile *looked, *whole;
	char line[128];
	for (int k = 0; k < 2; k++)
		CHECK_INT(profile_loader_open(&loaders[k], "x", NULL), 0);
	for (int i = 0; i < 70000; i++) {
		int at = 1700100000 - i;
		int n = snprintf(line, sizeof line, "FUNC f 1.0 %d.5 2.0 %d.5 0\n", at, at + 9);
		for (int k = 0; k < 2; k++)
			CHECK_INT(profile_loader_feed(loaders[k], line, (size_t)n), 0);
		if (i == 40000)
			CHECK_INT(profile_loader_snapshot(loaders[0], &looked), 0);
	}
	CHECK_INT(profile_loader_snapshot(loaders[0], &looked), 0);
	CHECK_INT(profile_loader_snapshot(loaders[1], &whole), 0);
	CHECK(whole->dropped_calls > 0);
	same_calls(looked, whole);
	for (int k = 0; k < 2; k++)
		profile_loader_free(loaders[k]);
}

/* A line that outgrows all bounds comes in pieces too. */
static void endless_lines_may_come_in_pieces(void)
{
	static const char *const tags[] = { "CMDLINE ", "MEM ", "META " };
	for (size_t i = 0; i < sizeof tags / sizeof *tags; i++) {
		struct profile_loader *loader;
		const struct profile *now;
		char piece[997];
		memset(piece, '1', sizeof piece);
		CHECK_INT(profile_loader_open(&loader, "x", NULL), 0);
		CHECK_INT(profile_loader_feed(loader, tags[i], strlen(tags[i])), 0);
		for (int k = 0; k < 600; k++)
			CHECK_INT(profile_loader_feed(loader, piece, sizeof piece), 0);
		CHECK_INT(profile_loader_snapshot(loader, &now), 0);
		CHECK(now->flaws.cut);
		CHECK_INT(now->flaws.malformed, i > 0);
		CHECK_INT(profile_loader_feed(loader, "\nMEM 9.0 1700000005.0\n", 22), 0);
		CHECK_INT(profile_loader_snapshot(loader, &now), 0);
		CHECK(!now->flaws.cut);
		CHECK_INT(now->memory.samples, 1);
		CHECK_INT(now->flaws.lines, 2);
		profile_loader_free(loader);
	}
}

static int count_samples(void *context, const struct sample *samples, size_t n)
{
	(void)samples;
	*(size_t *)context += n;
	return 0;
}

static int refuse(void *context, const struct profile_record *record)
{
	(void)context;
	return record->kind == PROFILE_EXIT ? -ECANCELED : 0;
}

static void what_is_read_is_handed_on(void)
{
	static const struct profile_sink sink = { count_samples, refuse };
	size_t n = 0;
	struct profile_loader *loader;
	const struct profile_wish wish = { .also = &sink, .also_context = &n };
	CHECK_INT(profile_loader_open(&loader, "x", &wish), 0);
	CHECK_INT(profile_loader_feed(loader, text, length), -ECANCELED);
	CHECK_INT(n, 301); /* until the first run's end */
	profile_loader_free(loader);
	profile_loader_free(NULL);
}

int main(void)
{
	int fd = mkstemp(path);
	close(fd);
	make_recording();
	RUN(a_snapshot_is_what_loading_gives);
	RUN(a_window_is_kept_while_it_grows);
	RUN(curves_alone_are_the_same_curves);
	RUN(dropped_calls_are_the_same_calls);
	RUN(endless_lines_may_come_in_pieces);
	RUN(what_is_read_is_handed_on);
	unlink(path);
	return DONE();
}
