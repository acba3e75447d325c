/* Tells the target, and so all its descendants, where its recording is: MPROF_FILE holds the
 * absolute path of the file, to which whole lines may be appended (O_APPEND, one write a record).
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "recorder/recording/recording.h"
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

/* Whoever looks at the recording sees that it goes on. */
static void started(void *state, struct recording *r)
{
	struct stat status;
	(void)state;
	if (fstat(r->writer.fd, &status) == 0 && S_ISREG(status.st_mode))
		running_hold(r->writer.fd);
}

/* Into a pipe or a device nobody else writes; what stands in the environment is then the recording
 * around this one. */
static void prepare(void *state, struct recording *r)
{
	char path[PATH_MAX];
	struct stat status;
	(void)state;
	if (fstat(r->writer.fd, &status) < 0 || !S_ISREG(status.st_mode) ||
	    absolute(path, r->path) < 0)
		return;
	running_hold(r->writer.fd);
	setenv(RUNNING_FILE, path, 1);
}

const struct probe probe_announce = {
	.prepare = prepare,
	.started = started,
};
