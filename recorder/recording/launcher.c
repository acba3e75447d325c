#include "recorder/recording/launcher.h"

#include <stddef.h>

#include "share/environment.h"

/* A rank that stands beside a launcher's own mark counts only where that mark is. */
static const struct {
	const char *rank;
	const char *mark;
} launchers[] = {
	{ "RANK", "TORCHELASTIC_RUN_ID" },
	{ "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_RANK" },
	{ "PMIX_RANK", "PMIX_RANK" },
	{ "PMI_RANK", "PMI_RANK" }, /* MPICH */
	{ "SLURM_PROCID", "SLURM_STEP_ID" },
	{ "JOB_COMPLETION_INDEX", "JOB_COMPLETION_INDEX" }, /* Kubernetes */
};
enum { N_LAUNCHERS = sizeof launchers / sizeof *launchers };

const char *launcher_rank(void)
{
	for (size_t i = 0; i < N_LAUNCHERS; i++)
		if (environment_word(launchers[i].rank) && environment_word(launchers[i].mark))
			return environment_word(launchers[i].rank);
	return NULL;
}

const char *launcher_job(void)
{
	static const char *const jobs[] = { "SLURM_JOB_ID", "PBS_JOBID", "LSB_JOBID", "JOB_ID",
					    "TORCHELASTIC_RUN_ID" };
	for (size_t i = 0; i < sizeof jobs / sizeof *jobs; i++)
		if (environment_word(jobs[i]))
			return environment_word(jobs[i]);
	return NULL;
}
