/* The tables below the curve, and what they are made of. */
#include "plotter/live/below.h"

#include "tests/recorded.h"

static const char children[] = RECORDED_HEAD
	"MEM 100.000000 1700000000.000000\nMEM 130.000000 1700000010.000000\n"
	"PROC 11 99999999 1700000001.000000 worker\nPROC 12 99999999 1700000001.000000 "
	"worker\nPROC 13 99999999 1700000001.000000 sh\nPROC 14 99999999 "
	"1700000001.000000 gone\n"
	"CHLD 11 30.000000 1700000002.000000\nCHLD 11 20.000000 1700000010.000000\n"
	"CHLD 12 25.000000 1700000010.000000\nCHLD 14 99.000000 1700000002.000000\n"
	"GONE 14 1700000003.000000 99.000000 0\n";

static char text[8192];

static const char *drawn(const char *recording, int width, int height)
{
	struct profile profile;
	struct view view = { .width = width, .height = height };
	struct view_of of = { .profile = &profile };
	struct below below;
	struct cells cells;
	recorded_load(&profile, recording);
	CHECK_INT(below_make(&below, &of, &view), 0);
	CHECK_INT(cells_open(&cells, width, height, true), 0);
	below_put(&cells, &below);
	FILE *out = fmemopen(text, sizeof text, "w");
	cells_print(&cells, COLOURS_NONE, out);
	fclose(out);
	cells_close(&cells);
	below_free(&below);
	profile_free(&profile);
	return text;
}

static void children_that_live_stand_together_by_name(void)
{
	struct profile profile;
	struct role *roles;
	size_t n;
	recorded_load(&profile, children);
	CHECK_INT(roles_make(&roles, &n, &profile), 0);
	CHECK_INT(n, 2);
	CHECK_STR(roles[0].name, "worker");
	CHECK_INT(roles[0].n, 2);
	CHECK_INT(roles[0].umib, 45000000);
	CHECK_INT(roles[0].peak, 30000000);
	CHECK_STR(roles[1].name, "sh");
	CHECK_INT(roles[1].measured, 0); /* what it holds is not known: it is not 0 */
	free(roles);
	profile_free(&profile);
}

static void they_stand_in_rows(void)
{
	CHECK_STR(drawn(children, 60, 4), "children                number        now   each max\n"
					  "worker                       2   45.0 MiB   30.0 MiB\n"
					  "sh                           1\n\n");
}

static void what_has_no_row_is_summed_up(void)
{
	CHECK_STR(drawn(children, 60, 2), "children                number        now   each max\n"
					  "others                       3   45.0 MiB   30.0 MiB\n");
}

static void nothing_needs_no_rows(void)
{
	struct profile profile;
	struct view view = { .width = 80, .height = 24 };
	struct view_of of = { .profile = &profile };
	struct below below;
	recorded_load(&profile, RECORDED_HEAD "MEM 1.000000 1700000000.000000\n");
	CHECK_INT(below_make(&below, &of, &view), 0);
	CHECK_INT(below_rows(&below, 80), 0);
	below_free(&below);
	profile_free(&profile);
}

static void side_by_side_where_there_is_room(void)
{
	struct role roles[2] = { { "python3", 3, 0, 0, 0 }, { "sh", 1, 0, 0, 0 } };
	struct below below = { .roles = roles, .n_roles = 2 };
	struct cells cells;
	strcpy(below.lines.items[0].name, "grow.py:5 main");
	below.lines.items[0].net = below.lines.items[0].grew = 116200000;
	below.lines.n = below.lines.all = 1;
	CHECK_INT(below_rows(&below, 80), 3);
	CHECK_INT(below_rows(&below, 75), 5); /* under each other */
	roles[0].measured = 3;
	roles[0].umib = roles[0].peak = 53200000;
	CHECK_INT(cells_open(&cells, 80, 3, true), 0);
	below_put(&cells, &below);
	FILE *out = fmemopen(text, sizeof text, "w");
	cells_print(&cells, COLOURS_NONE, out);
	fclose(out);
	cells_close(&cells);
	CHECK_STR(text, "childrennumber        now   each max   net MiB    grew  so far\n"
			"python3      3   53.2 MiB   53.2 MiB    +116.2   116.2  grow.py:5 main\n"
			"sh           1\n");
}

static void what_the_keys_hide_is_not_made(void)
{
	struct profile profile;
	struct view view = { .hide_children = true, .hide_lines = true };
	struct view_of of = { .profile = &profile };
	struct below below;
	recorded_load(&profile, children);
	CHECK_INT(below_make(&below, &of, &view), 0);
	CHECK_INT(below.n_roles + below.lines.n, 0);
	below_free(&below);
	profile_free(&profile);
}

int main(void)
{
	RUN(children_that_live_stand_together_by_name);
	RUN(they_stand_in_rows);
	RUN(what_has_no_row_is_summed_up);
	RUN(nothing_needs_no_rows);
	RUN(side_by_side_where_there_is_room);
	RUN(what_the_keys_hide_is_not_made);
	return DONE();
}
