/* Tells the target, and so all its descendants, where its recording is: MPROF_FILE holds the
 * absolute path of the file, to which whole lines may be appended (O_APPEND, one write a record).
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "recorder/probes/probe.h"
#include "recorder/record.h"
#include "recorder/recording/running.h"

/* No realpath(3): it would cost a system call for every folder of the path. */
static int absolute(char path[PATH_MAX], const char *name)
{
	char folder[PATH_MAX];
	int n;
	if (*name == '/')
		n = snprintf(path, PATH_MAX, "%s", name);
	else if (!getcwd(folder, sizeof folder))
		return -errno;
	else
		n = snprintf(path, PATH_MAX, "%s/%s", folder, name);
	return n < PATH_MAX ? 0 : -ENAMETOOLONG;
}

/* Into a pipe or a device nobody else writes; what stands in the environment is then the recording
 * around this one. */
static void prepare(void *state, struct recording *recording)
{
	char path[PATH_MAX];
	struct stat status;
	(void)state;
	if (fstat(recording->writer.fd, &status) < 0 || !S_ISREG(status.st_mode) ||
	    absolute(path, recording->path) < 0)
		return;
	running_hold(recording->writer.fd);
	setenv(RUNNING_FILE, path, 1);
}

static int take_no_part(void *state, struct watch *watch)
{
	(void)state;
	(void)watch;
	return -ENOTSUP;
}

const struct probe probe_announce = {
	.name = "announce",
	.prepare = prepare,
	.open = take_no_part,
};
