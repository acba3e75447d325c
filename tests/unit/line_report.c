#include "share/commands/line_report.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "share/profile/profile.h"
#include "tests/check.h"

static char folder[] = "/tmp/mprof-report-XXXXXX";

static const char source[] = "import x\n"
			     "\n"
			     "@profile\n"
			     "def f(n):\n"
			     "\ta = [\n"
			     "\t\tn\n"
			     "\t]\n"
			     "\n"
			     "\treturn g(\n"
			     "\t\ta,\n"
			     "\t)\n"
			     "\n"
			     "def g(a): pass\n";

static void put(const char *name, const char *text)
{
	FILE *file = fopen(name, "w");
	fputs(text, file);
	fclose(file);
}

static struct profile load(const char *lines)
{
	struct profile profile;
	put("a.dat", lines);
	CHECK_INT(profile_load(&profile, "a.dat", NULL), 0);
	return profile;
}

/* What is printed of these LINE records, %s standing for the source's path. */
static char *printed(const char *lines, bool json, int precision)
{
	static char text[1 << 16];
	char records[1 << 12];
	snprintf(records, sizeof records, lines, folder, folder, folder, folder);
	struct profile p = load(records);
	FILE *out = fmemopen(text, sizeof text, "w");
	CHECK_INT(json ? line_report_json(&p, out) : line_report_text(&p, precision, out), 0);
	fclose(out);
	profile_free(&p);
	return text;
}

static void a_table_has_the_whole_function(void)
{
	char expected[4096];
	snprintf(expected, sizeof expected,
		 "Filename: %s/s.py\n\n"
		 "Line #    Mem usage    Increment         Peak  Occurrences   Line Contents\n"
		 "==========================================================================\n"
		 "     3    1.500 MiB    0.500 MiB    2.000 MiB           1   @profile\n"
		 "     4                                                      def f(n):\n"
		 "     5    1.500 MiB   -0.250 MiB 1234.500 MiB          12   \ta = [\n"
		 "     6                                                      \t\tn\n"
		 "     7                                                      \t]\n"
		 "     8                                                      \n"
		 "     9    1.000 MiB    0.000 MiB    1.000 MiB           1   \treturn g(\n"
		 "    10                                                      \t\ta,\n"
		 "    11                                                      \t)\n\n\n",
		 folder);
	CHECK_STR(printed("LINE %s/s.py:3 m.f 1.5 0.5 2.0 1 7\nLINE %s/s.py:5 m.f 1.5 -0.25 1234.5 "
			  "12 "
			  "7\nLINE %s/s.py:9 m.f 1.0 0.0 1.0 1 7\n",
			  false, 3),
		  expected);
}

static void processes_are_added_up(void)
{
	const char *text = printed("LINE %s/s.py:3 m.f 1.5 0.5 2.0 1 7\n"
				   "LINE %s/s.py:3 m.f 1.75 0.25 1.75 2 8\n",
				   false, 2);
	CHECK(strstr(text, "\nProcesses: 2; ") != NULL);
	CHECK(strstr(text,
		     "     3     1.75 MiB     0.75 MiB     2.00 MiB           3   @profile\n") !=
	      NULL);
}

static void what_other_threads_took_is_marked(void)
{
	const char *text = printed("LINE %s/s.py:3 m.f 9.5 8.0 9.5 1 7 1.75\n"
				   "LINE %s/s.py:3 m.f 9.5 2.0 9.5 1 8 0.75\n"
				   "LINE %s/s.py:5 m.f 9.5 8.0 9.5 1 7 1.75\n",
				   false, 2);
	CHECK(strstr(text, "\n*: a good part was taken by other threads") != NULL);
	CHECK(strstr(text, "9.50 MiB    10.00 MiB*    9.50 MiB           2   @profile\n") != NULL);
	CHECK(strstr(text, "9.50 MiB     8.00 MiB     9.50 MiB           1   \ta = [\n") != NULL);
}

static void functions_stand_as_in_their_file(void)
{
	const char *text = printed("LINE %s/s.py:13 m.g 1.0 0.0 1.0 1 7\n"
				   "LINE %s/other.py:2 o.f 1.0 0.0 1.0 1 7\n"
				   "LINE %s/s.py:3 m.f 1.5 0.5 2.0 1 7\n",
				   false, 3);
	const char *f = strstr(text, "@profile"), *g = strstr(text, "def g");
	CHECK(f && g && f < g);
	CHECK(strstr(text, "other.py") > g);
}

static void without_its_source_the_figures_stand(void)
{
	const char *text = printed("LINE '<made>:2' m.f 1.5 0.5 2.0 1 7\n", false, 3);
	CHECK(strstr(text, "Filename: <made>\n") != NULL);
	CHECK(strstr(text, "     2    1.500 MiB    0.500 MiB    2.000 MiB           1   \n") !=
	      NULL);
	printed("LINE /dev/zero:2147483647 m.f 1.5 0.5 2.0 1 7\n", false, 3); /* is not read */
}

/* 1970-01-12, long before this file was written. */
static void source_that_has_changed_is_not_shown(void)
{
	const char *text =
		printed("MEM 1.0 1000000.0\nLINE %s/s.py:3 m.f 1.5 0.5 2.0 1 7\n", false, 3);
	CHECK(strstr(text, "s.py\nChanged since the recording began") != NULL);
	CHECK(strstr(text, "     3    1.500 MiB    0.500 MiB    2.000 MiB           1   \n") !=
	      NULL);
	CHECK(strstr(text, "@profile") == NULL);
	text = printed("MEM 1.0 1000000.0\nLINE %s/s.py:3 m.f 1.5 0.5 2.0 1 7\n", true, 3);
	CHECK(strstr(text, "\"changed\": true") != NULL && strstr(text, "\"source\"") == NULL);
	text = printed("MEM 1.0 100000000000.0\nLINE %s/s.py:3 m.f 1.5 0.5 2.0 1 7\n", false, 3);
	CHECK(strstr(text, "@profile") != NULL && strstr(text, "Changed") == NULL);
}

static void json_is_escaped(void)
{
	char expected[4096];
	snprintf(
		expected, sizeof expected,
		"[\n  {\"file\": \"%s/\\\"q.py\", \"function\": \"m.f\", \"processes\": [7, 8],\n"
		"    \"lines\": [\n      {\"line\": 1, \"mib\": 1.500000, \"increment\": 0.500000, "
		"\"peak\": 2.000000, \"occurrences\": 2, \"source\": \"\\u0009x = "
		"\\\"\u00fc\\ufffd\"}]}\n]\n",
		folder);
	put("\"q.py", "\tx = \"\u00fc\xff\n");
	CHECK_STR(printed("LINE '%s/\"q.py:1' m.f 1.5 0.25 2.0 1 7\nLINE '%s/\"q.py:1' m.f 1.5 "
			  "0.25 2.0 1 8\n",
			  true, 0),
		  expected);
	CHECK_STR(printed("MEM 1.0 1700000000.0\n", true, 0), "[\n]\n");
}

int main(void)
{
	if (!mkdtemp(folder) || chdir(folder) < 0)
		return 1;
	put("s.py", source);
	RUN(a_table_has_the_whole_function);
	RUN(processes_are_added_up);
	RUN(what_other_threads_took_is_marked);
	RUN(functions_stand_as_in_their_file);
	RUN(without_its_source_the_figures_stand);
	RUN(source_that_has_changed_is_not_shown);
	RUN(json_is_escaped);
	unlink("s.py");
	unlink("a.dat");
	unlink("\"q.py");
	rmdir(folder);
	return DONE();
}
