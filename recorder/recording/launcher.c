#include "recorder/recording/launcher.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "recorder/kernel/procfs.h"
#include "share/environment.h"
#include "share/number.h"

enum { MOST_ENVIRONMENT = 1 << 20 };

/* A rank that stands beside a launcher's own mark counts only where that mark is. mpirun hands the
 * SLURM_PROCID of its own step to all of its ranks, so Slurm comes behind those that it starts. */
static const struct {
	const char *name, *rank, *mark, *ranks;
} launchers[] = {
	{ "torchrun", "RANK", "TORCHELASTIC_RUN_ID", "WORLD_SIZE" },
	{ "openmpi", "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE" },
	{ "pmix", "PMIX_RANK", "PMIX_RANK", "SLURM_STEP_NUM_TASKS" },
	{ "pmi", "PMI_RANK", "PMI_RANK", "PMI_SIZE" }, /* MPICH */
	{ "slurm", "SLURM_PROCID", "SLURM_STEP_ID", "SLURM_STEP_NUM_TASKS" },
	{ "kubernetes", "JOB_COMPLETION_INDEX", "JOB_COMPLETION_INDEX", NULL },
};

static const struct {
	const char *job, *mark;
} jobs[] = {
	{ "SLURM_JOB_ID", "SLURM_JOB_ID" },
	{ "PBS_JOBID", "PBS_JOBID" },
	{ "LSB_JOBID", "LSB_JOBID" },
	{ "JOB_ID", "SGE_TASK_ID" },
	{ "TORCHELASTIC_RUN_ID", "TORCHELASTIC_RUN_ID" },
	{ "PMIX_NAMESPACE", "PMIX_RANK" }, /* of one mpirun */
};

/* ---- an environment ---- */

static const char *find(const struct launcher *l, const char *name)
{
	size_t n = strlen(name);
	const char *at = l->environment, *end = at + l->size;
	for (; at < end; at += strlen(at) + 1)
		if (strncmp(at, name, n) == 0 && at[n] == '=')
			return at[n + 1] ? at + n + 1 : NULL;
	return NULL;
}

static const char *word(const struct launcher *l, const char *name)
{
	return l->environment ? find(l, name) : environment_word(name);
}

static const char *number(const struct launcher *l, const char *name)
{
	long value;
	const char *text = name ? word(l, name) : NULL;
	bool plain = text && strspn(text, "0123456789") == strlen(text);
	return plain && number_whole(text, &value) == 0 ? text : NULL;
}

static bool read_environment(struct launcher *l, pid_t pid)
{
	l->environment = calloc(1, MOST_ENVIRONMENT);
	ssize_t n =
		l->environment ? procfs_once(pid, "environ", l->environment, MOST_ENVIRONMENT) : -1;
	l->size = n > 0 ? (size_t)n : 0;
	return n > 0;
}

/* ---- what it tells ---- */

static void ask_rank(struct launcher *l)
{
	for (size_t i = 0; i < sizeof launchers / sizeof *launchers && !l->name; i++) {
		if (!number(l, launchers[i].rank) || !word(l, launchers[i].mark))
			continue;
		l->name = launchers[i].name;
		l->rank = number(l, launchers[i].rank);
		l->ranks = number(l, launchers[i].ranks);
	}
}

/* torchrun calls every run "none" that was given no name. */
static void ask_job(struct launcher *l)
{
	for (size_t i = 0; i < sizeof jobs / sizeof *jobs && !l->job; i++)
		if (word(l, jobs[i].mark))
			l->job = word(l, jobs[i].job);
	if (l->job && l->job == word(l, "TORCHELASTIC_RUN_ID") && strcmp(l->job, "none") == 0)
		l->job = NULL;
}

/* A batch script has a rank of Slurm's, and no step: that is called "batch" by Slurm itself. */
static void ask_step(struct launcher *l)
{
	l->step = word(l, "SLURM_JOB_ID") ? word(l, "SLURM_STEP_ID") : NULL;
	if (l->name || l->step || !word(l, "SLURM_JOB_ID") || !word(l, "SLURM_PROCID"))
		return;
	l->name = "slurm";
	l->step = "batch";
}

static void ask_restart(struct launcher *l)
{
	l->restart = number(l, "TORCHELASTIC_RESTART_COUNT");
	if (!l->restart)
		l->restart = number(l, "SLURM_RESTART_COUNT");
}

/* Slurm's name of it counts where Slurm itself has started the process, or what did: an mpirun in a
 * batch script hands its own node's to all others. */
static void ask_node(struct launcher *l)
{
	const char *told = word(l, "SLURMD_NODENAME");
	char host[256] = "";
	if (!told || !l->step)
		gethostname(host, sizeof host - 1);
	snprintf(l->node, sizeof l->node, "%.*s", (int)sizeof l->node - 1,
		 *host  ? host
		 : told ? told
			: "");
	l->node[strcspn(l->node, ".")] = '\0';
}

void launcher_ask(struct launcher *l, pid_t pid)
{
	*l = (struct launcher)LAUNCHER_NONE;
	if (pid != getpid() && (pid <= 0 || !read_environment(l, pid)))
		return;
	ask_rank(l);
	ask_job(l);
	ask_step(l);
	ask_restart(l);
	if (l->name)
		ask_node(l);
}

void launcher_free(struct launcher *l)
{
	free(l->environment);
	*l = (struct launcher)LAUNCHER_NONE;
}

long launcher_ranks(const struct launcher *l)
{
	long value = 0;
	return l->ranks && number_whole(l->ranks, &value) == 0 ? value : 0;
}

bool launcher_is_aside(const struct launcher *l)
{
	long rank = 0;
	return l->rank && number_whole(l->rank, &rank) == 0 && rank != 0;
}
