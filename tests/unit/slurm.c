#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "share/profile/profile.h"
#include "share/slurm/answer.h"
#include "share/slurm/max_rss.h"
#include "tests/check.h"

static char folder[] = "/tmp/mprof-slurm-XXXXXX";

static long ask(const char *script, int ms, char *out, size_t size)
{
	const char *const argv[] = { "sh", "-c", script, NULL };
	return answer_of("/bin/sh", (char *const *)argv, ms, out, size);
}

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void what_a_program_says(void)
{
	char text[16];
	CHECK_INT(ask("echo yes; echo no >&2", 5000, text, sizeof text), 4);
	CHECK_STR(text, "yes\n");
	CHECK_INT(ask("yes | head -c 300000", 5000, text, sizeof text), 15);
	CHECK_INT(ask("echo yes; exit 3", 5000, text, sizeof text), -EIO);
	CHECK(answer_of("/nowhere", (char *const[]){ NULL }, 100, text, sizeof text) < 0);
}

static void one_that_hangs_is_given_up(void)
{
	char text[16];
	double before = now();
	CHECK_INT(ask("sleep 30 & sleep 30", 100, text, sizeof text), -ETIMEDOUT);
	CHECK_INT(ask("exec >&-; sleep 30", 100, text, sizeof text), -EIO);
	CHECK(now() - before < 10);
}

static void put(const char *name, const char *script)
{
	char path[128];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	FILE *out = fopen(path, "w");
	if (!out)
		return;
	fprintf(out, "#!/bin/sh\n%s\n", script);
	fclose(out);
	chmod(path, 0755);
}

static bool asks(struct slurm_max_rss *said, const char *job, const char *step)
{
	char path[256], keys[] = "job", others[] = "step", one[64], other[128];
	struct profile_setting settings[] = { { keys, one }, { others, other } };
	const struct profile p = { .settings = settings, .n_settings = 2 };
	snprintf(one, sizeof one, "%s", job);
	snprintf(other, sizeof other, "%s", step);
	snprintf(path, sizeof path, "%s:/bin:/usr/bin", folder);
	setenv("PATH", path, 1);
	return slurm_ask(said, &p);
}

static void sstat_then_sacct(void)
{
	struct slurm_max_rss said;
	setenv("SLURM_JOB_ID", "28", 1);
	put("sstat", "printf '28.0|9K|n9|9\\n28.01|8K||\\n28.1|822196K|n0|3\\n'");
	put("sacct", "printf '28.2|1.50G||\\n28.3|||\\n28.4|x|n0|0\\n28.5\\n28.6|0|n0|0\\n'");
	CHECK(asks(&said, "28", "1"));
	CHECK_STR(said.by, "sstat");
	CHECK(said.told);
	CHECK_INT(said.bytes, 822196 * 1024);
	CHECK_STR(said.node, "n0");
	CHECK_STR(said.task, "3");
	CHECK(asks(&said, "28", "2"));
	CHECK_STR(said.by, "sacct");
	CHECK_INT(said.bytes, 1536 << 20);
	CHECK(asks(&said, "28", "3") && !said.told);
	CHECK(asks(&said, "28", "4") && !said.told);
	CHECK(!asks(&said, "28", "5"));
	CHECK(asks(&said, "28", "6") && !said.told);
	CHECK(!asks(&said, "28", "7"));
}

static void what_a_file_says_is_no_option(void)
{
	struct slurm_max_rss said;
	put("sstat", "printf '%s|8K||\\n' \"$4\"");
	CHECK(asks(&said, "28", "batch"));
	CHECK(!asks(&said, "--x", "1"));
	CHECK(!asks(&said, "28", "1 2"));
	CHECK(!asks(&said, "28", "1;x"));
	CHECK(!asks(&said, "28",
		    "123456789012345678901234567890123456789012345678901234567890"
		    "12345678901234567890"));
	unsetenv("SLURM_JOB_ID");
	CHECK(!asks(&said, "28", "batch"));
}

int main(void)
{
	CHECK(mkdtemp(folder) != NULL);
	RUN(what_a_program_says);
	RUN(one_that_hangs_is_given_up);
	RUN(sstat_then_sacct);
	RUN(what_a_file_says_is_no_option);
	char path[128];
	for (int i = 0; i < 2; i++) {
		snprintf(path, sizeof path, "%s/%s", folder, i ? "sacct" : "sstat");
		unlink(path);
	}
	rmdir(folder);
	return DONE();
}
