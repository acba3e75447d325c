#include "recorder/kernel/earlyoom.h"

#include <time.h>

#include "tests/pretend.h"

#define SENDS "sending SIGKILL to process 42 uid 1000 \"hog\": oom_score 800, VmRSS 900 MiB"

static void it_names_whom_it_signals(void)
{
	CHECK_INT(earlyoom_parse("sending SIGTERM to process 42 uid 1000 \"a b\": badness 7"), 42);
	CHECK_INT(earlyoom_parse(SENDS), 42);
	CHECK_INT(earlyoom_parse("sending SIGHUP to process 42"), 0);
	CHECK_INT(earlyoom_parse("sending SIGKILL to process x"), 0);
	CHECK_INT(earlyoom_parse("sending SIGKILL to process 99999999999"), 0);
	CHECK_INT(earlyoom_parse("name=sending SIGKILL to process 42"), 0);
	CHECK_INT(earlyoom_parse(""), 0);
}

static void a_line_of_syslogs_is_of_a_time(void)
{
	const int64_t at = 1764328929; /* 2025-11-28 11:22:09 UTC */
	setenv("TZ", "UTC0", 1);
	tzset();
	CHECK_INT(earlyoom_parse_syslog("Nov 28 11:22:09 box earlyoom[7]: " SENDS, at, at), 42);
	CHECK_INT(earlyoom_parse_syslog("Nov 28 11:22:09 box earlyoom: " SENDS, at, at), 42);
	CHECK_INT(earlyoom_parse_syslog("2025-11-28T11:22:09.123456Z box earlyoom[7]: " SENDS, at,
					at),
		  42);
	CHECK_INT(earlyoom_parse_syslog("2025-11-28T13:52:09.1+02:30 box earlyoom[7]: " SENDS, at,
					at),
		  42);
	CHECK_INT(
		earlyoom_parse_syslog("2025-11-28T06:22:09-05:00 box earlyoom[7]: " SENDS, at, at),
		42);
	CHECK_INT(earlyoom_parse_syslog("Nov 28 11:22:08 box earlyoom[7]: " SENDS, at, at), 0);
	CHECK_INT(earlyoom_parse_syslog("Nov 28 11:22:10 box earlyoom[7]: " SENDS, at, at), 0);
	CHECK_INT(earlyoom_parse_syslog("Nov 28 11:22:09 box other[7]: " SENDS, at, at), 0);
	CHECK_INT(earlyoom_parse_syslog("x box earlyoom[7]: " SENDS, at, at), 0);
	CHECK_INT(earlyoom_parse_syslog(" earlyoom", at, at), 0);
	CHECK_INT(earlyoom_parse_syslog("", at, at), 0);
}

static bool is_wanted(void *context, pid_t pid)
{
	return pid == *(pid_t *)context;
}

static bool killed(pid_t pid)
{
	const int64_t at = 1764328929;
	return earlyoom_killed(at - 5, at + 5, is_wanted, &pid);
}

static void put_program(const char *name, const char *text)
{
	char path[PATH_MAX];
	pretend_put(name, "%s", text);
	chmod(pretend_path(path, name), 0755);
}

static void its_log_is_read_where_it_is_installed(void)
{
	pretend_begin();
	pretend_put("/var/log/syslog", "Nov 28 11:22:09 box earlyoom[7]: " SENDS "\n");
	CHECK(!killed(42));
	put_program("/usr/bin/earlyoom", "");
	CHECK(killed(42));
	CHECK(!killed(43));
	pretend_end();
}

static void the_journal_is_asked(void)
{
	pretend_begin();
	put_program("/usr/bin/earlyoom", "");
	put_program("/usr/bin/journalctl",
		    "#!/bin/sh\n[ \"$*\" = \"-q --no-pager -ocat -n500 --since=@1764328924 "
		    "_COMM=earlyoom\" ] || exit 1\necho mem avail\necho '" SENDS "'\n");
	CHECK(killed(42));
	CHECK(!killed(43));
	put_program("/usr/bin/journalctl", "#!/bin/sh\nexec sleep 5\n");
	CHECK(!killed(42)); /* it is not waited for */
	pretend_end();
}

int main(void)
{
	RUN(it_names_whom_it_signals);
	RUN(a_line_of_syslogs_is_of_a_time);
	RUN(its_log_is_read_where_it_is_installed);
	RUN(the_journal_is_asked);
	return DONE();
}
