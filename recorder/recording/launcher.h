/* What started us, where that is the launcher of a job of many processes. Each kind leaves its own
 * mark in the environment. */
#pragma once

/* The rank among the processes of the job (of the first launcher that tells one), NULL: none. */
const char *launcher_rank(void);
const char *launcher_job(void); /* the job's number, or NULL */
