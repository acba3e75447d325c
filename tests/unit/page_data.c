/* What a page's script is handed, which parts of it there are, and what stands under the picture.
 */
#include <sys/stat.h>

#include "plotter/chart/make.h"
#include "plotter/figure/canvas.h"
#include "plotter/figure/theme.h"
#include "plotter/page/card_bill.h"
#include "plotter/page/data.h"
#include "plotter/page/script.h"
#include "plotter/page/source.h"
#include "plotter/page/tables.h"
#include "plotter/page/words.h"
#include "tests/recorded.h"
#include "tests/written.h"

static const char plain[] =
	RECORDED_HEAD "MEM 10.000000 1700000000.000000\nMEM 110.000000 1700000012.000000\n"
		      "MEM 90.000000 1700000024.000000\n"
		      "EXIT 0 1700000024.000000 120.0 3 0\n";
static const char rich[] =
	RECORDED_HEAD "MEM 10.000000 1700000000.000000\nMEM 110.000000 1700000010.000000\n"
		      "CHLD 8 20.000000 1700000010.000000\n"
		      "PATH 1 /srv/a.py\nFRAME 1 0 1 5 load\n"
		      "GROW 60.000000 1700000000.500000 70.000000 7 7 1\n"
		      "FUNC load 10.000000 1700000000.000000 40.000000 1700000001.000000 0\n"
		      "MARK 70.000000 1700000005.000000 </script>\n"
		      "PROC 8 99999999 1700000004.000000 worker\n";

/* A recording as its page has it. */
struct page {
	struct profile profile;
	struct chart chart;
	struct canvas canvas;
	struct page_data data;
};

static void open_page(struct page *p, const char *recording)
{
	const struct chart_wish wish = { .columns = 4096,
					 .headroom = 0.12,
					 .x_ticks = 6,
					 .y_ticks = 6,
					 .rows = 10,
					 .functions = true };
	const struct profile *const all[] = { &p->profile };
	recorded_load(&p->profile, recording);
	CHECK_INT(chart_make(&p->chart, all, 1, &wish), 0);
	p->canvas = (struct canvas){ .width = 900, .height = 500, .scale = 1, .dpi = 96 };
	p->canvas.theme = theme_find("light");
	p->data = (struct page_data){
		.chart = &p->chart, .drawn = &p->chart, .canvas = &p->canvas, .profile = &p->profile
	};
}

static void close_page(struct page *p)
{
	chart_free(&p->chart);
	profile_free(&p->profile);
}

static void the_data(void)
{
	struct page p;
	open_page(&p, plain);
	WRITTEN(CHECK_INT(data_put(out, &p.data), 0));
	CHECK(strstr(text, "{\"x\":[0.000000,24.000000],\"unit\":1000,"));
	CHECK(strstr(text, "\"curves\":[{\"n\":3,\"pane\":0,"));
	CHECK(strstr(text, "\"edge\":0,\"name\":\"RSS\"}"));
	CHECK(strstr(text, "\"bands\":[]") && strstr(text, "\"spans\":[]"));
	CHECK(!strstr(text, "\"steps\""));
	CHECK_STR(data_name(&p.data, &p.chart.curves[0]), "RSS");
	close_page(&p);
	open_page(&p, rich);
	WRITTEN(CHECK_INT(data_put(out, &p.data), 0));
	CHECK(strstr(text, "[5.000,\"\\u003c/script\\u003e\","));
	CHECK(strstr(text, "\"steps\":[[0.500,60.00,\"a.py:5 load\"]]"));
	CHECK(strstr(text, "worker"));
	close_page(&p);
}

static size_t script_of(const char *recording)
{
	struct page p;
	open_page(&p, recording);
	WRITTEN(script_put(out, &p.data));
	close_page(&p);
	return strlen(text);
}

static void only_the_parts_that_are_needed(void)
{
	size_t least = script_of(plain);
	CHECK(least > 4096 && least < 20480);
	CHECK(!strstr(text, "g.span") && !strstr(text, "in the legend") &&
	      !strstr(text, "grew by"));
	CHECK(script_of(rich) > least);
	CHECK(strstr(text, "g.span") && strstr(text, "in the legend") && strstr(text, "grew by"));
}

static void the_picture_in_words(void)
{
	struct page p;
	open_page(&p, plain);
	WRITTEN(words_put(out, &p.data));
	CHECK(strstr(text, "RSS, lowest MiB") && strstr(text, "RSS, highest MiB"));
	CHECK(strstr(
		text,
		"<tr data-from=\"12.000\" data-to=\"13.000\"><td class=\"figure\">12.00</td><td "
		"class=\"figure\">13.00</td><td class=\"figure\">110.0</td><td "
		"class=\"figure\">110.0</td></tr>"));
	CHECK(strstr(
		text,
		"<tr data-from=\"13.000\" data-to=\"14.000\"><td class=\"figure\">13.00</td><td "
		"class=\"figure\">14.00</td><td></td><td></td></tr>")); /* nothing, not 0 */
	CHECK(strstr(
		text,
		"<td class=\"figure\">90.0</td></tr>\n</tbody>")); /* the last sample is in it */
	close_page(&p);
	open_page(&p, RECORDED_HEAD);
	WRITTEN(words_put(out, &p.data));
	CHECK_STR(text, "");
	close_page(&p);
}

static void tables_are_there_for_what_is_told(void)
{
	struct page p;
	open_page(&p, plain);
	WRITTEN(CHECK_INT(tables_put(out, &p.profile, p.profile.start_us, NULL), 0));
	CHECK(!strstr(text, "<table>"));
	close_page(&p);
	open_page(&p, rich);
	WRITTEN(CHECK_INT(tables_put(out, &p.profile, p.profile.start_us, NULL), 0));
	CHECK(strstr(text, "<caption>Where it grew") && strstr(text, "<caption>Children"));
	CHECK(strstr(text, "<td class=\"figure\">5.000</td><td "
			   "class=\"figure\">70.0</td><td>&lt;/script&gt;</td>"));
	CHECK(!strstr(text, "Who holds it"));
	close_page(&p);
}

static void a_card_that_never_lacked_memory_has_no_bill(void)
{
	struct page p;
	struct growth growth;
	open_page(&p, plain);
	CHECK_INT(growth_open(&growth, &p.profile.growth, NULL), 0);
	WRITTEN(CHECK_INT(card_bill_put(out, &p.profile, &growth), 0));
	CHECK_STR(text, "");
	growth_close(&growth);
	close_page(&p);
}

/* A file that is older than the recording, of 9 lines of which the fifth grew. */
static void put_source(const char *path, const char *at)
{
	char recording[2048];
	struct page p;
	struct growth growth;
	struct source_right right = { .n = 0 };
	snprintf(recording, sizeof recording,
		 "CMDLINE a\nMETA format=1 tool=mprof-c/1 metric=rss interval=0.1 pid=7 uids=%u\n"
		 "MEM 10.000000 %s\nPATH 1 %s\nFRAME 1 0 1 5 load\nGROW 60.000000 %s 70.000000 7 7 "
		 "1\n",
		 (unsigned)getuid(), at, path, at);
	open_page(&p, recording);
	source_right_of(&right, &p.profile);
	CHECK_INT(growth_open(&growth, &p.profile.growth, NULL), 0);
	WRITTEN(CHECK_INT(source_put(out, &p.profile, &growth, &right), 0));
	growth_close(&growth);
	close_page(&p);
}

static void the_source_of_a_file_that_is_as_it_was(void)
{
	char path[] = "/tmp/mprof-unit-source-XXXXXX";
	int fd = mkstemp(path);
	FILE *file = fdopen(fd, "w");
	for (int i = 1; i <= 9; i++)
		fprintf(file, "\tline %d <&>\n", i);
	fclose(file);
	put_source(path, "4000000000.000000");
	CHECK(strstr(text, "<pre>        line 5 &lt;&amp;"));
	CHECK(strstr(text, "line 2") && !strstr(text, "line 1 ") && !strstr(text, "line 9"));
	put_source(path, "1000.000000"); /* it has changed since */
	CHECK(!strstr(text, "line 5 "));
	CHECK(strstr(text, "60.0"));
	unlink(path);
	put_source(path, "4000000000.000000");
	CHECK(strstr(text, "not there any more") && strstr(text, "60.0"));
}

int main(void)
{
	RUN(the_data);
	RUN(only_the_parts_that_are_needed);
	RUN(the_picture_in_words);
	RUN(tables_are_there_for_what_is_told);
	RUN(a_card_that_never_lacked_memory_has_no_bill);
	RUN(the_source_of_a_file_that_is_as_it_was);
	return DONE();
}
