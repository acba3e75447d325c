/* What a page tells of a recording: figures, spots, steps, calls, several beside each other. */
#include "plotter/page/beside.h"
#include "plotter/page/calls.h"
#include "plotter/page/figures.h"
#include "plotter/page/spots.h"
#include "plotter/page/steps.h"
#include "share/why/why.h"
#include "tests/recorded.h"
#include "tests/written.h"

static const char grown[] =
	RECORDED_HEAD "MEM 10.000000 1700000000.000000\nMEM 110.000000 1700000001.000000\n"
		      "MEM 90.000000 1700000002.000000\n"
		      "PATH 1 /srv/a.py\nPATH 2 /srv/b.py\nFRAME 1 0 1 5 load\nFRAME 2 1 1 9 "
		      "read\nFRAME 3 0 2 2 main\n"
		      "GROW 60.000000 1700000000.500000 70.000000 7 7 2\n"
		      "GROW 40.000000 1700000000.600000 110.000000 7 7 3\n"
		      "GROW -20.000000 1700000001.500000 90.000000 7 7 3\n"
		      "EXIT 0 1700000002.500000 120.0 3 0\n";
static const char called[] =
	RECORDED_HEAD "MEM 10.000000 1700000000.000000\nMEM 50.000000 1700000004.000000\n"
		      "FUNC load 10.000000 1700000000.000000 40.000000 1700000001.000000 0\n"
		      "FUNC load 40.000000 1700000001.000000 45.000000 1700000001.500000 0\n"
		      "ENTER train 45.000000 1700000002.000000 0 7\n";

static void put_figures(FILE *out, const char *recording)
{
	struct profile profile;
	struct why why;
	recorded_load(&profile, recording);
	CHECK_INT(why_ask(&why, &profile, WHY_WRITER_UNKNOWN), 0);
	figures_put(out, &profile, &why);
	why_free(&why);
	profile_free(&profile);
}

static void each_figure_says_how_it_is_known(void)
{
	WRITTEN(put_figures(out, grown));
	CHECK(strstr(text,
		     "<b>90.0 MiB</b> <span>in the last sample</span> <small>sampled</small>"));
	CHECK(strstr(text, "<b>3</b> <span>samples, 0 missed</span> <small>exact</small>"));
	CHECK(strstr(text, "from its start to its end"));
	WRITTEN(put_figures(out, called)); /* it has no end */
	CHECK(strstr(text, "its end is not</span> <small>at least</small>"));
	CHECK(!strstr(text, "missed"));
}

static void spots_are_by_file_and_line(void)
{
	struct profile profile;
	struct growth growth;
	struct spots spots;
	recorded_load(&profile, grown);
	CHECK_INT(growth_open(&growth, &profile.growth, NULL), 0);
	CHECK_INT(spots_find(&spots, &profile, &growth), 0);
	CHECK(spots.grew && !spots.held && !spots.counted);
	CHECK_INT(spots.n_files, 2);
	CHECK_STR(spots.all[spots.files[0].first].path, "/srv/a.py"); /* of the most weight */
	CHECK_INT(spots.files[0].weight, 60000000);
	CHECK_INT(spots.most, 60000000);
	spots_free(&spots);
	growth_close(&growth);
	profile_free(&profile);
}

static void steps_that_grew_are_told(void)
{
	struct profile profile;
	recorded_load(&profile, grown);
	WRITTEN(CHECK_INT(steps_put(out, &profile, NULL), 0));
	CHECK_STR(text,
		  ",\n\"steps\":[[0.500,60.00,\"a.py:9 read\"],[0.600,40.00,\"b.py:2 main\"]]");
	profile_free(&profile);
	recorded_load(&profile, called);
	WRITTEN(CHECK_INT(steps_put(out, &profile, NULL), 0));
	CHECK_STR(text, "");
	profile_free(&profile);
}

static void calls_that_never_ended_are_told_apart(void)
{
	struct profile profile;
	recorded_load(&profile, called);
	WRITTEN(CHECK_INT(calls_put(out, &profile), 0));
	CHECK(strstr(text, "<td class=\"figure\">2</td><td class=\"figure\">1.500</td><td "
			   "class=\"figure\">35.0</td><td><code>load</code></td>"));
	CHECK(strstr(text, "<td class=\"figure\">0</td><td></td><td></td><td><code>train</code> "
			   "<small>and 1 never seen to end</small></td>"));
	profile_free(&profile);
	recorded_load(&profile, grown);
	WRITTEN(CHECK_INT(calls_put(out, &profile), 0));
	CHECK_STR(text, "");
	profile_free(&profile);
}

static void several_have_a_row_each(void)
{
	struct profile one, other;
	const struct profile *const all[] = { &one, &other };
	recorded_load(&one, grown);
	recorded_load(&other, called);
	WRITTEN(CHECK_INT(beside_put(out, all, 2), 0));
	CHECK(strstr(text, one.path) && strstr(text, other.path));
	profile_free(&one);
	profile_free(&other);
}

int main(void)
{
	RUN(each_figure_says_how_it_is_known);
	RUN(spots_are_by_file_and_line);
	RUN(steps_that_grew_are_told);
	RUN(calls_that_never_ended_are_told_apart);
	RUN(several_have_a_row_each);
	return DONE();
}
