#include "share/commands/handover.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "share/fault.h"
#include "share/version.h"

/* The plotter beside this very file: the build folder, a copied pair, /usr/bin. */
static int beside(char path[PATH_MAX])
{
	ssize_t n = readlink("/proc/self/exe", path, PATH_MAX - 16);
	if (n <= 0)
		return -errno;
	path[n] = '\0';
	char *slash = strrchr(path, '/');
	if (!slash)
		return -ENOENT;
	strcpy(slash + 1, "mprof-c-plot");
	return 0;
}

/* Returns when none of the places has it. */
static int become_plotter(char *words[])
{
	char path[PATH_MAX];
	if (beside(path) == 0)
		execv(path, words);
	execv(MPROF_LIBEXECDIR "/mprof-c-plot", words);
	execvp("mprof-c-plot", words);
	return fault(
		STATUS_FAULT,
		"cannot start the plotter, mprof-c-plot: %s; it belongs beside mprof-c or in %s",
		strerror(errno), MPROF_LIBEXECDIR);
}

int handover(char *argv[])
{
	size_t n = 0;
	while (argv[n])
		n++;
	char **words = calloc(n + 2, sizeof *words);
	if (!words)
		return fault(STATUS_FAULT, "out of memory");
	words[0] = (char[]){ "mprof-c-plot" };
	for (size_t i = 0; i < n; i++)
		words[i + 1] = argv[i];
	int status = become_plotter(words);
	free(words);
	return status;
}

int handover_with(char *const command[], size_t n_command, const char *const paths[],
		  size_t n_paths)
{
	char **words = calloc(n_command + n_paths + 2, sizeof *words);
	size_t n = 0;
	if (!words)
		return fault(STATUS_FAULT, "out of memory");
	for (size_t i = 0; i < n_command; i++)
		words[n++] = command[i];
	words[n++] = (char[]){ "--" };
	for (size_t i = 0; i < n_paths; i++)
		words[n++] = (char *)paths[i];
	int status = handover(words);
	free(words);
	return status;
}

static int run(int argc, char *argv[])
{
	(void)argc;
	return handover(argv);
}

const struct command command_plot = {
	.name = "plot",
	.usage = "[OPTIONS] [PROFILE …]",
	.summary = "draw one or several recordings",
	.run = run,
};
