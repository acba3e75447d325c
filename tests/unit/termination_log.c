/* The words that a container leaves, in a machine that is made up. */
#include <fcntl.h>
#include <signal.h>

#include "recorder/probe_table.h"
#include "recorder/recording/recording.h"
#include "share/command.h"
#include "tests/pretend.h"

extern const struct probe probe_termination_log;

const struct program this_program = { .name = "test" };

static const struct probe *const alone[] = { &probe_termination_log, NULL };
static const int64_t MS = 1000000;
static const uint64_t MIB = 1 << 20;
static struct recording r;
static int64_t now;

/* A container of Kubernetes, whose log holds so much. */
static void begin(const char *text)
{
	pretend_begin();
	if (text)
		pretend_put("/dev/termination-log", "%s", text);
	setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1", 1);
	CHECK_INT(recording_init(&r, alone), -1);
	now = 1000 * MS;
	r.us = 1700000000000000;
	r.limit.bytes = 4096 * MIB;
	r.launcher.rank = "7";
	CHECK_INT(probes_check(&r.probes, &r), -1);
	probes_prepare(&r.probes, &r);
	probes_open(&r.probes, &r);
}

static const char *log_of(void)
{
	static char text[8192];
	char path[PATH_MAX];
	FILE *file = fopen(pretend_path(path, "/dev/termination-log"), "r");
	size_t n = file ? fread(text, 1, sizeof text - 1, file) : 0;
	text[n] = '\0';
	if (file)
		fclose(file);
	return file ? text : NULL;
}

static void sample_after(int64_t ms, uint64_t mib)
{
	now += ms * MS;
	r.us += ms * 1000;
	r.memory.bytes = mib * MIB;
	if (r.memory.bytes > r.memory.peak) {
		r.memory.peak = r.memory.bytes;
		r.memory.peak_us = r.us;
	}
	probes_sample(&r.probes, &r, now);
}

static void end(void)
{
	unsetenv("KUBERNETES_SERVICE_HOST");
	recording_close(&r);
	pretend_end();
}

static void the_peak_is_written_ahead(void)
{
	begin("");
	sample_after(0, 100);
	CHECK_STR(log_of(), "mprof-c: sampled peak 100.0 MiB of 4.00 GiB allowed at 2023-11-14 "
			    "22:13:20 UTC, rank 7\n");
	r.group = (struct group_result){ 4075 * MIB, r.us };
	sample_after(3000, 3000);
	CHECK_STR(log_of(), "mprof-c: sampled peak 2.93 GiB of 4.00 GiB allowed at 2023-11-14 "
			    "22:13:23 UTC, rank 7; its control group at least 3.98 GiB\n");
	end();
}

static void no_oftener_than_once_a_second(void)
{
	begin("");
	sample_after(0, 100);
	sample_after(500, 200);
	CHECK(strstr(log_of(), " 100.0 MiB ") != NULL);
	sample_after(500, 150);
	CHECK(strstr(log_of(), " 200.0 MiB ") != NULL);
	sample_after(2000, 209); /* not 5 % more */
	CHECK(strstr(log_of(), " 200.0 MiB ") != NULL);
	sample_after(2000, 211);
	CHECK(strstr(log_of(), " 211.0 MiB ") != NULL);
	end();
}

static void the_end_has_the_exact_words(void)
{
	begin("");
	sample_after(0, 100);
	r.peak = (struct peak_result){ .bytes = 120 * MIB, .known = KNOWN_EXACT };
	r.target.status = -SIGTERM;
	CHECK_INT(probes_say(&r.probes, &r, 5), 5);
	CHECK_STR(log_of(), "mprof-c: exact peak 120.0 MiB of 4.00 GiB allowed, rank 7; SIGTERM\n");
	r.kill.words = "killed: out of memory";
	probes_say(&r.probes, &r, 5);
	CHECK(strstr(log_of(), "rank 7; killed: out of memory\n") != NULL);
	end();
}

/* The program's own message, or another's, is worth more. */
static void what_others_write_stays(void)
{
	begin("cannot open the data\n");
	sample_after(0, 100);
	CHECK_STR(log_of(), "cannot open the data\n");
	end();
	begin("");
	sample_after(0, 100);
	pretend_put("/dev/termination-log", "%s", "cannot open the data\n");
	sample_after(2000, 300);
	probes_say(&r.probes, &r, 1);
	CHECK_STR(log_of(), "cannot open the data\n");
	end();
	begin("mprof-c: sampled peak 1.0 MiB\n");
	sample_after(0, 100);
	CHECK(strstr(log_of(), " 100.0 MiB ") != NULL);
	end();
}

static void where_there_is_none_none_is_made(void)
{
	begin(NULL);
	sample_after(0, 100);
	CHECK(log_of() == NULL);
	end();
}

static void the_outer_recording_speaks_for_the_container(void)
{
	setenv("MPROF_FILE", "/recordings/a.dat", 1);
	begin("");
	sample_after(0, 100);
	CHECK_STR(log_of(), "");
	end();
	unsetenv("MPROF_FILE");
}

/* A rank is what an environment says: any bytes. */
static void it_is_one_short_line(void)
{
	static char rank[5000];
	memset(rank, 'x', sizeof rank - 1);
	memcpy(rank, "a\nb\033", 4);
	begin("");
	r.launcher.rank = rank;
	sample_after(0, 100);
	const char *text = log_of();
	CHECK(strlen(text) < 512 && strchr(text, '\n') == text + strlen(text) - 1);
	CHECK(strchr(text, '\033') == NULL);
	end();
}

int main(void)
{
	RUN(the_peak_is_written_ahead);
	RUN(no_oftener_than_once_a_second);
	RUN(the_end_has_the_exact_words);
	RUN(what_others_write_stays);
	RUN(where_there_is_none_none_is_made);
	RUN(the_outer_recording_speaks_for_the_container);
	RUN(it_is_one_short_line);
	return DONE();
}
