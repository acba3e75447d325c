#include "share/slurm/max_rss.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "share/environment.h"
#include "share/profile/profile.h"
#include "share/slurm/answer.h"

enum { PATIENCE = 2000 /* ms */, ANSWER_SIZE = 4096 };

/* A number of Slurm's, with a unit of 1024: "822196K", "0", "1.50G". */
static bool parse_size(const char *text, uint64_t *bytes)
{
	static const char units[] = "KMGT";
	char *end;
	if (!isdigit((unsigned char)*text))
		return false;
	double value = strtod(text, &end);
	const char *unit = *end ? strchr(units, *end) : NULL;
	if ((*end && !unit) || (unit && end[1]) || !(value < 1e15))
		return false;
	for (long i = unit ? unit - units : -1; i >= 0; i--)
		value *= 1024;
	*bytes = (uint64_t)value;
	return true;
}

/* "28.0|822196K|n0|3": of the lines, the one of that step. */
static bool parse(struct slurm_max_rss *said, char *text)
{
	char *line, *lines = text;
	while ((line = strsep(&lines, "\n"))) {
		const char *step = strsep(&line, "|"), *size = strsep(&line, "|");
		const char *node = strsep(&line, "|"), *task = strsep(&line, "|");
		if (!step || !size || strcmp(step, said->step) != 0)
			continue;
		said->told = parse_size(size, &said->bytes) && said->bytes > 0;
		snprintf(said->node, sizeof said->node, "%s", node ? node : "");
		snprintf(said->task, sizeof said->task, "%s", task ? task : "");
		return true;
	}
	return false;
}

static bool ask(struct slurm_max_rss *said, const char *program, int *patience)
{
	char path[PATH_MAX], text[ANSWER_SIZE];
	const char *const argv[] = {
		program, "-n", "-P", "-j", said->step, "-o", "JobID,MaxRSS,MaxRSSNode,MaxRSSTask",
		NULL
	};
	if (*patience == 0 || !environment_find(program, environment_is_executable, path))
		return false;
	long n = answer_of(path, (char *const *)argv, *patience, text, sizeof text);
	if (n == -ETIMEDOUT)
		*patience = 0;
	said->by = program;
	return n > 0 && parse(said, text);
}

/* Both come from a file, and become a word of a command line. */
static bool name_step(struct slurm_max_rss *said, const struct profile *p)
{
	const char *job = profile_setting(p, "job"), *step = profile_setting(p, "step");
	int n = job && step ? snprintf(said->step, sizeof said->step, "%s.%s", job, step) : -1;
	if (n < 0 || n >= (int)sizeof said->step)
		return false;
	for (const char *c = said->step; *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr("._+", *c))
			return false;
	return isdigit((unsigned char)*job);
}

/* One that hung is asked no more, whatever else there is to ask. */
bool slurm_ask(struct slurm_max_rss *said, const struct profile *p)
{
	static int patience = PATIENCE;
	*said = (struct slurm_max_rss){ 0 };
	return environment_word("SLURM_JOB_ID") && name_step(said, p) &&
	       (ask(said, "sstat", &patience) || ask(said, "sacct", &patience));
}
