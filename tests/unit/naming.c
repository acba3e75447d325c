#include "recorder/recording/naming.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "recorder/recording/launcher.h"
#include "tests/check.h"

static const char *const variables[] = { "RANK",
					 "TORCHELASTIC_RUN_ID",
					 "OMPI_COMM_WORLD_RANK",
					 "PMIX_RANK",
					 "PMI_RANK",
					 "SLURM_PROCID",
					 "SLURM_STEP_ID",
					 "JOB_COMPLETION_INDEX",
					 "SLURM_JOB_ID",
					 "PBS_JOBID",
					 "LSB_JOBID",
					 "JOB_ID" };

static void clear(void)
{
	for (size_t i = 0; i < sizeof variables / sizeof *variables; i++)
		unsetenv(variables[i]);
	setenv("TZ", "UTC", 1);
}

static const char *expand(const char *template)
{
	static char text[256];
	char *name, bad;
	struct launcher launcher;
	launcher_ask(&launcher, getpid());
	const struct naming naming = { &launcher, 77, 1700000000 };
	int r = naming_expand(template, &naming, &name, &bad);
	if (r < 0)
		return r == -ENOENT ? "-ENOENT" : r == -EINVAL ? "-EINVAL" : "?";
	snprintf(text, sizeof text, "%s", name);
	free(name);
	return text;
}

static void letters_are_filled_in(void)
{
	char host[256] = "";
	clear();
	CHECK_STR(expand("plain.dat"), "plain.dat");
	CHECK_STR(expand("a%p-%t%%.dat"), "a77-20231114221320%.dat");
	gethostname(host, sizeof host - 1);
	CHECK_STR(expand("%h"), host);
}

static void what_is_unknown_is_refused(void)
{
	clear();
	CHECK_STR(expand("%x"), "-EINVAL");
	CHECK_STR(expand("a%"), "-EINVAL");
	CHECK_STR(expand("%r"), "-ENOENT");
	CHECK_STR(expand("%j"), "-ENOENT");
}

static void ranks_by_their_launcher(void)
{
	clear();
	setenv("RANK", "9", 1); /* anybody may set this: alone it is no launcher's */
	CHECK_STR(expand("%r"), "-ENOENT");
	setenv("SLURM_PROCID", "4", 1); /* also set in a batch script, outside of any step */
	CHECK_STR(expand("%r"), "-ENOENT");
	setenv("SLURM_STEP_ID", "0", 1);
	CHECK_STR(expand("%r"), "4");
	setenv("PMI_RANK", "3", 1);
	CHECK_STR(expand("%r"), "3");
	setenv("TORCHELASTIC_RUN_ID", "run", 1);
	CHECK_STR(expand("%r"), "9");
}

static void a_job_makes_no_folders(void)
{
	clear();
	setenv("SLURM_JOB_ID", "../../x", 1);
	CHECK_STR(expand("%j"), ".._.._x");
}

int main(void)
{
	RUN(letters_are_filled_in);
	RUN(what_is_unknown_is_refused);
	RUN(ranks_by_their_launcher);
	RUN(a_job_makes_no_folders);
	return DONE();
}
